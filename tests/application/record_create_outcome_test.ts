// Laws of application/record_create_outcome.ts: an answer of Konsol's is never lost.

import assert from "node:assert/strict";
import { followPayment } from "../../application/follow_payment.ts";
import type { PaymentStore } from "../../application/ports.ts";
import { recordCreateOutcome } from "../../application/record_create_outcome.ts";
import { detailOf, type Payment } from "../../domain/payment.ts";
import { flagDisagreement, otherPaymentNote, parkForReview } from "../../domain/payment_change.ts";
import { dropCandidate, linkKonsol } from "../../domain/payment_following.ts";
import { whyReviewed } from "../../domain/payment_review.ts";
import { claimForSending, expireLease } from "../../domain/payment_sending.ts";
import type { CreateOutcome } from "../../domain/provider_payment.ts";
import { openRig, type Rig } from "../support/application_rig.ts";
import { settle } from "../support/fake_clock.ts";
import { alarmsOf, resolverOf } from "../support/instances.ts";
import {
  BY_POLL,
  claimed,
  HOUR,
  MINUTE,
  NOW,
  queued,
  reportOf,
} from "../support/payment_states.ts";

const UNKNOWN: CreateOutcome = { kind: "unknown", reason: "timeout" };
const REFUSED: CreateOutcome = { kind: "refused", code: "konsol_422", message: "нет" };
const HELD_OFF = {
  kind: "not_executed",
  because: "konsol_answered",
  reason: "konsol_429",
  httpStatus: 429,
} as const;

async function sent(rig: Rig): Promise<Payment> {
  const put = await rig.put(queued());
  return await rig.overwrite(put, claimed(put));
}

/** Konsol executed it, and this is its answer. */
function executed(rig: Rig, payment: Payment): CreateOutcome {
  const { konsolId = "" } = rig.konsol.create(payment) ?? {};
  return { kind: "accepted", payment: reportOf(payment, { konsolId }) };
}

function record({ ports }: Rig, payment: Payment, outcome: CreateOutcome): Promise<Payment> {
  return recordCreateOutcome(ports, payment, outcome);
}

/** As another process does when nobody answered for the lease. */
async function expired(rig: Rig, payment: Payment): Promise<Payment> {
  return await rig.overwrite(payment, expireLease(payment, NOW + MINUTE, NOW));
}

Deno.test("recordCreateOutcome() stores what the create came to", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  const after = await record(rig, payment, executed(rig, payment));
  assert.deepEqual([after.submission, after.konsolId], ["submitted", "konsol_1"]);
  assert.deepEqual(after, await rig.stored(payment.id));
});

Deno.test("recordCreateOutcome() looks again in about 10 s, at once where it ended already", async () => {
  const rig = openRig();
  const [open, ended] = [await sent(rig), await sent(rig)];
  const answer = executed(rig, ended);
  assert.ok(answer.kind === "accepted");
  const completed = { ...answer, payment: { ...answer.payment, status: "completed" as const } };
  assert.equal((await record(rig, ended, completed)).dueAt, NOW);
  assert.equal((await record(rig, open, executed(rig, open))).dueAt, NOW + 10_500);
});

Deno.test("recordCreateOutcome() looks at once at what is in doubt", async () => {
  const rig = openRig();
  assert.equal((await record(rig, await sent(rig), UNKNOWN)).dueAt, NOW);
});

Deno.test("recordCreateOutcome() sends again no sooner than Konsol asked for", async () => {
  const rig = openRig();
  const wait = { ...HELD_OFF, retryAfterMs: HOUR };
  assert.equal((await record(rig, await sent(rig), wait)).dueAt, NOW + HOUR);
});

Deno.test("recordCreateOutcome() after the lease expired keeps Konsol's id as a candidate", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  const answer = executed(rig, payment);
  await expired(rig, payment);
  const after = await record(rig, payment, answer);
  assert.deepEqual([after.submission, after.candidateKonsolId, after.dueAt], [
    "in_doubt",
    "konsol_1",
    NOW,
  ]);
});

Deno.test("recordCreateOutcome() after the lease expired keeps the id that a doubtful answer named", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  await expired(rig, payment);
  const after = await record(rig, payment, { ...UNKNOWN, konsolId: "konsol_9" });
  assert.equal(after.candidateKonsolId, "konsol_9");
});

Deno.test("recordCreateOutcome() notes a candidate once when only the store's answer was lost", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  const answer = executed(rig, payment);
  const doubted = await expired(rig, payment);
  rig.next.payments.save.push(() => {}, "after");
  const recorded = record(rig, payment, answer);
  await rig.clock.advance(MINUTE);
  assert.equal((await recorded).candidateKonsolId, "konsol_1");
  assert.equal((await rig.stored(payment.id)).version, doubted.version + 1);
});

Deno.test("recordCreateOutcome() tries again on what it has where the store lags behind", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  let asked = 0;
  const save: typeof rig.ports.payments.save = async (before, after) =>
    asked++ === 0 ? { kind: "stale" } : await rig.stores.payments.save(before, after);
  const payments = { save, get: () => Promise.resolve(undefined) } as unknown as PaymentStore;
  const after = await recordCreateOutcome(
    { ...rig.ports, payments },
    payment,
    executed(rig, payment),
  );
  assert.deepEqual([after.submission, asked], ["submitted", 2]);
});

Deno.test("recordCreateOutcome() after the lease expired leads to T8 by a GET", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  const answer = executed(rig, payment);
  await expired(rig, payment);
  const after = await followPayment(rig.ports, resolverOf(rig), await record(rig, payment, answer));
  assert.deepEqual([after.submission, after.konsolId], ["submitted", "konsol_1"]);
  assert.equal(after.history.at(-1)?.move, "T8");
  assert.equal(rig.konsol.executed, 1);
});

Deno.test("recordCreateOutcome() keeps the answer when the lease expires at that very moment", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  rig.next.payments.save.push(() => expired(rig, payment));
  const after = await record(rig, payment, executed(rig, payment));
  assert.deepEqual([after.submission, after.candidateKonsolId], ["in_doubt", "konsol_1"]);
});

Deno.test("recordCreateOutcome() keeps the answer for a payment that is in review by now", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  const answer = executed(rig, payment);
  const doubted = await expired(rig, payment);
  await rig.overwrite(doubted, parkForReview(doubted, "T10", "", NOW, { kind: "timer" }));
  const noted = await record(rig, payment, answer);
  assert.deepEqual([noted.submission, noted.candidateKonsolId], ["review", "konsol_1"]);
  assert.equal((await followPayment(rig.ports, resolverOf(rig), noted)).submission, "submitted");
});

Deno.test("recordCreateOutcome() changes nothing where a webhook was faster", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  const answer = executed(rig, payment);
  const report = reportOf(payment, { konsolId: "konsol_1" });
  const linked = linkKonsol(payment, report, NOW, NOW, { kind: "webhook" });
  const found = await rig.overwrite(payment, linked);
  assert.deepEqual(await record(rig, payment, answer), found);
  assert.deepEqual(alarmsOf(rig), []);
});

Deno.test("recordCreateOutcome() raises the alarm for a second Konsol payment, and says so", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  const report = reportOf(payment, { konsolId: "konsol_of_before" });
  await rig.overwrite(payment, linkKonsol(payment, report, NOW, NOW, { kind: "webhook" }));
  const after = await record(rig, payment, executed(rig, payment));
  assert.deepEqual([after.konsolId, detailOf(after)], ["konsol_of_before", "provider_disagrees"]);
  assert.match(after.history.at(-1)?.note ?? "", /second payment for it: konsol_1/);
  assert.deepEqual(alarmsOf(rig), ["second_konsol_payment"]);
});

Deno.test("recordCreateOutcome() asks for an id in a broken answer before it is told as a second payment", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  const answer = executed(rig, payment);
  assert.ok(answer.kind === "accepted");
  await rig.overwrite(payment, linkKonsol(payment, answer.payment, NOW, NOW, { kind: "webhook" }));
  const broken = { kind: "unknown", reason: "http_504", konsolId: "req-8f2a" } as const;
  const noted = await record(rig, payment, broken);
  assert.deepEqual([noted.candidateKonsolId, noted.providerDisagrees], ["req-8f2a", undefined]);
  const after = await followPayment(rig.ports, resolverOf(rig), noted);
  assert.deepEqual([after.candidateKonsolId, after.providerDisagrees], [undefined, undefined]);
});

Deno.test("recordCreateOutcome() asks no more for an id in a broken answer that is told already", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  const report = reportOf(payment, { konsolId: "konsol_1" });
  const linked = linkKonsol(payment, report, NOW, NOW, { kind: "webhook" });
  const other = otherPaymentNote(linked, { konsolId: "konsol_2", status: "completed" });
  const told = flagDisagreement(linked, other, NOW, BY_POLL);
  const known = await rig.overwrite(payment, told);
  const broken = { kind: "unknown", reason: "http_504", konsolId: "konsol_2" } as const;
  assert.deepEqual(await record(rig, payment, broken), known);
});

Deno.test("recordCreateOutcome() gives no answer of an old attempt to a later one", async () => {
  const rig = openRig();
  const first = await sent(rig);
  const lease = { owner: "other", sendNotAfter: NOW, until: NOW };
  const requeued = await record(rig, first, HELD_OFF);
  const second = await rig.overwrite(requeued, claimForSending(requeued, lease, NOW));
  const late: CreateOutcome = { kind: "refused", code: "no", message: "no" };
  assert.deepEqual(await record(rig, first, late), second);
});

Deno.test("recordCreateOutcome() takes an id that another payment has for a doubt, with an alarm", async () => {
  const rig = openRig();
  const [owner, payment] = [await sent(rig), await sent(rig)];
  await record(rig, owner, executed(rig, owner));
  const answer: CreateOutcome = {
    kind: "accepted",
    payment: reportOf(payment, { konsolId: "konsol_1" }),
  };
  const after = await record(rig, payment, answer);
  assert.deepEqual([after.submission, after.konsolId], ["in_doubt", undefined]);
  assert.equal((await rig.stored(owner.id)).konsolId, "konsol_1");
  assert.deepEqual(alarmsOf(rig), ["konsol_id_is_another_payments"]);
});

Deno.test("recordCreateOutcome() tries again while the store is away", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  rig.next.payments.save.push("before", "before", "before");
  rig.next.payments.get.push("before");
  const recorded = record(rig, payment, executed(rig, payment));
  await rig.clock.advance(MINUTE);
  assert.equal((await recorded).submission, "submitted");
});

Deno.test("recordCreateOutcome() records once when only the store's answer was lost", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  rig.next.payments.save.push("after");
  const recorded = record(rig, payment, executed(rig, payment));
  await rig.clock.advance(MINUTE);
  assert.deepEqual(await recorded, await rig.stored(payment.id));
  assert.deepEqual((await recorded).history.map(({ move }) => move), ["T1", "T3", "T5"]);
  assert.deepEqual(alarmsOf(rig), []);
});

Deno.test("recordCreateOutcome() waits longer each time, and never longer than 2 s", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  rig.next.payments.save.push(...Array.from({ length: 8 }, () => "before" as const));
  const recorded = record(rig, payment, executed(rig, payment));
  const waits: number[] = [];
  const sleep = rig.clock.sleep.bind(rig.clock);
  rig.clock.sleep = (ms) => (waits.push(ms), sleep(ms));
  await rig.clock.advance(MINUTE);
  await recorded;
  assert.deepEqual(waits, [50, 100, 200, 400, 800, 1_600, 2_000, 2_000]);
});

Deno.test("recordCreateOutcome() gives up within a limit, with Konsol's id in an alarm", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  rig.next.payments.save.push(...Array.from({ length: 100 }, () => "before" as const));
  const recorded = record(rig, payment, executed(rig, payment));
  await rig.clock.advance(MINUTE);
  assert.equal((await recorded).submission, "submitting");
  const [alarm] = rig.log.of("alarm");
  assert.deepEqual([alarm?.alarm, alarm?.konsol_id], ["answer_not_recorded", "konsol_1"]);
});

Deno.test("recordCreateOutcome() does not hide a bug behind its tries", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  rig.next.payments.save.push(() => {
    throw new TypeError("a bug");
  });
  await assert.rejects(record(rig, payment, executed(rig, payment)), TypeError);
  await settle();
});

Deno.test("recordCreateOutcome() takes a refusal that came after the lease to a person", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  await expired(rig, payment);
  const after = await record(rig, payment, REFUSED);
  assert.equal(after.submission, "review");
  assert.deepEqual(alarmsOf(rig), ["payment_needs_review"]);
});

Deno.test("recordCreateOutcome() notes a refusal that came after the lease for the person who has it by then", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  const doubted = await expired(rig, payment);
  const parked = parkForReview(doubted, "T10", "not found", NOW, { kind: "timer" });
  await rig.overwrite(doubted, parked);
  const after = await record(rig, payment, REFUSED);
  assert.equal(
    after.history.at(-1)?.note,
    "Konsol says of attempt 1, after its lease: refused (konsol_422)",
  );
  assert.deepEqual([after.submission, whyReviewed(after)?.note], ["review", "not found"]);
  assert.deepEqual(await record(rig, payment, REFUSED), after);
});

Deno.test("recordCreateOutcome() notes a refusal of what was found at Konsol meanwhile, and moves nothing", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  const linked = linkKonsol(payment, reportOf(payment), NOW, NOW, { kind: "webhook" });
  await rig.overwrite(payment, linked);
  const after = await record(rig, payment, REFUSED);
  assert.match(after.history.at(-1)?.note ?? "", /^Konsol says of attempt 1, .*konsol_422/);
  assert.deepEqual([after.submission, after.dueAt], ["submitted", linked.dueAt]);
});

Deno.test("recordCreateOutcome() gives no refusal of an attempt to the review of a later one", async () => {
  const rig = openRig();
  const payment = await sent(rig);
  const doubted = await expired(rig, payment);
  const parked = parkForReview(doubted, "T10", "not found", NOW, { kind: "timer" });
  const later = await rig.overwrite(doubted, { ...parked, attempt: 2 });
  assert.deepEqual(await record(rig, payment, REFUSED), later);
});

Deno.test("recordCreateOutcome() keeps the id of a late answer in the history, and asks for it once more", async () => {
  for (const known of [undefined, "konsol_1"]) {
    const rig = openRig();
    const payment = await sent(rig);
    const answer = executed(rig, payment);
    const doubted = await expired(rig, payment);
    await rig.overwrite(doubted, { ...doubted, candidateKonsolId: known, dueAt: NOW + HOUR });
    const after = await record(rig, payment, answer);
    const note = "Konsol says of attempt 1, after its lease: it named konsol_1";
    assert.equal(after.history.at(-1)?.note, note);
    assert.deepEqual([after.candidateKonsolId, after.dueAt], ["konsol_1", NOW]);
    const dropped = await rig.overwrite(after, dropCandidate(after, NOW + HOUR));
    assert.deepEqual(await record(rig, payment, answer), dropped);
  }
});
