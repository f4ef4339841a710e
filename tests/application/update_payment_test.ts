// Laws of application/update_payment.ts.

import assert from "node:assert/strict";
import type { PaymentChanges } from "../../application/update_payment.ts";
import type { Payment } from "../../domain/payment.ts";
import { isEnd, STATUSES } from "../../domain/payment_status.ts";
import { Refusal } from "../../domain/refusal.ts";
import { openRig, type Rig } from "../support/application_rig.ts";
import {
  BY_REQUEST,
  HOUR,
  inDoubt,
  inReview,
  NOW,
  oneInEachState,
  queued,
  settled,
  submitting,
} from "../support/payment_states.ts";

function update({ application }: Rig, { id }: Payment, changes: PaymentChanges): Promise<Payment> {
  return application.updatePayment(id, changes, BY_REQUEST);
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

function putsOf({ gateway }: Rig): string[] {
  return gateway.calls.filter((call) => call.startsWith("update"));
}

Deno.test("updatePayment() of words changes them in every state", async () => {
  const rig = openRig();
  const words = { description: "new words", metadata: { shelf: 7 } };
  for (const payment of oneInEachState()) {
    const put = await rig.put({ ...payment, konsolId: undefined, dueAt: NOW + HOUR });
    const after = await update(rig, put, words);
    assert.deepEqual([after.description, after.metadata], [words.description, words.metadata]);
    assert.deepEqual([after.submission, after.status], [put.submission, put.status]);
  }
});

Deno.test("updatePayment() of words passes them on to Konsol once it has the payment", async () => {
  const rig = openRig();
  const payment = await rig.create();
  await update(rig, payment, { description: "new words" });
  assert.equal(rig.konsol.record("konsol_1")?.description, "new words");
  assert.equal(putsOf(rig).length, 1);
});

Deno.test("updatePayment() of words before Konsol has the payment sends them with the create", async () => {
  const rig = openRig();
  const payment = await rig.put({ ...queued(), dueAt: NOW + HOUR });
  await update(rig, payment, { description: "new words" });
  assert.deepEqual(rig.gateway.calls, []);
});

Deno.test("updatePayment() of words is done even if Konsol does not take them", async () => {
  const rig = openRig();
  const payment = await rig.create();
  for (const answer of [{ refuse: "no such field" }, "timeout", "ignore"] as const) {
    rig.gateway.next.update.push(answer);
    const after = await update(rig, payment, { description: `after ${JSON.stringify(answer)}` });
    assert.equal(after.description, `after ${JSON.stringify(answer)}`);
  }
});

Deno.test("updatePayment() of metadata never takes our reference away from Konsol", async () => {
  const rig = openRig();
  const payment = await rig.create();
  for (const metadata of [{ shelf: 8 }, { payment_id: "pay_of_another" }]) {
    const after = await update(rig, payment, { metadata });
    assert.deepEqual(after.metadata, metadata);
    assert.equal(rig.konsol.record("konsol_1")?.metadata.payment_id, payment.id);
  }
  const fresh = await rig.application.getPayment(payment.id, { refresh: true }, BY_REQUEST);
  assert.equal(fresh.submission, "submitted");
});

Deno.test("updatePayment() to a status never takes our reference away from Konsol", async () => {
  const rig = openRig();
  const payment = await rig.create();
  const changes = { status: "completed", metadata: { payment_id: "pay_2", shelf: 8 } } as const;
  assert.equal((await update(rig, payment, changes)).status, "completed");
  const kept = rig.konsol.record("konsol_1")?.metadata;
  assert.deepEqual([kept?.payment_id, kept?.shelf], [payment.id, 8]);
});

Deno.test("updatePayment() to the status that it has is no change, in every state", async () => {
  const rig = openRig();
  for (const payment of oneInEachState()) {
    const put = await rig.put({ ...payment, konsolId: undefined, dueAt: NOW + HOUR });
    assert.deepEqual(await update(rig, put, { status: put.status }), put);
  }
  assert.deepEqual(rig.gateway.calls, []);
});

Deno.test("updatePayment() to the status that it has still changes the words", async () => {
  const rig = openRig();
  const payment = await rig.create();
  const after = await update(rig, payment, { status: "processing", description: "new words" });
  assert.equal(after.description, "new words");
  assert.equal(rig.konsol.record("konsol_1")?.description, "new words");
});

Deno.test("updatePayment() to an end goes to Konsol, and a GET makes it true", async () => {
  for (const status of ["completed", "failed"] as const) {
    const rig = openRig();
    const payment = await rig.create();
    const after = await update(rig, payment, { status });
    assert.deepEqual([after.submission, after.status], ["settled", status]);
    assert.equal(after.history.at(-1)?.move, "T12");
    assert.equal(rig.gateway.calls.at(-1), "get konsol_1");
  }
});

Deno.test("updatePayment() to cancelled cancels: at Konsol, or at once while queued", async () => {
  const rig = openRig();
  const submitted = await update(rig, await rig.create(), { status: "cancelled" });
  assert.equal(submitted.status, "cancelled");
  assert.ok(rig.gateway.calls.includes("cancel konsol_1"));
  const waiting = await rig.put({ ...queued(), dueAt: NOW + HOUR });
  assert.equal((await update(rig, waiting, { status: "cancelled" })).status, "cancelled");
});

Deno.test("updatePayment() to cancelled with words does both", async () => {
  const rig = openRig();
  const waiting = await rig.put({ ...queued(), dueAt: NOW + HOUR });
  const after = await update(rig, waiting, { status: "cancelled", description: "not needed" });
  assert.deepEqual([after.status, after.description], ["cancelled", "not needed"]);
});

Deno.test("updatePayment() with a status and words sends both in one call and keeps both", async () => {
  const rig = openRig();
  const payment = await rig.create();
  const after = await update(rig, payment, { status: "completed", description: "paid by hand" });
  assert.deepEqual([after.status, after.description], ["completed", "paid by hand"]);
  assert.equal(putsOf(rig).length, 1);
});

Deno.test("updatePayment() is provider_did_not_apply when the GET shows something else", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.gateway.next.update.push("ignore");
  const { code, message } = await refusalOf(update(rig, payment, { status: "completed" }));
  assert.equal(code, "provider_did_not_apply");
  assert.match(message, /: processing$/);
  assert.equal((await rig.stored(payment.id)).status, "processing");
});

Deno.test("updatePayment() that Konsol refuses passes its words on", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.gateway.next.update.push({ refuse: "forbidden transition" });
  const { code, details } = await refusalOf(update(rig, payment, { status: "failed" }));
  assert.deepEqual([code, details.provider], ["provider_did_not_apply", {
    error: "forbidden transition",
  }]);
});

Deno.test("updatePayment() whose answer is lost is true when the GET shows it", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.gateway.next.update.push("apply_then_lose_answer");
  assert.equal((await update(rig, payment, { status: "completed" })).status, "completed");
});

Deno.test("updatePayment() that timed out without effect is a timeout, and changes nothing", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.gateway.next.update.push("timeout");
  const asked = update(rig, payment, { status: "completed", description: "new words" });
  await assert.rejects(asked, { code: "provider_timeout" });
  const { status, description } = await rig.stored(payment.id);
  assert.deepEqual([status, description], ["processing", payment.description]);
});

Deno.test("updatePayment() says when Konsol could not be had for the GET", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.gateway.next.get.push("circuit_open");
  const asked = update(rig, payment, { status: "completed" });
  await assert.rejects(asked, { code: "provider_circuit_open" });
});

Deno.test("updatePayment() refuses a status before Konsol has it, saying which moves there are", async () => {
  const rig = openRig();
  const moves = [
    [queued(), /: cancelled$/],
    [{ ...queued(), maybeSentAt: NOW }, /: none, it is queued$/],
    [submitting(), /: none, it is submitting$/],
    [inDoubt(), /: none, it is in doubt$/],
    [inReview(), /: none, it is review$/],
  ] as const;
  for (const [payment, told] of moves) {
    const put = await rig.put({ ...payment, dueAt: NOW + HOUR });
    const { code, message } = await refusalOf(update(rig, put, { status: "completed" }));
    assert.equal(code, "status_change_not_allowed");
    assert.match(message, told);
  }
  assert.deepEqual(rig.gateway.calls, []);
});

Deno.test("updatePayment() refuses to leave an end", async () => {
  const rig = openRig();
  for (const end of STATUSES.filter(isEnd)) {
    const put = await rig.put({ ...settled(end), konsolId: undefined });
    for (const status of STATUSES.filter((one) => one !== end && one !== "cancelled")) {
      const { code, message } = await refusalOf(update(rig, put, { status }));
      assert.equal(code, "status_change_not_allowed");
      assert.match(message, new RegExp(`: none, it is ${end} for good$`));
    }
  }
});

Deno.test("updatePayment() refuses to go back from processing to pending", async () => {
  const rig = openRig();
  const payment = await rig.create();
  await assert.rejects(update(rig, payment, { status: "pending" }), {
    code: "status_change_not_allowed",
  });
  assert.deepEqual(putsOf(rig), []);
});

Deno.test("updatePayment() goes forward from pending to processing through Konsol", async () => {
  const rig = openRig({ konsol: { createdAs: "pending" } });
  const payment = await rig.create();
  assert.equal(payment.status, "pending");
  assert.equal((await update(rig, payment, { status: "processing" })).status, "processing");
});

Deno.test("updatePayment() keeps words that another change races with", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.next.payments.save.push(() => rig.overwrite(payment, { ...payment, looks: 7 }));
  const after = await update(rig, payment, { description: "new words" });
  assert.deepEqual([after.description, after.looks], ["new words", 7]);
});
