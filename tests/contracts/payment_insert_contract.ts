// Laws of PaymentStore.insertOrGet(): one payment a handle, for ever, however many come at once.

import assert from "node:assert/strict";
import { aPayment } from "../support/payments.ts";
import { asStored, inserted, lawOf, type OpenStores, saved, STRANGE_TEXTS } from "./stores.ts";

const CONCURRENT = 50;
/** More than one group commit takes. */
const MANY = 600;

export function paymentInsertContract(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("insertOrGet() gives a new payment back as it was stored", async ({ payments }) => {
    const payment = aPayment();
    const answer = await payments.insertOrGet(payment);
    assert.deepEqual(answer, { kind: "inserted", payment: asStored(payment) });
    assert.deepEqual(await payments.get(payment.id), asStored(payment));
  });

  law("insertOrGet() gives the payment that has the idempotency key", async (stores) => {
    const first = await inserted(stores);
    const repeat = aPayment({ idempotencyKey: first.idempotencyKey });
    const answer = await stores.payments.insertOrGet(repeat);
    const expected = { kind: "exists", byIdempotencyKey: first, byExternalId: undefined };
    assert.deepEqual(answer, expected);
    assert.equal(await stores.payments.get(repeat.id), undefined);
  });

  law("insertOrGet() gives the payment that has the external id", async (stores) => {
    const first = await inserted(stores);
    const repeat = aPayment({ externalId: first.externalId, idempotencyKey: undefined });
    const answer = await stores.payments.insertOrGet(repeat);
    const expected = { kind: "exists", byIdempotencyKey: undefined, byExternalId: first };
    assert.deepEqual(answer, expected);
  });

  law("insertOrGet() gives a payment under both handles when both repeat", async (stores) => {
    const first = await inserted(stores);
    const { idempotencyKey, externalId } = first;
    const answer = await stores.payments.insertOrGet(aPayment({ idempotencyKey, externalId }));
    assert.deepEqual(answer, { kind: "exists", byIdempotencyKey: first, byExternalId: first });
  });

  law("insertOrGet() gives both payments when the handles name two", async (stores) => {
    const byIdempotencyKey = await inserted(stores);
    const byExternalId = await inserted(stores);
    const { idempotencyKey } = byIdempotencyKey;
    const both = aPayment({ idempotencyKey, externalId: byExternalId.externalId });
    const answer = await stores.payments.insertOrGet(both);
    assert.deepEqual(answer, { kind: "exists", byIdempotencyKey, byExternalId });
  });

  law("insertOrGet() keeps a handle taken when its payment has ended", async (stores) => {
    const first = await inserted(stores);
    const end = { ...first, submission: "settled", status: "cancelled" } as const;
    const ended = await saved(stores, first, end);
    const answer = await stores.payments.insertOrGet(aPayment({ externalId: first.externalId }));
    assert.deepEqual(answer, { kind: "exists", byIdempotencyKey: undefined, byExternalId: ended });
  });

  for (const handle of ["idempotencyKey", "externalId"] as const) {
    law(`insertOrGet() stores one of many that come at once with one ${handle}`, async (stores) => {
      const repeats = Array.from({ length: CONCURRENT }, () => aPayment({ [handle]: "one" }));
      const answers = await Promise.all(repeats.map((one) => stores.payments.insertOrGet(one)));
      const ids = answers.map((answer) =>
        answer.kind === "inserted"
          ? answer.payment.id
          : (answer.byIdempotencyKey ?? answer.byExternalId)?.id
      );
      assert.equal(answers.filter(({ kind }) => kind === "inserted").length, 1);
      assert.equal(new Set(ids).size, 1);
      assert.equal((await stores.payments.list({}, { perPage: 9, page: 1 })).total, 1);
    });
  }

  law("insertOrGet() stores all of many different ones that come at once", async (stores) => {
    const many = Array.from({ length: MANY }, () => aPayment());
    const answers = await Promise.all(many.map((one) => stores.payments.insertOrGet(one)));
    assert.deepEqual(new Set(answers.map(({ kind }) => kind)), new Set(["inserted"]));
    assert.equal((await stores.payments.list({}, { perPage: 1, page: 1 })).total, MANY);
  });

  law("insertOrGet() takes any number of payments that lack the same handle", async (stores) => {
    await inserted(stores, { idempotencyKey: undefined, konsolId: undefined });
    await inserted(stores, { idempotencyKey: undefined, konsolId: undefined });
    await inserted(stores, { externalId: undefined, userId: undefined });
    await inserted(stores, { externalId: undefined, userId: undefined });
    assert.equal((await stores.payments.list({}, { perPage: 9, page: 1 })).total, 4);
  });

  law("insertOrGet() rejects an id that another payment has", async (stores) => {
    const { id } = await inserted(stores);
    await assert.rejects(stores.payments.insertOrGet(aPayment({ id })), /Cannot insert/);
  });

  law("insertOrGet() rejects a konsolId that another payment has", async (stores) => {
    await inserted(stores, { konsolId: "k" });
    await assert.rejects(stores.payments.insertOrGet(aPayment({ konsolId: "k" })), /Cannot insert/);
  });

  law("insertOrGet() that rejects leaves the others that came with it", async ({ payments }) => {
    const before = aPayment();
    const twin = aPayment({ id: before.id });
    const after = aPayment();
    const answers = await Promise.allSettled([
      payments.insertOrGet(before),
      payments.insertOrGet(twin),
      payments.insertOrGet(after),
    ]);
    const [, , last] = answers.map(({ status }) => status);
    const fulfilled = answers.filter(({ status }) => status === "fulfilled");
    assert.deepEqual([fulfilled.length, last], [2, "fulfilled"]);
    assert.deepEqual(await payments.get(after.id), asStored(after));
  });

  law("insertOrGet() tells handles apart by every character", async (stores) => {
    const ids = await Promise.all(
      STRANGE_TEXTS.map(async (externalId) => (await inserted(stores, { externalId })).id),
    );
    const found = await Promise.all(
      STRANGE_TEXTS.map((text) => stores.payments.getByExternalId(text)),
    );
    assert.deepEqual(found.map((payment) => payment?.id), ids);
  });
}
