// When the database fails: all rejects with StoreUnavailable, none is acknowledged, it recovers.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openSqliteStores } from "../../../adapters/sqlite/open_sqlite_stores.ts";
import { StoreUnavailable } from "../../../application/store_unavailable.ts";
import type { Payment } from "../../../domain/payment.ts";
import { asStored, inserted, type Stores } from "../../contracts/stores.ts";
import { anEvent, CALLBACK_URL } from "../../support/callbacks.ts";
import { aPayment } from "../../support/payments.ts";
import { asOther, withFile } from "./temp_file.ts";

const ALL = { perPage: 100, page: 1 };

/** Room for the schema and a few payments. */
const FEW_PAGES = 50;

async function unacknowledged(stores: Stores, payments: readonly Payment[]): Promise<void> {
  const answers = await Promise.allSettled(payments.map((one) => stores.payments.insertOrGet(one)));
  for (const answer of answers) {
    assert.ok(answer.status === "rejected" && answer.reason instanceof StoreUnavailable);
  }
}

/** While this stands, a transaction that inserts a payment fails, and not before its COMMIT. */
const DOOM = `
  CREATE TABLE parents (id INTEGER PRIMARY KEY);
  CREATE TABLE orphans (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
  CREATE TRIGGER doom AFTER INSERT ON payments BEGIN INSERT INTO orphans VALUES (1); END;
`;

Deno.test("save(), insertOrGet() and check() reject together when their COMMIT fails", () =>
  withFile(async (path) => {
    const stores = openSqliteStores(path);
    const before = await inserted(stores);
    asOther(path, (database) => database.exec(DOOM));
    const answers = await Promise.allSettled([
      stores.payments.save(before, { ...before, description: "harmless by itself" }),
      stores.payments.insertOrGet(aPayment()),
      stores.payments.insertOrGet(aPayment({ externalId: before.externalId })),
      stores.storeHealth.check(),
    ]);
    for (const answer of answers) {
      assert.ok(answer.status === "rejected" && answer.reason instanceof StoreUnavailable);
      assert.match(answer.reason.message, /Cannot commit to the SQLite store .*FOREIGN KEY/);
    }
    assert.deepEqual((await stores.payments.list({}, ALL)).items, [before]);
    await stores.close();
  }));

Deno.test("insertOrGet() that is not committed tells of nothing and calls nobody back", () =>
  withFile(async (path) => {
    const stores = openSqliteStores(path);
    asOther(path, (database) => database.exec(DOOM));
    const event = anEvent({ callbackUrl: CALLBACK_URL });
    const payment = aPayment({ id: event.paymentId });
    await assert.rejects(stores.payments.insertOrGet(payment, [event]), StoreUnavailable);
    assert.deepEqual(await stores.events.list(undefined, 9), []);
    assert.equal(await stores.callbacks.get(event.id), undefined);
    asOther(path, (database) => database.exec("DROP TRIGGER doom"));
    await stores.payments.insertOrGet(payment, [event]);
    assert.equal((await stores.events.list(undefined, 9))?.length, 1);
    await stores.close();
  }));

Deno.test("insertOrGet() works again once the COMMIT does", () =>
  withFile(async (path) => {
    const stores = openSqliteStores(path);
    asOther(path, (database) => database.exec(DOOM));
    const payment = aPayment();
    await unacknowledged(stores, [payment]);
    asOther(path, (database) => database.exec("DROP TRIGGER doom"));
    assert.equal((await stores.payments.insertOrGet(payment)).kind, "inserted");
    await stores.close();
  }));

Deno.test("insertOrGet() on a full disk acknowledges nothing and loses nothing acknowledged", () =>
  withFile(async (path) => {
    const stores = openSqliteStores(path, { pagesMax: FEW_PAGES });
    const before = await inserted(stores);
    const huge = Array.from({ length: 3 }, () => aPayment({ description: "x".repeat(100_000) }));
    await unacknowledged(stores, [aPayment(), ...huge, aPayment()]);
    assert.deepEqual((await stores.payments.list({}, ALL)).items, [before]);
    await stores.close();
    const roomy = openSqliteStores(path);
    assert.deepEqual((await roomy.payments.list({}, ALL)).items, [before]);
    assert.equal((await roomy.payments.insertOrGet(huge[0]!)).kind, "inserted");
    await roomy.close();
  }));

Deno.test("insertOrGet() on a full disk takes what fits afterwards", () =>
  withFile(async (path) => {
    const stores = openSqliteStores(path, { pagesMax: FEW_PAGES });
    await unacknowledged(stores, [aPayment({ description: "x".repeat(100_000) })]);
    const payment = await inserted(stores);
    assert.deepEqual(await stores.payments.get(payment.id), asStored(payment));
    await stores.close();
  }));

Deno.test("insertOrGet() on a locked database rejects while get() answers, then recovers", () =>
  withFile(async (path) => {
    const stores = openSqliteStores(path, { busyTimeoutMs: 1 });
    const before = await inserted(stores);
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    const payment = aPayment();
    await unacknowledged(stores, [payment]);
    assert.deepEqual(await stores.payments.get(before.id), before);
    other.exec("ROLLBACK");
    assert.equal((await stores.payments.insertOrGet(payment)).kind, "inserted");
    other.close();
    await stores.close();
  }));

Deno.test("put() of control rejects while writes fail, and get() answers", () =>
  withFile(async (path) => {
    const stores = openSqliteStores(path, { busyTimeoutMs: 1 });
    await stores.control.put("key", undefined, "before");
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    await assert.rejects(stores.control.put("key", 1, "after"), StoreUnavailable);
    assert.deepEqual(await stores.control.get("key"), { value: "before", version: 1 });
    other.close();
    assert.equal(await stores.control.put("key", 1, "after"), true);
    await stores.close();
  }));

Deno.test("check() rejects with the reason while writes fail", () =>
  withFile(async (path) => {
    const stores = openSqliteStores(path, { busyTimeoutMs: 1 });
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    await assert.rejects(stores.storeHealth.check(), /the SQLite store .* database is locked/);
    other.close();
    await stores.close();
  }));

Deno.test("check() writes once a second, and its answer holds for that second", () =>
  withFile(async (path) => {
    let now = 5_000;
    const stores = openSqliteStores(path, { monotonic: () => now });
    const beats: unknown[] = [];
    for (now of [5_000, 5_000, 5_999, 6_000, 6_999, 7_500]) {
      await stores.storeHealth.check();
      const row = asOther(path, (other) => other.prepare("SELECT beats FROM health").get());
      beats.push(row?.beats);
    }
    assert.deepEqual(beats, [1, 1, 1, 2, 2, 3]);
    await stores.close();
  }));

Deno.test("check() says that the store failed until the second is over, then asks again", () =>
  withFile(async (path) => {
    let now = 0;
    const stores = openSqliteStores(path, { monotonic: () => now, busyTimeoutMs: 1 });
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    await assert.rejects(stores.storeHealth.check(), StoreUnavailable);
    other.close();
    now = 999;
    await assert.rejects(stores.storeHealth.check(), StoreUnavailable);
    now = 1_000;
    await stores.storeHealth.check();
    await stores.close();
  }));
