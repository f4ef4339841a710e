// The contract of PaymentStore: every law that a store of payments keeps, whatever it is made of.

import assert from "node:assert/strict";
import type { Payment } from "../../domain/payment.ts";
import { aPayment, NOW } from "../support/payments.ts";
import { listContract } from "./list_contract.ts";
import { paymentEventsContract } from "./payment_events_contract.ts";
import { paymentFilterContract } from "./payment_filter_contract.ts";
import { paymentInsertContract } from "./payment_insert_contract.ts";
import { paymentReviewContract } from "./payment_review_contract.ts";
import { paymentSaveContract } from "./payment_save_contract.ts";
import { idsOf, inserted, lawOf, type OpenStores, saved, STRANGE_TEXTS, tamper } from "./stores.ts";

export function paymentStoreContract(name: string, open: OpenStores): void {
  paymentInsertContract(name, open);
  getLaws(name, open);
  paymentSaveContract(name, open);
  paymentEventsContract(name, open);
  dueLaws(name, open);
  paymentFilterContract(name, open);
  paymentReviewContract(name, open);
  listContract(name, open, {
    make: (createdAt) => aPayment({ createdAt }),
    insert: ({ payments }, payment: Payment) => payments.insertOrGet(payment),
    list: ({ payments }, page) => payments.list({}, page),
  });
}

function getLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("get() gives every text back as it was", async (stores) => {
    const metadata = Object.fromEntries(STRANGE_TEXTS.map((text) => [text, [text, { text }]]));
    const payment = await inserted(stores, { metadata, description: STRANGE_TEXTS.join() });
    assert.deepEqual(await stores.payments.get(payment.id), payment);
    assert.deepEqual(payment.metadata, metadata);
  });

  law("get() gives every number back as it was", async (stores) => {
    const metadata = { numbers: [0.1, -1e-7, 2 ** 53, 1e300, 9_007_199_254_740_991] };
    const amountMinor = Number.MAX_SAFE_INTEGER;
    const payment = await inserted(stores, { metadata, amountMinor, dueAt: NOW + 0.5 });
    assert.deepEqual(await stores.payments.get(payment.id), payment);
    assert.deepEqual([payment.metadata, payment.amountMinor, payment.dueAt], [
      metadata,
      amountMinor,
      NOW + 0.5,
    ]);
  });

  law("get() gives absent fields as absent", async (stores) => {
    const { id } = await inserted(stores, { konsolId: undefined, dueAt: undefined });
    const payment = await stores.payments.get(id) ?? assert.fail("it is gone");
    assert.ok(!("konsolId" in payment) && !("dueAt" in payment));
  });

  law("get() gives undefined for what is not there", async ({ payments }) => {
    const answers = await Promise.all([
      payments.get("pay_none"),
      payments.getByKonsolId("none"),
      payments.getByExternalId("none"),
    ]);
    assert.deepEqual(answers, [undefined, undefined, undefined]);
  });

  law("get() gives a value that nobody else holds", async (stores) => {
    const payment = aPayment({ metadata: { shop: "one" } });
    const answer = await stores.payments.insertOrGet(payment);
    const read = await stores.payments.get(payment.id);
    for (const held of [payment, answer.kind === "inserted" ? answer.payment : undefined, read]) {
      tamper(held, { amountMinor: 1 });
      tamper(held?.metadata, { shop: "two" });
    }
    const again = await stores.payments.get(payment.id);
    assert.deepEqual([again?.amountMinor, again?.metadata], [150_000, { shop: "one" }]);
  });

  law("getByKonsolId() and getByExternalId() give the payment", async (stores) => {
    const payment = await inserted(stores, { konsolId: "k", externalId: "e" });
    assert.deepEqual(await stores.payments.getByKonsolId("k"), payment);
    assert.deepEqual(await stores.payments.getByExternalId("e"), payment);
  });
}

function dueLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("due() gives the longest due first, across states, equal ones by id", async (stores) => {
    const third = await inserted(stores, { dueAt: 30 });
    const first = await inserted(stores, { dueAt: 10, submission: "in_doubt" });
    const fourth = await inserted(stores, { dueAt: 30, submission: "in_doubt" });
    const second = await inserted(stores, { dueAt: 20 });
    const due = await stores.payments.due(["queued", "in_doubt"], 99, 9);
    assert.deepEqual(due, [first, second, third, fourth]);
  });

  law("due() gives no more than the limit, the longest due ones", async (stores) => {
    for (const dueAt of [5, 3, 1, 4, 2]) await inserted(stores, { dueAt });
    for (const dueAt of [15, 13]) await inserted(stores, { dueAt, submission: "submitted" });
    const due = await stores.payments.due(["submitted", "queued"], 99, 4);
    assert.deepEqual(due.map(({ dueAt }) => dueAt), [1, 2, 3, 4]);
  });

  law(
    "due() gives what is due at this millisecond and not what is due at the next",
    async (stores) => {
      const now = await inserted(stores, { dueAt: NOW });
      await inserted(stores, { dueAt: NOW + 1 });
      assert.deepEqual(idsOf(await stores.payments.due(["queued"], NOW, 9)), [now.id]);
    },
  );

  law("due() gives only payments in the states asked for, each once", async (stores) => {
    const queued = await inserted(stores);
    await inserted(stores, { submission: "submitted" });
    assert.deepEqual(await stores.payments.due(["queued", "queued"], NOW, 9), [queued]);
    assert.deepEqual(await stores.payments.due([], NOW, 9), []);
  });

  law("due() never gives a payment that is not due by itself", async (stores) => {
    await inserted(stores, { dueAt: undefined });
    assert.deepEqual(await stores.payments.due(["queued"], Number.MAX_SAFE_INTEGER, 9), []);
  });

  law("due() follows a payment's state and time as they change", async (stores) => {
    const before = await inserted(stores);
    const after = await saved(stores, before, { ...before, submission: "review", dueAt: NOW + 5 });
    assert.deepEqual(await stores.payments.due(["queued", "review"], NOW + 4, 9), []);
    assert.deepEqual(await stores.payments.due(["review"], NOW + 5, 9), [after]);
  });
}
