// Laws of application/accept_claim.ts.

import assert from "node:assert/strict";
import { acceptClaim, type AcceptClaimCommand } from "../../application/accept_claim.ts";
import { StoreUnavailable } from "../../application/store_unavailable.ts";
import { Refusal } from "../../domain/refusal.ts";
import { CARD_COMMAND, openRig, PHONE_COMMAND, type Rig } from "../support/application_rig.ts";
import { BY_REQUEST } from "../support/payment_states.ts";

const CLAIM: AcceptClaimCommand = {
  claimId: "77",
  amountMinor: 100_000,
  userId: 123456789,
  recipient: CARD_COMMAND.recipient,
};

function accept({ application }: Rig, command: Partial<AcceptClaimCommand> = {}) {
  return application.acceptClaim({ ...CLAIM, ...command }, BY_REQUEST);
}

/** A rig where the claim's payment was refused by Konsol; with its id. */
async function openRefused(): Promise<Rig & { readonly failedId: string }> {
  const rig = openRig();
  rig.gateway.next.create.push({ refuse: "card_blocked" });
  return { ...rig, failedId: (await accept(rig)).payment.id };
}

async function refusalOf(asked: Promise<unknown>): Promise<[string, ...string[]]> {
  try {
    await asked;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [error.code, ...(error.details.fields ?? []).map(({ field }) => field)];
  }
  return assert.fail("it was not refused");
}

Deno.test("acceptClaim() makes the seed's payment: roubles, claim_{id}, its description", async () => {
  const { payment, replayed } = await accept(openRig());
  const { currency, externalId, description, amountMinor, userId, submission } = payment;
  assert.deepEqual({ currency, externalId, description, amountMinor, userId, submission }, {
    currency: "RUB",
    externalId: "claim_77",
    description: "Оплата по заявке 77",
    amountMinor: 100_000,
    userId: 123456789,
    submission: "submitted",
  });
  assert.equal(replayed, false);
});

Deno.test("acceptClaim() pays by phone as well", async () => {
  const { payment } = await accept(openRig(), { recipient: PHONE_COMMAND.recipient });
  assert.equal(payment.recipient.kind, "phone");
});

Deno.test("acceptClaim() with respondAsync answers as soon as it is stored", async () => {
  const { payment } = await accept(openRig(), { respondAsync: true });
  assert.equal(payment.submission, "queued");
});

Deno.test("acceptClaim() twice pays once and answers the same payment", async () => {
  const rig = openRig();
  const first = await accept(rig);
  const second = await accept(rig);
  assert.deepEqual([second.payment.id, second.replayed], [first.payment.id, true]);
  assert.equal(rig.konsol.executed, 1);
});

Deno.test("acceptClaim() many times at once pays once", async () => {
  const rig = openRig();
  const answers = await Promise.all(Array.from({ length: 50 }, () => accept(rig)));
  assert.equal(rig.konsol.executed, 1);
  assert.equal(new Set(answers.map(({ payment }) => payment.id)).size, 1);
});

Deno.test("acceptClaim() with other values is refused, naming them", async () => {
  const rig = openRig();
  await accept(rig);
  const differing: [Partial<AcceptClaimCommand>, string[]][] = [
    [{ amountMinor: 1 }, ["amount"]],
    [{ userId: 1 }, ["user_id"]],
    [{ recipient: PHONE_COMMAND.recipient }, ["card_number", "phone_number", "bank"]],
  ];
  for (const [change, fields] of differing) {
    const told = await refusalOf(accept(rig, change));
    assert.deepEqual(told, ["claim_accepted_differently", ...fields]);
  }
  assert.equal(rig.konsol.executed, 1);
});

Deno.test("acceptClaim() twice at once with two amounts pays one of them", async () => {
  const rig = openRig();
  const asked = await Promise.allSettled([accept(rig), accept(rig, { amountMinor: 1 })]);
  assert.deepEqual(asked.map(({ status }) => status), ["fulfilled", "rejected"]);
  assert.equal(rig.konsol.executed, 1);
});

Deno.test("acceptClaim() of a claim whose payment failed answers that payment", async () => {
  const rig = await openRefused();
  const { payment, replayed } = await accept(rig);
  assert.deepEqual([payment.id, payment.status, replayed], [rig.failedId, "failed", true]);
});

Deno.test("acceptClaim() with retry_of makes a new payment, _r2, then _r3", async () => {
  const rig = await openRefused();
  rig.gateway.next.create.push({ refuse: "card_blocked" });
  const second = await accept(rig, { retryOf: rig.failedId });
  const third = await accept(rig, { retryOf: second.payment.id });
  assert.equal(second.payment.externalId, "claim_77_r2");
  assert.equal(third.payment.externalId, "claim_77_r3");
  assert.equal(third.payment.description, "Оплата по заявке 77");
  assert.equal(rig.konsol.executed, 1);
});

Deno.test("acceptClaim() with retry_of may pay another recipient", async () => {
  const rig = await openRefused();
  const retried = await accept(rig, {
    retryOf: rig.failedId,
    recipient: PHONE_COMMAND.recipient,
  });
  assert.equal(retried.payment.recipient.kind, "phone");
});

Deno.test("acceptClaim() with retry_of after a cancelled payment makes a new one", async () => {
  const rig = openRig();
  const { payment } = await accept(rig);
  await rig.application.cancelPayment(payment.id, BY_REQUEST);
  const retried = await accept(rig, { retryOf: payment.id });
  assert.equal(retried.payment.externalId, "claim_77_r2");
});

Deno.test("acceptClaim() with one retry_of many times at once pays once", async () => {
  const rig = await openRefused();
  const retry = () => accept(rig, { retryOf: rig.failedId });
  const answers = await Promise.all(Array.from({ length: 20 }, retry));
  assert.equal(rig.konsol.executed, 1);
  assert.equal(new Set(answers.map(({ payment }) => payment.id)).size, 1);
});

Deno.test("acceptClaim() with retry_of again after the retry paid answers the retry", async () => {
  const rig = await openRefused();
  const paid = await accept(rig, { retryOf: rig.failedId });
  const again = await accept(rig, { retryOf: rig.failedId });
  assert.deepEqual([again.payment.id, again.replayed], [paid.payment.id, true]);
  assert.equal(rig.konsol.executed, 1);
});

Deno.test("acceptClaim() with retry_of refuses an open or a completed payment", async () => {
  const rig = openRig();
  const { payment } = await accept(rig);
  const retry = () => accept(rig, { retryOf: payment.id });
  assert.deepEqual(await refusalOf(retry()), ["claim_retry_not_allowed"]);
  rig.konsol.setStatus("konsol_1", "completed");
  await rig.application.getPayment(payment.id, { refresh: true }, BY_REQUEST);
  assert.deepEqual(await refusalOf(retry()), ["claim_retry_not_allowed"]);
  assert.equal(rig.konsol.executed, 1);
});

Deno.test("acceptClaim() with retry_of refuses while the answer is in doubt", async () => {
  const rig = openRig();
  rig.gateway.next.create.push("lose_before_effect");
  const { payment } = await accept(rig);
  assert.deepEqual(await refusalOf(accept(rig, { retryOf: payment.id })), [
    "claim_retry_not_allowed",
  ]);
});

Deno.test("acceptClaim() with retry_of refuses a payment that is not this claim's, or none", async () => {
  const rig = await openRefused();
  const other = { claimId: "78", retryOf: rig.failedId };
  assert.deepEqual(await refusalOf(accept(rig, other)), ["claim_retry_not_allowed"]);
  assert.deepEqual(await refusalOf(accept(rig, { retryOf: "pay_9" })), ["payment_not_found"]);
});

Deno.test("acceptClaim() renames its own refusal alone, fields or none", async () => {
  const { ports } = openRig();
  const failing = (error: Error) =>
    refusalOf(acceptClaim(ports, () => Promise.reject(error), CLAIM, BY_REQUEST));
  const refused = (code: "external_id_reused" | "idempotency_key_reused", fields?: string[]) =>
    failing(
      new Refusal(code, "no", {
        fields: fields?.map((field) => ({ field, code, message: "no" })),
      }),
    );
  assert.deepEqual(await refused("external_id_reused"), ["claim_accepted_differently"]);
  const named = await refused("external_id_reused", ["amount"]);
  assert.deepEqual(named, ["claim_accepted_differently", "amount"]);
  assert.deepEqual(await refused("idempotency_key_reused"), ["idempotency_key_reused"]);
  await assert.rejects(failing(new StoreUnavailable("away")), StoreUnavailable);
});
