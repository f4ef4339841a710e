// Laws of application/cancel_payment.ts.

import assert from "node:assert/strict";
import type { Payment } from "../../domain/payment.ts";
import { Refusal } from "../../domain/refusal.ts";
import { openRig, type Rig } from "../support/application_rig.ts";
import {
  BY_REQUEST,
  claimed,
  HOUR,
  inDoubt,
  inReview,
  NOW,
  queued,
  settled,
  submitting,
} from "../support/payment_states.ts";

function cancel({ application }: Rig, { id }: Pick<Payment, "id">): Promise<Payment> {
  return application.cancelPayment(id, BY_REQUEST);
}

/** Of a queued payment that the workers have not taken up yet. */
async function waiting(rig: Rig): Promise<Payment> {
  return await rig.put({ ...queued(), dueAt: NOW + HOUR });
}

async function refusalOf(asked: Promise<unknown>): Promise<Refusal> {
  try {
    await asked;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  return assert.fail("it was not refused");
}

Deno.test("cancelPayment() cancels a queued payment at once, without Konsol (T2)", async () => {
  const rig = openRig();
  const after = await cancel(rig, await waiting(rig));
  assert.deepEqual([after.submission, after.status], ["settled", "cancelled"]);
  const { move, cause } = after.history.at(-1) ?? {};
  assert.deepEqual([move, cause], ["T2", BY_REQUEST]);
  assert.deepEqual(rig.gateway.calls, []);
});

Deno.test("cancelPayment() refuses a queued payment that was maybe sent before", async () => {
  const rig = openRig();
  const again = await rig.put({ ...queued(), attempt: 1, maybeSentAt: NOW - HOUR });
  await assert.rejects(cancel(rig, again), { code: "payment_not_cancellable" });
});

Deno.test("cancelPayment() refuses what is submitting, in doubt or in review, saying which", async () => {
  const rig = openRig();
  for (const payment of [submitting(), inDoubt(), inReview()]) {
    const { code, message } = await refusalOf(cancel(rig, await rig.put(payment)));
    assert.equal(code, "payment_not_cancellable");
    assert.match(message, new RegExp(`: ${payment.submission}$`));
  }
  assert.deepEqual(rig.gateway.calls, []);
});

Deno.test("cancelPayment() refuses what has completed or failed", async () => {
  const rig = openRig();
  for (const status of ["completed", "failed"] as const) {
    const put = await rig.put({ ...settled(status), konsolId: undefined });
    const { code, message } = await refusalOf(cancel(rig, put));
    assert.equal(code, "payment_not_cancellable");
    assert.match(message, new RegExp(`: ${status}$`));
  }
});

Deno.test("cancelPayment() of what is cancelled already answers it, and asks nobody", async () => {
  const rig = openRig();
  const put = await rig.put({ ...settled("cancelled"), konsolId: undefined });
  assert.deepEqual(await cancel(rig, put), put);
  assert.deepEqual(rig.gateway.calls, []);
});

Deno.test("cancelPayment() of a submitted one asks Konsol, and a GET makes it true", async () => {
  const rig = openRig();
  const payment = await rig.create();
  const after = await cancel(rig, payment);
  assert.deepEqual([after.submission, after.status], ["settled", "cancelled"]);
  assert.deepEqual(rig.gateway.calls.slice(-2), ["cancel konsol_1", "get konsol_1"]);
});

Deno.test("cancelPayment() works by Konsol's id too", async () => {
  const rig = openRig();
  await rig.create();
  assert.equal((await cancel(rig, { id: "konsol_1" })).status, "cancelled");
});

Deno.test("cancelPayment() whose answer is lost is true when the GET shows it", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.gateway.next.cancel.push("apply_then_lose_answer");
  assert.equal((await cancel(rig, payment)).status, "cancelled");
});

Deno.test("cancelPayment() that Konsol answers but does not do is provider_did_not_apply", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.gateway.next.cancel.push("ignore");
  await assert.rejects(cancel(rig, payment), { code: "provider_did_not_apply" });
  assert.equal((await rig.stored(payment.id)).status, "processing");
});

Deno.test("cancelPayment() that Konsol refuses passes its words on", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.gateway.next.cancel.push({ refuse: "too late" });
  const { code, details } = await refusalOf(cancel(rig, payment));
  assert.deepEqual([code, details.provider], ["provider_did_not_apply", { error: "too late" }]);
});

Deno.test("cancelPayment() that comes too late keeps the end that the GET shows", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.konsol.setStatus("konsol_1", "completed");
  const { code, message } = await refusalOf(cancel(rig, payment));
  assert.equal(code, "provider_did_not_apply");
  assert.match(message, /: completed$/);
  assert.equal((await rig.stored(payment.id)).status, "completed");
});

Deno.test("cancelPayment() says when Konsol could not be had for the cancel", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.gateway.next.cancel.push("circuit_open");
  await assert.rejects(cancel(rig, payment), { code: "provider_circuit_open" });
});

Deno.test("cancelPayment() says when Konsol could not be had for the GET, and changes nothing", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.gateway.next.get.push("timeout");
  await assert.rejects(cancel(rig, payment), { code: "provider_timeout" });
  assert.deepEqual(await rig.stored(payment.id), payment);
});

Deno.test("cancelPayment() is refused when a worker claims the payment first", async () => {
  const rig = openRig();
  const payment = await waiting(rig);
  rig.next.payments.save.push(() => rig.overwrite(payment, claimed(payment)));
  await assert.rejects(cancel(rig, payment), { code: "payment_not_cancellable" });
  assert.equal((await rig.stored(payment.id)).submission, "submitting");
});

Deno.test("cancelPayment() refuses an id that no payment has", async () => {
  await assert.rejects(cancel(openRig(), { id: "pay_9" }), { code: "payment_not_found" });
});
