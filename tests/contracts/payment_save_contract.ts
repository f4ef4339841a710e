// Laws of PaymentStore.save(): compare-and-set, one payment a konsolId, and what no change may do.

import assert from "node:assert/strict";
import type { Payment } from "../../domain/payment.ts";
import { claimForSending } from "../../domain/payment_sending.ts";
import { IllegalMove } from "../../domain/submission_table.ts";
import { aPayment, NOW } from "../support/payments.ts";
import { asStored, inserted, lawOf, type OpenStores, saved, tamper } from "./stores.ts";

const LEASE = { owner: "one", sendNotAfter: NOW + 1_000, until: NOW + 2_000 };

export function paymentSaveContract(name: string, open: OpenStores): void {
  casLaws(name, open);
  konsolIdLaws(name, open);
  guardLaws(name, open);
}

function casLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("save() gives the changed payment under the next version", async (stores) => {
    const before = await inserted(stores);
    const after = claimForSending(before, LEASE, NOW);
    const expected = asStored({ ...after, version: before.version + 1 });
    const answer = await stores.payments.save(before, after);
    assert.deepEqual(answer, { kind: "saved", item: expected });
    assert.deepEqual(await stores.payments.get(before.id), expected);
  });

  law("save() decides the version, whatever the changed payment says", async (stores) => {
    const before = await inserted(stores);
    assert.equal((await saved(stores, before, { ...before, version: 77 })).version, 2);
  });

  law("save() takes a field away that the changed payment lacks", async (stores) => {
    const before = await inserted(stores);
    const after = await saved(stores, before, { ...before, dueAt: undefined });
    assert.ok(!("dueAt" in after));
    assert.deepEqual(await stores.payments.due(["queued"], NOW, 9), []);
  });

  law("save() is stale when the payment was saved meanwhile", async (stores) => {
    const before = await inserted(stores);
    const meanwhile = await saved(stores, before, { ...before, description: "first" });
    const answer = await stores.payments.save(before, { ...before, description: "second" });
    assert.deepEqual(answer, { kind: "stale" });
    assert.deepEqual(await stores.payments.get(before.id), meanwhile);
  });

  law("save() is stale for a version that is yet to come", async (stores) => {
    const before = await inserted(stores);
    const answer = await stores.payments.save({ ...before, version: 2 }, before);
    assert.deepEqual(answer, { kind: "stale" });
  });

  law("save() is stale when the stored submission or attempt is another", async (stores) => {
    const stored = await inserted(stores, { attempt: 1 });
    for (const other of [{ submission: "submitting" }, { attempt: 0 }] as const) {
      const before = { ...stored, ...other };
      assert.deepEqual(await stores.payments.save(before, before), { kind: "stale" });
    }
  });

  law("save() is stale for a payment that was never stored", async ({ payments }) => {
    const payment = aPayment();
    assert.deepEqual(await payments.save(payment, payment), { kind: "stale" });
    assert.equal(await payments.get(payment.id), undefined);
  });

  law("save() lets one of many that come at once win", async (stores) => {
    const before = await inserted(stores);
    const changes = Array.from({ length: 50 }, (_, n) => ({ ...before, description: `${n}` }));
    const answers = await Promise.all(changes.map((one) => stores.payments.save(before, one)));
    const won = answers.flatMap((answer) => answer.kind === "saved" ? [answer.item] : []);
    assert.equal(won.length, 1);
    assert.deepEqual(await stores.payments.get(before.id), won[0]);
  });

  law("save() gives a value that nobody else holds", async (stores) => {
    const before = await inserted(stores);
    const after = { ...before, metadata: { shop: "one" } };
    const item = await saved(stores, before, after);
    tamper(item.metadata, { shop: "two" });
    tamper(after.metadata, { shop: "three" });
    assert.deepEqual((await stores.payments.get(before.id))?.metadata, { shop: "one" });
  });
}

function konsolIdLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("save() makes a payment found by its konsolId", async (stores) => {
    const before = await inserted(stores);
    const after = await saved(stores, before, { ...before, konsolId: "k" });
    assert.deepEqual(await stores.payments.getByKonsolId("k"), after);
  });

  law("save() refuses a konsolId that another payment has, changing nothing", async (stores) => {
    await inserted(stores, { konsolId: "k" });
    const before = await inserted(stores);
    const answer = await stores.payments.save(before, { ...before, konsolId: "k" });
    assert.deepEqual(answer, { kind: "konsol_id_taken" });
    assert.deepEqual(await stores.payments.get(before.id), before);
  });

  law("save() is stale rather than refused when it is both", async (stores) => {
    await inserted(stores, { konsolId: "k" });
    const before = await inserted(stores);
    const stale = { ...before, version: 2 };
    const answer = await stores.payments.save(stale, { ...before, konsolId: "k" });
    assert.deepEqual(answer, { kind: "stale" });
  });

  law("save() gives one konsolId to one of two that come at once", async (stores) => {
    const two = [await inserted(stores), await inserted(stores)];
    const answers = await Promise.all(
      two.map((before) => stores.payments.save(before, { ...before, konsolId: "k" })),
    );
    assert.deepEqual(answers.map(({ kind }) => kind).sort(), ["konsol_id_taken", "saved"]);
  });

  law(
    "save() takes a first idempotencyKey, by which the payment is found, once",
    async (stores) => {
      const keyless = { idempotencyKey: undefined };
      const [before, other] = [await inserted(stores, keyless), await inserted(stores, keyless)];
      const key = { idempotencyKey: "key_1" };
      const after = await saved(stores, before, { ...before, ...key });
      const { kind } = await stores.payments.save(other, { ...other, ...key });
      assert.equal(kind, "idempotency_key_taken");
      assert.deepEqual(await stores.payments.get(other.id), other);
      const found = await stores.payments.insertOrGet(aPayment(key));
      assert.deepEqual(found.kind === "exists" && found.byIdempotencyKey, after);
    },
  );

  law("save() lets a payment keep its own konsolId", async (stores) => {
    const before = await inserted(stores, { konsolId: "k" });
    const after = await saved(stores, before, { ...before, description: "again" });
    assert.equal(after.konsolId, "k");
  });

  law("save() frees the konsolId that a payment gives up", async (stores) => {
    const first = await inserted(stores, { konsolId: "k" });
    const second = await inserted(stores);
    await saved(stores, first, { ...first, konsolId: undefined });
    const after = await saved(stores, second, { ...second, konsolId: "k" });
    assert.deepEqual(await stores.payments.getByKonsolId("k"), after);
  });
}

function guardLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("save() throws IllegalMove for a move that the table lacks", async (stores) => {
    const before = await inserted(stores);
    const after: Payment = { ...before, submission: "in_doubt" };
    await assert.rejects(stores.payments.save(before, after), IllegalMove);
    assert.deepEqual(await stores.payments.get(before.id), before);
  });

  law("save() throws IllegalMove for every way out of settled", async (stores) => {
    const before = await inserted(stores, { submission: "settled", status: "failed" });
    for (const submission of ["queued", "submitting", "in_doubt", "submitted", "review"] as const) {
      await assert.rejects(stores.payments.save(before, { ...before, submission }), IllegalMove);
    }
  });

  law("save() throws for what the guard refuses, changing nothing", async (stores) => {
    const before = await inserted(stores, { maybeSentAt: NOW });
    const after = { ...before, maybeSentAt: undefined };
    await assert.rejects(stores.payments.save(before, after), /a doubt is never taken back/);
    assert.deepEqual(await stores.payments.get(before.id), before);
  });
}
