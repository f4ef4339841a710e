// Waits until a store has told all that was stored before: a log may list events a moment after their write.

import assert from "node:assert/strict";
import type { Callback } from "../../domain/callback.ts";
import type { NewEvent, StoredEvent } from "../../domain/payment_news.ts";
import { anEvent, CALLBACK_URL } from "../support/callbacks.ts";
import { eventually } from "../support/eventually.ts";
import { aPayment } from "../support/payments.ts";
import type { Stores } from "./stores.ts";

const LAST = "the last word";
const PER_PAGE = 100;

/**
 * All events that were stored before this call, as the log lists them: one more is stored and waited for,
 * and nothing can appear before it any more.
 */
export async function toldEvents(stores: Stores): Promise<readonly StoredEvent[]> {
  const last = anEvent({ body: LAST, callbackUrl: CALLBACK_URL });
  await stores.payments.insertOrGet(aPayment({ id: last.paymentId }), [last]);
  return await eventually(async () => {
    const events = await listedEvents(stores);
    assert.ok(await stores.callbacks.get(last.id));
    assert.ok(events.some(({ id }) => id === last.id));
    return events.filter(({ body }) => body !== LAST);
  });
}

/** All events that are listed now. */
export async function listedEvents({ events }: Stores): Promise<readonly StoredEvent[]> {
  const listed: StoredEvent[] = [];
  for (;;) {
    const page = await events.list(listed.at(-1)?.id, PER_PAGE) ?? assert.fail("a cursor is gone");
    listed.push(...page);
    if (page.length < PER_PAGE) return listed;
  }
}

/** As the log gives it: without what was only for the store. */
export function asListed({ ordinal: _, callbackUrl: __, ...event }: NewEvent): StoredEvent {
  return event;
}

/** A callback that came into being with its event; what newCallback() does not say is saved over it. */
export async function storedCallback(
  stores: Stores,
  overrides: Partial<Callback> = {},
): Promise<Callback> {
  const { url = CALLBACK_URL, version: _, ...changes } = overrides;
  const event = anEvent({ ...given(overrides), callbackUrl: url });
  const payment = await stores.payments.get(event.paymentId);
  if (payment === undefined) {
    await stores.payments.insertOrGet(aPayment({ id: event.paymentId }), [event]);
  } else {
    const answer = await stores.payments.save(payment, payment, [event]);
    assert.equal(answer.kind, "saved");
  }
  const made = await eventually(async () => await stores.callbacks.get(event.id) ?? false);
  const answer = await stores.callbacks.save(made, { ...made, ...changes });
  return answer.kind === "saved" ? answer.item : assert.fail(`it was not saved: ${answer.kind}`);
}

function given({ id, paymentId, ordinal, createdAt, type }: Partial<Callback>): Partial<NewEvent> {
  const fields = Object.entries({ id, paymentId, ordinal, createdAt, type });
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}
