// Laws of application/decide_review.ts: what a person sees of a review, and what they may decide.

import assert from "node:assert/strict";
import type { ReviewDecision } from "../../application/decide_review.ts";
import { detailOf, type Payment } from "../../domain/payment.ts";
import { flagDisagreement, parkForReview } from "../../domain/payment_change.ts";
import { importPayment } from "../../domain/payment_import.ts";
import { Refusal } from "../../domain/refusal.ts";
import { SCANS_APART_MS } from "../../domain/scan.ts";
import { openRig, type Rig, webhookBody } from "../support/application_rig.ts";
import { settle } from "../support/fake_clock.ts";
import { alarmsOf, resolverOf, scanTwice, stepsOf } from "../support/instances.ts";
import {
  BY_POLL,
  CARD_REQUEST,
  DAY,
  HOUR,
  inDoubt,
  inReview,
  MINUTE,
  NOW,
  queued,
  settled,
  submitted,
} from "../support/payment_states.ts";
import { followPayment } from "../../application/follow_payment.ts";
import { submitPayment } from "../../application/submit_payment.ts";

const HORIZON = NOW + 5_000 + DAY;
const WORDS = { attempt: 1, reason: "seen in the cabinet", by: "anna" } as const;
const PAID = { ...WORDS, decision: "paid" } as const;
const NOT_PAID = { ...WORDS, decision: "not_paid" } as const;
const ACKNOWLEDGE = { ...WORDS, decision: "acknowledge", since: NOW } as const;
const ALL = { perPage: 10, page: 1 };

/** In review; Konsol has nothing of it. */
async function openReview(from: Payment = inReview()) {
  const rig = openRig();
  const payment = await rig.put(from);
  const decide = (decision: ReviewDecision) => rig.application.decideReview(payment.id, decision);
  return { ...rig, rig, payment, decide };
}

/** Past its horizon, and scanned clean. */
async function openAbsent(from: Payment = inReview()) {
  const opened = await openReview(from);
  await opened.clock.advance(HORIZON + 1 - NOW);
  await scanTwice(opened.rig, resolverOf(opened.rig), opened.payment.id);
  return opened;
}

async function refusal(decided: Promise<unknown>): Promise<Refusal> {
  try {
    await decided;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  return assert.fail("it was not refused");
}

async function assertUntouched(rig: Rig, payment: Payment): Promise<void> {
  assert.deepEqual(await rig.stored(payment.id), payment);
}

Deno.test("decideReview() paid links what Konsol confirms to be ours (T8), by the person's hand", async () => {
  const { payment, konsol, decide } = await openReview();
  konsol.create(payment);
  const after = await decide({ ...PAID, konsolId: "konsol_1" });
  assert.deepEqual([after.submission, after.konsolId], ["submitted", "konsol_1"]);
  const { move, cause, note } = after.history.at(-1) ?? {};
  assert.deepEqual([move, cause, note], ["T8", { kind: "person", id: "anna" }, WORDS.reason]);
});

Deno.test("decideReview() paid completes nothing by itself: the poll after it does (T12)", async () => {
  const { rig, payment, konsol, decide } = await openReview();
  konsol.create(payment);
  konsol.setStatus("konsol_1", "completed");
  const linked = await decide({ ...PAID, konsolId: "konsol_1" });
  assert.deepEqual([linked.status, linked.dueAt], ["processing", NOW]);
  const after = await followPayment(rig.ports, resolverOf(rig), linked);
  assert.deepEqual([after.status, after.history.at(-1)?.move], ["completed", "T12"]);
});

Deno.test("decideReview() paid refuses an id that Konsol does not know", async () => {
  const { rig, payment, decide } = await openReview();
  const { code } = await refusal(decide({ ...PAID, konsolId: "konsol_9" }));
  assert.equal(code, "konsol_payment_not_found");
  await assertUntouched(rig, payment);
});

Deno.test("decideReview() paid refuses what Konsol cannot confirm now", async () => {
  const { rig, payment, gateway, konsol, decide } = await openReview();
  konsol.create(payment);
  gateway.next.get.push("timeout");
  const { code } = await refusal(decide({ ...PAID, konsolId: "konsol_1" }));
  assert.equal(code, "provider_timeout");
  await assertUntouched(rig, payment);
});

Deno.test("decideReview() paid refuses the Konsol payment of another one of ours", async () => {
  const { rig, payment, konsol, decide } = await openReview();
  konsol.create(payment);
  await rig.put({ ...settled(), konsolId: "konsol_1" });
  const { code, message } = await refusal(decide({ ...PAID, konsolId: "konsol_1" }));
  assert.equal(code, "konsol_payment_does_not_fit");
  assert.match(message, /it is another payment's/);
  await assertUntouched(rig, payment);
});

for (
  const [what, tell, reason] of [
    ["with another amount", { amountMinor: 1 }, /amount differs/],
    ["that names another of ours", { paymentId: "pay_2" }, /payment_id differs/],
    ["that names none of ours", { paymentId: undefined }, /payment_id is missing/],
    ["older than its first claim", { createdAt: NOW - HOUR }, /older than our first attempt/],
  ] as const
) {
  Deno.test(`decideReview() paid refuses a Konsol payment ${what}`, async () => {
    const { rig, payment, gateway, konsol, decide } = await openReview();
    konsol.create(payment);
    gateway.next.get.push({ tell });
    const { code, message } = await refusal(decide({ ...PAID, konsolId: "konsol_1" }));
    assert.equal(code, "konsol_payment_does_not_fit");
    assert.match(message, reason);
    if ("paymentId" in tell) return await assertUntouched(rig, payment);
    const { submission, history } = await rig.stored(payment.id);
    assert.equal(submission, "review");
    assert.match(history.at(-1)?.note ?? "", reason);
    const notPaid = await refusal(decide({ ...NOT_PAID, then: "fail" }));
    assert.equal(notPaid.code, "review_too_early");
  });
}

Deno.test("decideReview() paid refuses what was never sent, whatever Konsol has", async () => {
  const unsent = parkForReview(queued(), "T14", "too old", NOW, { kind: "timer" });
  const { payment, konsol, decide } = await openReview(unsent);
  konsol.create(payment);
  const { message } = await refusal(decide({ ...PAID, attempt: 0, konsolId: "konsol_1" }));
  assert.match(message, /it was never sent/);
});

Deno.test("decideReview() paid follows again what Konsol had denied, by its own id alone (T13)", async () => {
  const denied = parkForReview(submitted(), "T13", "Konsol does not know its id", NOW, BY_POLL);
  const { payment, konsol, decide } = await openReview(denied);
  konsol.create(payment);
  konsol.create(payment);
  const { code } = await refusal(decide({ ...PAID, konsolId: "konsol_2" }));
  assert.equal(code, "konsol_payment_does_not_fit");
  const after = await decide({ ...PAID, konsolId: "konsol_1" });
  assert.deepEqual([after.submission, after.history.at(-1)?.move], ["submitted", "T8"]);
});

Deno.test("decideReview() paid judges the payment as it is by then", async () => {
  const { rig, payment, konsol, decide } = await openReview();
  konsol.create(payment);
  const failed = { ...payment, submission: "settled", status: "failed" } as const;
  rig.next.payments.save.push(() => rig.overwrite(payment, failed));
  const { code } = await refusal(decide({ ...PAID, konsolId: "konsol_1" }));
  assert.equal(code, "payment_not_in_review");
});

Deno.test("decideReview() refuses a payment that is not in review, before Konsol is asked", async () => {
  const { gateway, decide } = await openReview(inDoubt());
  for (
    const decision of [{ ...PAID, konsolId: "konsol_1" }, { ...NOT_PAID, then: "fail" }] as const
  ) {
    assert.equal((await refusal(decide(decision))).code, "payment_not_in_review");
  }
  assert.deepEqual(gateway.calls, []);
});

Deno.test("decideReview() refuses a decision on another attempt", async () => {
  const { decide } = await openReview();
  const { code } = await refusal(decide({ ...NOT_PAID, attempt: 2, then: "fail" }));
  assert.equal(code, "review_outdated");
});

Deno.test("decideReview() acknowledge takes what Konsol contradicts out of the reviews, and asks nobody", async () => {
  const note = "Konsol now says failed";
  const { application, gateway, rig, payment, decide } = await openReview(
    flagDisagreement(settled(), note, NOW, BY_POLL),
  );
  assert.equal((await application.listReviews(ALL)).total, 1);
  const after = await decide(ACKNOWLEDGE);
  assert.deepEqual([after.acknowledgedAt, detailOf(after)], [NOW, "provider_disagrees"]);
  assert.deepEqual(after, await rig.stored(payment.id));
  assert.deepEqual([(await application.listReviews(ALL)).total, gateway.calls], [0, []]);
  const { code } = await refusal(decide(ACKNOWLEDGE));
  assert.equal(code, "nothing_to_acknowledge");
});

Deno.test("decideReview() acknowledge refuses what waits for a decision", async () => {
  const { rig, payment, decide } = await openReview();
  const { code } = await refusal(decide(ACKNOWLEDGE));
  assert.equal(code, "nothing_to_acknowledge");
  await assertUntouched(rig, payment);
});

Deno.test("decideReview() refuses a payment that is not there", async () => {
  const { application } = openRig();
  const decided = application.decideReview("pay_9", { ...NOT_PAID, then: "fail" });
  assert.equal((await refusal(decided)).code, "payment_not_found");
});

Deno.test("decideReview() not_paid fails it for good, with who and why in its history (T11)", async () => {
  const { rig, payment, decide } = await openAbsent();
  const after = await decide({ ...NOT_PAID, then: "fail" });
  assert.deepEqual([after.submission, after.status], ["settled", "failed"]);
  const { move, cause, note } = after.history.at(-1) ?? {};
  assert.deepEqual([move, cause, note], ["T11", { kind: "person", id: "anna" }, WORDS.reason]);
  assert.deepEqual(await rig.stored(payment.id), after);
});

Deno.test("decideReview() not_paid sends it again, after one more clean scan, and once (T11)", async () => {
  const { rig, payment, decide } = await openAbsent();
  const steps = stepsOf(rig);
  const submit = async () =>
    await submitPayment(rig.ports, rig.settings, steps, await rig.stored(payment.id));
  const again = await decide({ ...NOT_PAID, then: "resubmit" });
  assert.deepEqual([again.submission, detailOf(again)], ["queued", "resubmitting"]);
  await steps.resolve(again);
  await rig.clock.advance(SCANS_APART_MS);
  await submit();
  const sent = await submit();
  assert.deepEqual([sent.submission, sent.attempt], ["submitted", 2]);
});

Deno.test("decideReview() not_paid before the horizon is too early, and names the time", async () => {
  const { rig, payment, clock, decide } = await openReview();
  await scanTwice(rig, resolverOf(rig), payment.id);
  const parked = await rig.stored(payment.id);
  for (const then of ["fail", "resubmit"] as const) {
    const { code, details } = await refusal(decide({ ...NOT_PAID, then }));
    assert.deepEqual([code, details.allowedFrom], ["review_too_early", HORIZON]);
  }
  assert.ok(clock.now() < HORIZON);
  await assertUntouched(rig, parked);
});

Deno.test("decideReview() not_paid is refused once the list shows one that names it, however clean it was before", async () => {
  const { rig, konsol, payment, decide } = await openAbsent();
  const created = konsol.create(await rig.stored(payment.id));
  assert.ok(created);
  konsol.plant({ ...created, amountMinor: 1 });
  await rig.clock.advance(2 * SCANS_APART_MS);
  await resolverOf(rig)(await rig.stored(payment.id));
  const { code, message } = await refusal(decide({ ...NOT_PAID, then: "resubmit" }));
  assert.equal(code, "review_too_early");
  assert.match(message, /Konsol has shown a payment that names it/);
});

Deno.test("decideReview() not_paid is refused once a webhook's GET shows one that names it and differs", async () => {
  for (const from of [inDoubt(), inReview()]) {
    const { rig, konsol, payment, application, decide } = await openAbsent(from);
    const created = konsol.create(await rig.stored(payment.id));
    assert.ok(created);
    konsol.plant({ ...created, amountMinor: 1 });
    await application.receiveWebhook(webhookBody(created.konsolId));
    await settle();
    assert.equal((await rig.stored(payment.id)).submission, "review");
    const { code, message } = await refusal(decide({ ...NOT_PAID, then: "resubmit" }));
    assert.equal(code, "review_too_early");
    assert.match(message, /Konsol has shown a payment that names it/);
  }
});

Deno.test("decideReview() not_paid is not decided anew on what changed while webhooks were looked for", async () => {
  const { rig, payment, decide } = await openAbsent();
  rig.next.payments.save.push(async () => {
    const current = await rig.stored(payment.id);
    await rig.overwrite(current, { ...current, looks: current.looks + 1 });
  });
  const { code } = await refusal(decide({ ...NOT_PAID, then: "fail" }));
  assert.equal(code, "changed_meanwhile");
  assert.equal((await rig.stored(payment.id)).submission, "review");
});

Deno.test("decideReview() not_paid waits for a webhook since its first claim to be worked off", async () => {
  const { rig, gateway, decide } = await openAbsent();
  gateway.next.get.push("timeout");
  await rig.application.receiveWebhook(webhookBody("konsol_77"));
  await settle();
  const { code, message } = await refusal(decide({ ...NOT_PAID, then: "fail" }));
  assert.equal(code, "review_too_early");
  assert.match(message, /webhook/);
});

Deno.test("decideReview() not_paid with Konsol's written word waits for nothing, and keeps it", async () => {
  const { decide } = await openReview();
  const after = await decide({ ...NOT_PAID, then: "fail", konsolConfirmation: "letter 7" });
  assert.equal(after.status, "failed");
  assert.match(after.history.at(-1)?.note ?? "", /seen in the cabinet .*letter 7/);
});

Deno.test("decideReview() not_paid waits for nothing where nothing was ever sent", async () => {
  const unsent = parkForReview(queued(), "T14", "too old", NOW, { kind: "timer" });
  const { decide } = await openReview(unsent);
  assert.equal((await decide({ ...NOT_PAID, attempt: 0, then: "fail" })).status, "failed");
});

Deno.test("decideReview() not_paid sends nothing again whose card number is gone", async () => {
  const { decide } = await openAbsent({ ...inReview(), recipient: settled().recipient });
  const { code } = await refusal(decide({ ...NOT_PAID, then: "resubmit" }));
  assert.equal(code, "card_number_gone");
});

Deno.test("decideReview() not_paid that two persons decide at once is decided once", async () => {
  const { decide } = await openAbsent();
  const decided = await Promise.allSettled([
    decide({ ...NOT_PAID, then: "resubmit" }),
    decide({ ...NOT_PAID, then: "fail", by: "boris" }),
  ]);
  assert.deepEqual(decided.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
});

Deno.test("decideReview() not_paid, and Konsol has it after all: flagged, with an alarm", async () => {
  const { rig, payment, konsol, decide } = await openAbsent();
  await decide({ ...NOT_PAID, then: "fail" });
  konsol.create(payment);
  await rig.application.receiveWebhook(webhookBody(`konsol_${konsol.executed}`));
  await settle();
  const after = await rig.stored(payment.id);
  assert.deepEqual([after.status, detailOf(after)], ["failed", "provider_disagrees"]);
  assert.deepEqual(alarmsOf(rig), ["konsol_payment_does_not_fit"]);
});

Deno.test("listReviews() shows what is in review and what Konsol contradicts, newest first", async () => {
  const rig = openRig();
  const parked = await rig.put(inReview());
  await rig.put(inDoubt());
  const flagged = flagDisagreement(settled(), "returned", NOW, BY_POLL);
  const late = await rig.put({ ...flagged, createdAt: NOW + MINUTE });
  const { items, total } = await rig.application.listReviews(ALL);
  assert.deepEqual([items.map(({ payment }) => payment.id), total], [[late.id, parked.id], 2]);
});

Deno.test("listReviews() says from when not_paid needs no word of Konsol's", async () => {
  const { application } = await openReview();
  const [item] = (await application.listReviews(ALL)).items;
  assert.equal(item?.notPaidAllowedFrom, HORIZON);
});

Deno.test("listReviews() names no time where not_paid is allowed at once, or never without it", async () => {
  const rig = openRig();
  await rig.put(parkForReview(queued(), "T14", "too old", NOW, { kind: "timer" }));
  await rig.put(parkForReview(submitted(), "T13", "differs", NOW, BY_POLL));
  const { items } = await rig.application.listReviews(ALL);
  assert.ok(items.every((item) => !("notPaidAllowedFrom" in item)));
});

Deno.test("listReviews() shows the evidence: attempts, scans and what happened when", async () => {
  const { payment, application } = await openAbsent();
  const [item] = (await application.listReviews(ALL)).items;
  const { cleanScans, cleanScanAt, sendNotAfter, history } = item?.payment ?? payment;
  assert.deepEqual([cleanScans, sendNotAfter], [1, NOW + 5_000]);
  assert.ok((cleanScanAt ?? 0) > HORIZON);
  assert.deepEqual(history.map(({ move }) => move), ["T1", "T3", "T7", "T10"]);
});

Deno.test("decideReview() not_paid with Konsol's word sends what an older system may have sent, after one more scan", async () => {
  const older = { ...CARD_REQUEST, status: "pending", createdAt: NOW, updatedAt: NOW } as const;
  const { rig, payment, decide } = await openReview(importPayment("pay_older", older, NOW));
  const confirmed = { ...NOT_PAID, attempt: 0, konsolConfirmation: "letter 7" };
  await decide({ ...confirmed, then: "resubmit" });
  const steps = stepsOf(rig);
  await scanTwice(rig, steps.resolve, payment.id);
  const sent = await submitPayment(rig.ports, rig.settings, steps, await rig.stored(payment.id));
  assert.deepEqual([sent.submission, sent.attempt], ["submitted", 1]);
});
