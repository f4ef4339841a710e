// A database file full of callbacks that are due, made as the service makes them: each with its payment and event.

import { writeEvent } from "../../adapters/http/event_body.ts";
import { openSqliteStores } from "../../adapters/sqlite/open_sqlite_stores.ts";
import { systemClock as clock } from "../../adapters/system/system_clock.ts";
import { createIds } from "../../adapters/system/system_ids.ts";
import { tellEvents } from "../../application/tell_events.ts";
import { aPayment } from "../support/payments.ts";

/** Stored at once, in one transaction. */
const BATCH = 200;

/** One a payment, to the URLs in turn; the payments themselves want nothing done. */
export async function storeDueCallbacks(
  path: string,
  count: number,
  urls: readonly string[],
): Promise<void> {
  const stores = openSqliteStores(path);
  const ports = { payments: stores.payments, clock, ids: createIds(clock), writeEvent };
  const payments = tellEvents(ports, () => {});
  const all = Array.from(
    { length: count },
    (_, n) => aPayment({ dueAt: undefined, callbackUrl: urls[n % urls.length] }),
  );
  for (let from = 0; from < count; from += BATCH) {
    await Promise.all(
      all.slice(from, from + BATCH).map((payment) => payments.insertOrGet(payment)),
    );
  }
  await stores.close();
}
