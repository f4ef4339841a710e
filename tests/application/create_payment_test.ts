// Laws of application/create_payment.ts.

import assert from "node:assert/strict";
import {
  createPayment,
  type CreatePaymentCommand,
  sameRequest,
} from "../../application/create_payment.ts";
import { createRecipientGuesses } from "../../application/recipient_guesses.ts";
import type { PaymentStore } from "../../application/ports.ts";
import { StoreUnavailable } from "../../application/store_unavailable.ts";
import type { Payment } from "../../domain/payment.ts";
import { Refusal } from "../../domain/refusal.ts";
import { CARD_COMMAND, openRig, PHONE_COMMAND, type Rig } from "../support/application_rig.ts";
import { settle } from "../support/fake_clock.ts";
import { BY_REQUEST } from "../support/payment_states.ts";

function ask({ application }: Rig, command: Partial<CreatePaymentCommand> = {}) {
  return application.createPayment({ ...CARD_COMMAND, ...command }, BY_REQUEST);
}

/** The refusal's code and the fields that it names. */
async function refusal(asked: Promise<unknown>): Promise<[string, ...string[]]> {
  try {
    await asked;
  } catch (error) {
    assert.ok(error instanceof Refusal);
    return [error.code, ...(error.details.fields ?? []).map(({ field }) => field)];
  }
  return assert.fail("it was not refused");
}

Deno.test("createPayment() answers with the payment as Konsol took it", async () => {
  const rig = openRig();
  const { payment, replayed } = await ask(rig);
  const { submission, status, konsolId } = payment;
  assert.deepEqual({ submission, status, konsolId, replayed }, {
    submission: "submitted",
    status: "processing",
    konsolId: "konsol_1",
    replayed: false,
  });
});

Deno.test("createPayment() keeps every field that was asked for", async () => {
  const asked = { callbackUrl: "https://shop.example/paid", metadata: { shelf: 7 } };
  const payment = await openRig().create({ ...asked, idempotencyKey: "key_1" });
  const { recipient: _, ...fields } = { ...CARD_COMMAND, ...asked, idempotencyKey: "key_1" };
  assert.deepEqual({ ...payment, ...fields }, payment);
});

Deno.test("createPayment() stores it durably before anything is sent", async () => {
  const rig = openRig();
  const order: string[] = [];
  rig.next.payments.insertOrGet.push(() => order.push(`insert, ${rig.gateway.calls.length} sent`));
  rig.next.payments.save.push(() => order.push(`claim, ${rig.gateway.calls.length} sent`));
  await ask(rig);
  assert.deepEqual(order, ["insert, 0 sent", "claim, 0 sent"]);
});

Deno.test("createPayment() sends nothing and rejects when it cannot be stored", async () => {
  const rig = openRig();
  rig.next.payments.insertOrGet.push("before");
  await assert.rejects(ask(rig), StoreUnavailable);
  await settle();
  assert.deepEqual(rig.gateway.calls, []);
});

Deno.test("createPayment() sends nothing by itself when the store's answer is lost", async () => {
  const rig = openRig();
  rig.next.payments.insertOrGet.push("after");
  await assert.rejects(ask(rig), StoreUnavailable);
  await settle();
  assert.deepEqual(rig.gateway.calls, []);
  assert.equal((await ask(rig)).replayed, true);
});

Deno.test("createPayment() answers what it stored where the store lags behind", async () => {
  const rig = openRig();
  const payments = {
    insertOrGet: (payment: Payment) => rig.stores.payments.insertOrGet(payment),
    get: () => Promise.resolve(undefined),
  } as unknown as PaymentStore;
  const ports = { ...rig.ports, payments };
  const busy = {
    submitter: { submit: () => Promise.resolve(undefined) },
    guesses: createRecipientGuesses(ports),
  };
  const { payment } = await createPayment(ports, rig.settings, busy, CARD_COMMAND, BY_REQUEST);
  assert.deepEqual(payment, await rig.stored(payment.id));
});

Deno.test("sameRequest() does not hide a store that gives neither an insert nor a payment", () => {
  assert.throws(
    () =>
      sameRequest({ kind: "exists" }, { fieldHashes: {} }, createRecipientGuesses(openRig().ports)),
    /neither an insert/,
  );
});

Deno.test("createPayment() answers after submitWaitMs with the payment as it is by then", async () => {
  const rig = openRig();
  rig.gateway.next.create.push("accept_then_hold");
  const asked = ask(rig);
  await rig.clock.advance(rig.settings.submitWaitMs - 1);
  assert.equal(await Promise.race([asked, settle()]), undefined);
  await rig.clock.advance(1);
  assert.equal((await asked).payment.submission, "submitting");
});

Deno.test("createPayment() goes on submitting after it answered", async () => {
  const rig = openRig();
  rig.gateway.next.create.push("accept_then_hold");
  const asked = ask(rig);
  await rig.clock.advance(rig.settings.submitWaitMs);
  const { payment } = await asked;
  rig.gateway.release();
  await settle();
  assert.equal((await rig.stored(payment.id)).submission, "submitted");
});

Deno.test("createPayment() leaves no one sleeping once Konsol answered", async () => {
  const rig = openRig();
  await ask(rig);
  assert.equal(rig.clock.sleepers, 0);
});

Deno.test("createPayment() with respondAsync answers as soon as it is stored", async () => {
  const rig = openRig();
  rig.gateway.next.create.push("accept_then_hold");
  const { payment, replayed } = await ask(rig, { respondAsync: true });
  assert.deepEqual([payment.submission, payment.status, replayed], ["queued", "pending", false]);
});

Deno.test("createPayment() with respondAsync submits at once all the same", async () => {
  const rig = openRig();
  const { payment } = await ask(rig, { respondAsync: true });
  await settle();
  assert.equal((await rig.stored(payment.id)).submission, "submitted");
});

Deno.test("createPayment() refused by Konsol is a payment that failed, with its words", async () => {
  const rig = openRig();
  rig.gateway.next.create.push({ refuse: "card_blocked" });
  const { payment } = await ask(rig);
  assert.deepEqual([payment.submission, payment.status], ["settled", "failed"]);
  assert.deepEqual(payment.failure, {
    code: "card_blocked",
    message: "Konsol refuses: card_blocked",
  });
});

Deno.test("createPayment() whose answer is lost is processing, in doubt, never failed", async () => {
  const rig = openRig();
  rig.gateway.next.create.push("accept_then_lose_answer");
  const { payment } = await ask(rig);
  assert.deepEqual([payment.submission, payment.status], ["in_doubt", "processing"]);
});

Deno.test("createPayment() that Konsol did not execute stays pending, to be sent again", async () => {
  const rig = openRig();
  rig.gateway.next.create.push({ notExecuted: "konsol_429", httpStatus: 429 });
  const { payment } = await ask(rig);
  assert.deepEqual([payment.submission, payment.status], ["queued", "pending"]);
});

Deno.test("createPayment() answers pending at once where no place is free to submit", async () => {
  const rig = openRig();
  await rig.workers.stop();
  const { payment } = await ask(rig);
  assert.deepEqual([payment.submission, rig.konsol.executed], ["queued", 0]);
});

Deno.test("createPayment() keeps no card number in clear anywhere in the payment", async () => {
  const rig = openRig();
  const { payment } = await ask(rig, { respondAsync: true });
  assert.ok(!JSON.stringify(payment).includes("2200120000003456"));
  const { recipient } = payment;
  const sealed = recipient.kind === "card" ? recipient.sealedNumber ?? "" : "";
  assert.equal(rig.vault.open(sealed, payment.id), "2200120000003456");
});

Deno.test("createPayment() keeps a phone with its bank's id and name", async () => {
  const { payment } = await ask(openRig(), PHONE_COMMAND);
  assert.deepEqual(payment.recipient, {
    kind: "phone",
    phoneNumber: "+79123456789",
    bankId: "100000000111",
    bankName: "Сбербанк",
  });
});

Deno.test("createPayment() replays by external_id, by key, and by both at once", async () => {
  const rig = openRig();
  const first = await ask(rig, { idempotencyKey: "key_1" });
  const repeats = [
    await ask(rig, { idempotencyKey: "key_1" }),
    await ask(rig),
    await ask(rig, { idempotencyKey: "key_2" }),
  ];
  for (const { payment, replayed } of repeats) {
    assert.deepEqual([payment.id, replayed], [first.payment.id, true]);
  }
  assert.equal(rig.konsol.executed, 1);
});

Deno.test("createPayment() replays by the key alone where there is no external_id", async () => {
  const rig = openRig();
  const byKey = { externalId: undefined, idempotencyKey: "key_1" };
  const first = await ask(rig, byKey);
  const second = await ask(rig, byKey);
  assert.deepEqual([second.payment.id, second.replayed], [first.payment.id, true]);
});

Deno.test("createPayment() replays the payment as it is now, whatever became of it", async () => {
  const rig = openRig();
  rig.gateway.next.create.push({ refuse: "card_blocked" });
  await ask(rig);
  const { payment, replayed } = await ask(rig);
  assert.deepEqual([payment.status, replayed, rig.konsol.executed], ["failed", true, 0]);
});

Deno.test("createPayment() replays after the client changed its own words", async () => {
  const rig = openRig();
  const { payment } = await ask(rig);
  await rig.application.updatePayment(payment.id, { description: "new words" }, BY_REQUEST);
  assert.equal((await ask(rig)).replayed, true);
});

Deno.test("createPayment() takes metadata in another order for the same request", async () => {
  const rig = openRig();
  await ask(rig, { metadata: { a: 1, b: { c: [1, { d: 2, e: 3 }], f: 4 } } });
  const again = await ask(rig, { metadata: { b: { f: 4, c: [1, { e: 3, d: 2 }] }, a: 1 } });
  assert.equal(again.replayed, true);
});

Deno.test("createPayment() refuses a handle used for another request, naming what differs", async () => {
  const rig = openRig();
  await ask(rig, { idempotencyKey: "key_1", metadata: { shelf: 7 } });
  const differing: [Partial<CreatePaymentCommand>, string[]][] = [
    [{ amountMinor: 100_001 }, ["amount"]],
    [{ currency: "USD" }, ["currency"]],
    [{ description: "other words" }, ["description"]],
    [{ description: undefined }, ["description"]],
    [{ userId: 1 }, ["user_id"]],
    [{ callbackUrl: "https://shop.example" }, ["callback_url"]],
    [{ metadata: { shelf: 8 } }, ["metadata"]],
    [{ recipient: PHONE_COMMAND.recipient }, ["card_number", "phone_number", "bank"]],
    [{ amountMinor: 1, userId: 1 }, ["amount", "user_id"]],
  ];
  for (const [change, fields] of differing) {
    const asked = ask(rig, { idempotencyKey: "key_1", metadata: { shelf: 7 }, ...change });
    assert.deepEqual(await refusal(asked), ["idempotency_key_reused", ...fields]);
  }
  assert.equal(rig.konsol.executed, 1);
});

Deno.test("createPayment() says external_id_reused where that is the handle", async () => {
  const rig = openRig();
  await ask(rig);
  assert.deepEqual(await refusal(ask(rig, { amountMinor: 1 })), ["external_id_reused", "amount"]);
});

Deno.test("createPayment() refuses a key that comes with another external_id", async () => {
  const rig = openRig();
  await ask(rig, { idempotencyKey: "key_1" });
  const asked = ask(rig, { idempotencyKey: "key_1", externalId: "order_125" });
  assert.deepEqual(await refusal(asked), ["idempotency_key_reused", "external_id"]);
});

Deno.test("createPayment() binds a key that comes with a repeat: with another external_id it is refused", async () => {
  const rig = openRig();
  const { payment } = await ask(rig);
  const repeated = await ask(rig, { idempotencyKey: "key_1" });
  assert.deepEqual([repeated.replayed, repeated.payment.id], [true, payment.id]);
  const asked = ask(rig, { idempotencyKey: "key_1", externalId: "order_125" });
  assert.deepEqual(await refusal(asked), ["idempotency_key_reused", "external_id"]);
  const alone = await ask(rig, { idempotencyKey: "key_2" });
  assert.equal(alone.payment.idempotencyKey, "key_1", "it has one: the first");
});

Deno.test("createPayment() binds a key to one of two payments that it comes with at once", async () => {
  const rig = openRig();
  for (const externalId of ["order_1", "order_2"]) await ask(rig, { externalId });
  const asked = ["order_1", "order_2"].map((externalId) =>
    ask(rig, { externalId, idempotencyKey: "key_1" }).then(() => "bound", ({ code }) => code)
  );
  assert.deepEqual((await Promise.all(asked)).sort(), ["bound", "handles_name_two_payments"]);
});

Deno.test("createPayment() refuses two handles that name two payments", async () => {
  const rig = openRig();
  await ask(rig, { idempotencyKey: "key_1", externalId: "order_1" });
  await ask(rig, { idempotencyKey: "key_2", externalId: "order_2" });
  const asked = ask(rig, { idempotencyKey: "key_1", externalId: "order_2" });
  assert.deepEqual(await refusal(asked), ["handles_name_two_payments", "external_id"]);
});

Deno.test("createPayment() says no secret and no personal data in a refusal", async () => {
  const rig = openRig();
  await ask(rig);
  await assert.rejects(ask(rig, { recipient: PHONE_COMMAND.recipient }), (error: unknown) => {
    const told = JSON.stringify([error, (error as Error).message]);
    return !/2200120000003456|9123456789/.test(told);
  });
});

Deno.test("createPayment() pays once however many ask with one key at once", async () => {
  const rig = openRig();
  const asked = Array.from({ length: 50 }, () => ask(rig, { idempotencyKey: "key_1" }));
  const answers = await Promise.all(asked);
  assert.equal(rig.konsol.executed, 1);
  assert.equal(new Set(answers.map(({ payment }) => payment.id)).size, 1);
  assert.equal(answers.filter(({ replayed }) => !replayed).length, 1);
});
