// A history of any length is read as it was written, while the payment's document stays small.

import assert from "node:assert/strict";
import { HISTORY_MAX, movedOf, PART } from "../../../adapters/mongo/history_tail.ts";
import type { Payment } from "../../../domain/payment.ts";
import { inserted, saved, type Stores } from "../../contracts/stores.ts";
import { inDatabase, mongoForTests } from "../../support/mongo_server.ts";
import { BY_TEST, NOW } from "../../support/payments.ts";

const mongo = await mongoForTests();
const ALL = { perPage: 9, page: 1 };

function longer(payment: Payment, by: number): Payment {
  const { submission, status, attempt } = payment;
  const events = Array.from({ length: by }, (_, n) => ({
    at: NOW + payment.history.length + n,
    submission,
    status,
    attempt,
    cause: BY_TEST,
    note: `note ${n}`,
  }));
  return { ...payment, history: [...payment.history, ...events] };
}

async function withHistory(stores: Stores, length: number): Promise<Payment> {
  const before = await inserted(stores);
  return await saved(stores, before, longer(before, length - 1));
}

Deno.test("movedOf() leaves the newest two hundred at least and moves whole parts only", () => {
  for (let length = 0; length < 1_000; length++) {
    const moved = movedOf(length);
    assert.equal(moved % PART, 0);
    assert.ok(length - moved <= HISTORY_MAX);
    assert.ok(moved === 0 || length - moved > HISTORY_MAX - PART);
  }
});

if (mongo !== undefined) {
  const inlineLength = (url: string, id: string) =>
    inDatabase(url, async (database) => {
      const stored = await database.collection("konsol_payments").findOne({ _id: id as never });
      return stored?.history.length;
    });

  Deno.test("get(), list() and due() give the whole history, moved or not", async () => {
    const stores = await mongo.openStores();
    const short = await withHistory(stores, 3);
    let long = await withHistory(stores, 450);
    for (let n = 0; n < 3; n++) long = await saved(stores, long, longer(long, 1));
    assert.equal(long.history.length, 453);
    assert.deepEqual(await stores.payments.get(long.id), long);
    assert.deepEqual((await stores.payments.list({}, ALL)).items, [long, short]);
    assert.deepEqual(await stores.payments.due(["queued"], NOW, 9), [short, long]);
    assert.equal(await inlineLength(stores.url, long.id), 453 - movedOf(452));
    await stores.close();
  });

  Deno.test("save() that is stale moves nothing that another history would miss", async () => {
    const stores = await mongo.openStores();
    const before = await withHistory(stores, 350);
    const won = longer(before, 1);
    const answers = await Promise.all(
      [won, longer(before, 2), longer(before, 3)].map((one) => stores.payments.save(before, one)),
    );
    const [first] = answers.flatMap((answer) => answer.kind === "saved" ? [answer.item] : []);
    assert.equal(answers.filter(({ kind }) => kind === "stale").length, 2);
    assert.deepEqual(await stores.payments.get(before.id), first);
    await stores.close();
  });

  Deno.test("get() says so when a part of a history is gone, rather than showing the rest", async () => {
    const stores = await mongo.openStores();
    const before = await withHistory(stores, 350);
    await saved(stores, before, longer(before, 1));
    await inDatabase(
      stores.url,
      (database) => database.collection("konsol_payment_history").deleteOne({}),
    );
    await assert.rejects(stores.payments.get(before.id), /parts of its history are gone/);
    await stores.close();
  });
}
