// Laws of the schema's steps: none that was released changes, and each takes what is there along.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { MIGRATIONS } from "../../../adapters/sqlite/migrations.ts";
import { openSqliteStores } from "../../../adapters/sqlite/open_sqlite_stores.ts";
import { idsOf } from "../../contracts/stores.ts";
import { anEvent, CALLBACK_URL } from "../../support/callbacks.ts";
import { aCard, aPayment } from "../../support/payments.ts";
import { aWebhook } from "../../support/webhooks.ts";
import { asOther, withFile } from "./temp_file.ts";

const ALL = { perPage: 100, page: 1 };
const APPLICATION_ID = 0x6b706179;

/** Steps that are in files out there; add the next one when it is released. */
const RELEASED = ["2ba19ad69c298359efff3e401fc732ed02e54cab60895f410a4d7a70bab5cb36"];

/** A file as the first release wrote it. */
function writeFirstSchema(path: string, table: string, records: readonly { id: string }[]): void {
  asOther(path, (database) => {
    database.exec(`PRAGMA journal_mode = WAL; ${MIGRATIONS[0]}`);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1`);
    const insert = database.prepare(`INSERT INTO ${table} (id, version, record) VALUES (?, 1, ?)`);
    for (const record of records) insert.run(record.id, JSON.stringify(record));
  });
}

Deno.test("MIGRATIONS keep every released step as it was", () => {
  const hashes = MIGRATIONS.map((step) => createHash("sha256").update(step).digest("hex"));
  assert.deepEqual(hashes.slice(0, RELEASED.length), RELEASED);
});

Deno.test("migrate() takes an empty file to the newest schema", () =>
  withFile(async (path) => {
    await Deno.writeFile(path, new Uint8Array());
    await openSqliteStores(path).close();
    const version = asOther(path, (database) => database.prepare("PRAGMA user_version").get());
    assert.equal(version?.user_version, MIGRATIONS.length);
  }));

Deno.test("migrate() finds the reviews among payments of the first schema", () =>
  withFile(async (path) => {
    const payments = [
      aPayment({ submission: "review" }),
      aPayment(),
      aPayment({ submission: "settled", status: "completed", providerDisagrees: true }),
      aPayment({ submission: "settled", providerDisagrees: true, acknowledgedAt: 5 }),
    ];
    writeFirstSchema(path, "payments", payments);
    const stores = openSqliteStores(path);
    const expected = [payments[2]!.id, payments[0]!.id];
    assert.deepEqual(idsOf((await stores.payments.listReviews(ALL)).items), expected);
    assert.equal((await stores.payments.list({}, ALL)).total, 4);
    await stores.close();
  }));

Deno.test("migrate() finds the unworked among webhooks of the first schema", () =>
  withFile(async (path) => {
    const done = aWebhook({ dueAt: undefined, wantedSince: 99 });
    const due = aWebhook({ dueAt: 5, lastReceivedAt: 10, wantedSince: 10 });
    writeFirstSchema(path, "webhooks", [done, due]);
    const stores = openSqliteStores(path);
    assert.equal(await stores.webhooks.countUnworked(9), 1);
    assert.deepEqual(
      [await stores.webhooks.hasUnworked(10), await stores.webhooks.hasUnworked(11)],
      [
        true,
        false,
      ],
    );
    await stores.close();
  }));

Deno.test("migrate() lets payments of the first schema be told of from now on", () =>
  withFile(async (path) => {
    const payment = aPayment();
    writeFirstSchema(path, "payments", [payment]);
    const stores = openSqliteStores(path);
    assert.deepEqual(await stores.events.list(undefined, 9), []);
    const event = anEvent({ paymentId: payment.id, callbackUrl: CALLBACK_URL });
    await stores.payments.save(payment, payment, [event]);
    assert.deepEqual(idsOf(await stores.events.list(undefined, 9) ?? []), [event.id]);
    assert.deepEqual(await stores.callbacks.dueHosts(event.createdAt, 9), ["shop.example"]);
    await stores.close();
  }));

Deno.test("migrate() takes out of payments what is not kept of cards any more", () =>
  withFile(async (path) => {
    const recipient = { ...aCard(), fingerprint: "hash" };
    const open = aPayment({ recipient });
    const contradicted = aPayment({ recipient, submission: "review", providerDisagrees: true });
    writeFirstSchema(path, "payments", [open, contradicted]);
    const stores = openSqliteStores(path);
    const { sealedNumber, ...shredded } = aCard();
    assert.deepEqual((await stores.payments.get(open.id))?.recipient, {
      ...shredded,
      sealedNumber,
    });
    assert.deepEqual((await stores.payments.get(contradicted.id))?.recipient, shredded);
    await stores.close();
  }));
