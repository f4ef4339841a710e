// Laws of application/follow_payment.ts where somebody else was faster, or a candidate comes at an odd time.

import assert from "node:assert/strict";
import { followPayment } from "../../application/follow_payment.ts";
import type { Payment } from "../../domain/payment.ts";
import { parkForReview } from "../../domain/payment_change.ts";
import {
  applyReport,
  MISSING_APART_MS,
  MISSING_LIMIT,
  noteCandidate,
} from "../../domain/payment_following.ts";
import { openRig, type Rig } from "../support/application_rig.ts";
import { alarmsOf, resolverOf } from "../support/instances.ts";
import {
  BY_POLL,
  HOUR,
  inDoubt,
  MINUTE,
  NOW,
  reportOf,
  settled,
  submitted,
  submitting,
} from "../support/payment_states.ts";

function follow(rig: Rig, payment: Payment): Promise<Payment> {
  return followPayment(rig.ports, resolverOf(rig), payment);
}

/** With another Konsol payment that is to be asked for. */
async function withCandidate(rig: Rig, from: Payment): Promise<Payment> {
  return await rig.put(noteCandidate(from, "konsol_9", NOW));
}

Deno.test("followPayment() takes a lease that nobody has for expired", async () => {
  const rig = openRig();
  const after = await follow(rig, await rig.put({ ...submitting(), lease: undefined }));
  assert.deepEqual([after.submission, after.maybeSentAt], ["in_doubt", NOW]);
});

Deno.test("followPayment() puts off no poll of what ended while Konsol could not be asked", async () => {
  const rig = openRig();
  const payment = await rig.create();
  const ended = applyReport(payment, reportOf(payment, { status: "completed" }), 0, NOW, BY_POLL);
  rig.gateway.next.get.push("timeout");
  rig.next.payments.save.push(() => rig.overwrite(payment, ended));
  const after = await follow(rig, payment);
  assert.deepEqual([after.status, after.dueAt, after.looks], ["completed", NOW + HOUR, 0]);
});

Deno.test("followPayment() asks for a second candidate later while Konsol cannot be asked, whatever it is of", async () => {
  for (const [from, wait] of [[submitted(), 21_000], [settled(), 15.75 * MINUTE]] as const) {
    const rig = openRig();
    rig.gateway.next.get.push("timeout");
    const after = await follow(rig, await withCandidate(rig, from));
    assert.deepEqual([after.submission, after.candidateKonsolId], [from.submission, "konsol_9"]);
    assert.equal((after.dueAt ?? 0) - NOW, wait);
    assert.deepEqual(alarmsOf(rig), []);
  }
});

Deno.test("followPayment() drops a second candidate that Konsol does not know, and polls at once", async () => {
  const rig = openRig();
  const after = await follow(rig, await withCandidate(rig, submitted()));
  assert.deepEqual([after.konsolId, after.candidateKonsolId], ["konsol_1", undefined]);
  assert.equal(after.dueAt, NOW);
  assert.ok(rig.gateway.calls.every((call) => !call.startsWith("list")));
});

Deno.test("followPayment() drops a candidate of what a person has, and looks no more by itself", async () => {
  const rig = openRig();
  const parked = parkForReview(submitted(), "T13", "amount differs", NOW, BY_POLL);
  const after = await follow(rig, await withCandidate(rig, parked));
  assert.deepEqual([after.submission, after.candidateKonsolId], ["review", undefined]);
  assert.equal(after.dueAt, undefined);
});

Deno.test("followPayment() drops a candidate of what ended and was never sent at the third denial, and looks no more", async () => {
  const rig = openRig();
  const unsent = { ...settled("cancelled"), konsolId: undefined, maybeSentAt: undefined };
  let after = await withCandidate(rig, unsent);
  for (let denials = 1; denials < MISSING_LIMIT; denials++) {
    after = await follow(rig, after);
    assert.notEqual(after.candidateKonsolId, undefined);
    await rig.clock.advance(MISSING_APART_MS);
  }
  after = await follow(rig, after);
  assert.deepEqual([after.candidateKonsolId, after.dueAt], [undefined, undefined]);
});

Deno.test("followPayment() drops no other candidate than the one that it asked for", async () => {
  const rig = openRig();
  const payment = await withCandidate(rig, inDoubt());
  rig.next.payments.save.push(() =>
    rig.overwrite(payment, noteCandidate(payment, "konsol_8", NOW + MINUTE))
  );
  const after = await follow(rig, payment);
  assert.equal(after.candidateKonsolId, "konsol_8");
});
