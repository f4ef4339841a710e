// Laws of domain/payment_sending.ts: T2 to T7.

import assert from "node:assert/strict";
import type { Payment } from "../../domain/payment.ts";
import { flagDisagreement, parkForReview } from "../../domain/payment_change.ts";
import { importPayment } from "../../domain/payment_import.ts";
import {
  applyCreateOutcome,
  cancelQueued,
  claimForSending,
  doubtAnew,
  expireLease,
  holdsFence,
  noteLateAnswer,
} from "../../domain/payment_sending.ts";
import { whyReviewed } from "../../domain/payment_review.ts";
import type { CreateOutcome } from "../../domain/provider_payment.ts";
import { Refusal } from "../../domain/refusal.ts";
import {
  answered,
  BY_REQUEST,
  CARD_REQUEST,
  claimed,
  HOUR,
  inDoubt,
  inReview,
  NEXT,
  NOW,
  oneInEachState,
  queued,
  reportOf,
  settled,
  submitted,
  submitting,
  submittingAgain,
} from "../support/payment_states.ts";

const LATER = NOW + 1_000;
const REFUSED: CreateOutcome = { kind: "refused", code: "card_blocked", message: "Карта закрыта" };
const NOT_EXECUTED: CreateOutcome = {
  kind: "not_executed",
  because: "not_connected",
  reason: "connection refused",
};
const UNKNOWN: CreateOutcome = { kind: "unknown", reason: "timeout" };

function accepted(payment: Payment, patch = {}): CreateOutcome {
  return { kind: "accepted", payment: reportOf(payment, patch) };
}

function sealedNumberOf({ recipient }: Payment): string | undefined {
  return recipient.kind === "card" ? recipient.sealedNumber : undefined;
}

function lastMove(payment: Payment): string | undefined {
  return payment.history.at(-1)?.move;
}

Deno.test("cancelQueued() is T2: cancelled, with nothing left to send", () => {
  const cancelled = cancelQueued(queued(), LATER, BY_REQUEST);
  assert.equal(lastMove(cancelled), "T2");
  assert.deepEqual([cancelled.submission, cancelled.status], ["settled", "cancelled"]);
  assert.equal(sealedNumberOf(cancelled), undefined);
});

Deno.test("cancelQueued() refuses a queued payment that was maybe sent before", () => {
  const again: Payment = { ...queued(), attempt: 1, maybeSentAt: NOW - HOUR };
  assert.throws(() => cancelQueued(again, LATER, BY_REQUEST), { code: "payment_not_cancellable" });
});

Deno.test("cancelQueued() refuses every other state, saying which it is", () => {
  for (const payment of oneInEachState().filter(({ submission }) => submission !== "queued")) {
    assert.throws(() => cancelQueued(payment, LATER, BY_REQUEST), (error: unknown) => {
      assert.ok(error instanceof Refusal);
      const state = payment.submission === "settled" ? payment.status : payment.submission;
      assert.match(error.message, new RegExp(`: ${state}$`));
      return true;
    });
  }
});

Deno.test("claimForSending() is T3: the next attempt, its lease, due when the lease ends", () => {
  const lease = { owner: "node_1", sendNotAfter: NOW + 5_000, until: NOW + 45_000 };
  const payment = claimForSending(queued(), lease, LATER);
  const { submission, attempt, dueAt, firstClaimedAt } = payment;
  assert.equal(lastMove(payment), "T3");
  assert.deepEqual(payment.lease, lease);
  assert.deepEqual({ submission, attempt, dueAt, firstClaimedAt }, {
    submission: "submitting",
    attempt: 1,
    dueAt: lease.until,
    firstClaimedAt: LATER,
  });
});

Deno.test("claimForSending() says in the history who holds the lease", () => {
  const cause = claimed(queued()).history.at(-1)?.cause;
  assert.deepEqual(cause, { kind: "timer", id: "test" });
});

Deno.test("claimForSending() keeps the time of the first claim on later attempts", () => {
  const requeued = answered(claimed(queued(), NOW), NOT_EXECUTED);
  const again = claimed(requeued, NOW + HOUR);
  assert.deepEqual([again.attempt, again.firstClaimedAt], [2, NOW]);
});

Deno.test("claimForSending() keeps when the request may begin at last, also once the lease is gone", () => {
  const payment = claimed(queued(), LATER);
  assert.equal(payment.sendNotAfter, LATER + 5_000);
  assert.equal(expireLease(payment, NEXT.lookAt, LATER).sendNotAfter, LATER + 5_000);
});

Deno.test("claimForSending() forgets the scans of before: they say nothing of this attempt", () => {
  const scanned: Payment = { ...queued(), cleanScans: 3, cleanScanAt: NOW };
  const { cleanScans, cleanScanAt } = claimed(scanned);
  assert.deepEqual([cleanScans, cleanScanAt], [undefined, undefined]);
});

Deno.test("claimForSending() takes another cause and an earlier first claim where it is not sent now", () => {
  const lease = { owner: "node_1", sendNotAfter: NOW, until: NOW };
  const other = { cause: BY_REQUEST, firstClaimedAt: NOW - HOUR };
  const fenced = claimForSending(queued(), lease, LATER, other);
  assert.deepEqual([fenced.firstClaimedAt, fenced.history.at(-1)?.cause], [NOW - HOUR, BY_REQUEST]);
  const again = claimForSending(answered(submitting(), NOT_EXECUTED), lease, LATER, other);
  assert.equal(again.firstClaimedAt, NOW);
});

Deno.test("doubtAnew() counts from now what may have been sent since, and no scan of before", () => {
  const old: Payment = { ...inReview(), cleanScans: 3, cleanScanAt: NOW };
  const { sendNotAfter, maybeSentAt, cleanScans, cleanScanAt, dueAt } = doubtAnew(old, NOW + HOUR);
  assert.deepEqual({ sendNotAfter, maybeSentAt, cleanScans, cleanScanAt, dueAt }, {
    sendNotAfter: NOW + HOUR,
    maybeSentAt: old.maybeSentAt,
    cleanScans: undefined,
    cleanScanAt: undefined,
    dueAt: old.dueAt,
  });
});

Deno.test("doubtAnew() leaves what an older system may have sent to a person: no list names it", () => {
  const older = importPayment("pay_9", {
    ...CARD_REQUEST,
    status: "pending",
    createdAt: NOW,
    updatedAt: NOW,
  }, NOW);
  assert.equal(doubtAnew(older, LATER).dueAt, undefined);
});

Deno.test("doubtAnew() of one that nobody thought sent has it looked for since it was made", () => {
  const parked = parkForReview(queued(), "T14", "too old", NOW, { kind: "timer" });
  const { firstClaimedAt, maybeSentAt, dueAt } = doubtAnew(parked, LATER);
  assert.deepEqual([firstClaimedAt, maybeSentAt, dueAt], [parked.createdAt, LATER, LATER]);
});

Deno.test("claimForSending() claims nothing that is not queued", () => {
  for (const payment of oneInEachState().filter(({ submission }) => submission !== "queued")) {
    assert.throws(() => claimed(payment), { name: "IllegalMove" }, payment.submission);
  }
});

Deno.test("holdsFence() holds for this attempt while it is submitting, and for no other", () => {
  const payment = submitting();
  assert.ok(holdsFence(payment, 1));
  assert.ok(!holdsFence(payment, 0));
  assert.ok(!holdsFence(payment, 2));
  const gone = [queued(), inDoubt(), submitted(), inReview(), settled()];
  assert.deepEqual(gone.filter((other) => holdsFence(other, 1)), []);
});

Deno.test("applyCreateOutcome() throws without the fence, whatever the answer was", () => {
  const outcomes = [accepted(submitting()), REFUSED, NOT_EXECUTED, UNKNOWN];
  for (const payment of [inDoubt(), submitted(), inReview(), settled(), queued()]) {
    for (const outcome of outcomes) {
      assert.throws(() => applyCreateOutcome(payment, 1, outcome, NEXT, NOW), /fence is gone/);
    }
  }
  assert.throws(() => applyCreateOutcome(submitting(), 2, UNKNOWN, NEXT, NOW), /fence is gone/);
});

Deno.test("applyCreateOutcome() accepted is T5: Konsol's id is known, the card is shredded", () => {
  const payment = answered(submitting(), accepted(submitting()), LATER);
  const { submission, konsolId, status, lease, dueAt } = payment;
  assert.equal(lastMove(payment), "T5");
  assert.deepEqual({ submission, konsolId, status, lease, dueAt }, {
    submission: "submitted",
    konsolId: "konsol_1",
    status: "processing",
    lease: undefined,
    dueAt: NEXT.lookAt,
  });
  assert.equal(sealedNumberOf(payment), undefined);
});

Deno.test("applyCreateOutcome() accepted but not ours is T7, with the id to be asked for", () => {
  const others = [
    { amountMinor: 1 },
    { currency: "USD" },
    { externalId: "order_1" },
    { paymentId: undefined },
    { paymentId: "pay_2" },
    { createdAt: NOW - HOUR },
  ];
  for (const patch of others) {
    const payment = answered(submitting(), accepted(submitting(), patch));
    const { submission, candidateKonsolId, konsolId } = payment;
    assert.deepEqual([submission, candidateKonsolId, konsolId], [
      "in_doubt",
      "konsol_1",
      undefined,
    ], JSON.stringify(patch));
  }
});

Deno.test("applyCreateOutcome() accepted never completes: only a GET does", () => {
  for (const status of ["completed", "failed", "cancelled"] as const) {
    const outcome = accepted(submitting(), { status, paidAt: NOW });
    const { submission, ...shown } = answered(submitting(), outcome);
    assert.deepEqual([submission, shown.status], ["submitted", "processing"]);
  }
});

Deno.test("applyCreateOutcome() accepted tells no payment date and no failure before the end", () => {
  const paid = answered(submitting(), accepted(submitting(), { status: "completed", paidAt: NOW }));
  const failed = answered(submitting(), accepted(submitting(), { status: "failed" }));
  assert.equal(paid.paidAt, undefined);
  assert.equal(failed.failure, undefined);
});

Deno.test("applyCreateOutcome() not_executed is T4: queued for later, nothing maybe sent", () => {
  const payment = answered(submitting(), NOT_EXECUTED, LATER);
  const { submission, status, lease, dueAt, maybeSentAt } = payment;
  assert.equal(lastMove(payment), "T4");
  assert.deepEqual({ submission, status, lease, dueAt, maybeSentAt }, {
    submission: "queued",
    status: "pending",
    lease: undefined,
    dueAt: NEXT.retryAt,
    maybeSentAt: undefined,
  });
});

Deno.test("applyCreateOutcome() not_executed keeps the card and how long it waits unsent", () => {
  const payment = answered(submitting(), NOT_EXECUTED, LATER);
  assert.equal(sealedNumberOf(payment), "sealed_number");
  assert.deepEqual([payment.unsentSince, payment.submissionSince], [NOW, LATER]);
});

Deno.test("applyCreateOutcome() not_executed clears no earlier doubt", () => {
  const payment = answered(submittingAgain(), NOT_EXECUTED);
  assert.equal(payment.maybeSentAt, submittingAgain().maybeSentAt);
});

Deno.test("applyCreateOutcome() refused is T6: failed with Konsol's words, the card shredded", () => {
  const payment = answered(submitting(), REFUSED, LATER);
  assert.equal(lastMove(payment), "T6");
  assert.deepEqual([payment.submission, payment.status], ["settled", "failed"]);
  assert.deepEqual(payment.failure, { code: "card_blocked", message: "Карта закрыта" });
  assert.equal(sealedNumberOf(payment), undefined);
});

Deno.test("applyCreateOutcome() refused after an earlier doubt is T7: the first may have paid", () => {
  const payment = answered(submittingAgain(), REFUSED, LATER);
  assert.equal(lastMove(payment), "T7");
  assert.deepEqual([payment.submission, payment.status, payment.failure], [
    "in_doubt",
    "processing",
    undefined,
  ]);
});

Deno.test("applyCreateOutcome() refused is T7 while a payment that may be its is not asked for", () => {
  const payment = answered({ ...submitting(), candidateKonsolId: "konsol_9" }, REFUSED, LATER);
  assert.deepEqual([payment.submission, payment.candidateKonsolId, payment.failure], [
    "in_doubt",
    "konsol_9",
    undefined,
  ]);
});

Deno.test("applyCreateOutcome() refused is T7 once Konsol has shown a payment that names it", () => {
  const shown = flagDisagreement(submitting(), "Konsol's konsol_9 names it", NOW, BY_REQUEST);
  const payment = answered(shown, REFUSED, LATER);
  assert.deepEqual([lastMove(payment), payment.failure], ["T7", undefined]);
});

Deno.test("applyCreateOutcome() unknown is T7: in doubt, maybe sent, due for a look", () => {
  const payment = answered(submitting(), UNKNOWN, LATER);
  const { submission, status, maybeSentAt, lease, dueAt } = payment;
  assert.equal(lastMove(payment), "T7");
  assert.deepEqual({ submission, status, maybeSentAt, lease, dueAt }, {
    submission: "in_doubt",
    status: "processing",
    maybeSentAt: LATER,
    lease: undefined,
    dueAt: NEXT.lookAt,
  });
});

Deno.test("applyCreateOutcome() unknown keeps the card: it may have to be sent again", () => {
  assert.equal(sealedNumberOf(answered(submitting(), UNKNOWN)), "sealed_number");
});

Deno.test("applyCreateOutcome() unknown notes the id that the answer named", () => {
  const payment = answered(submitting(), { ...UNKNOWN, konsolId: "konsol_9" });
  assert.equal(payment.candidateKonsolId, "konsol_9");
  assert.equal(payment.history.at(-1)?.note, "timeout; the answer named konsol_9");
});

Deno.test("noteLateAnswer() moves nothing, is said once, and puts nothing before a person", () => {
  for (const payment of oneInEachState()) {
    const noted = noteLateAnswer(payment, 1, "refused (no)", LATER);
    const { submission, status, dueAt } = payment;
    assert.deepEqual([noted.submission, noted.status, noted.dueAt], [submission, status, dueAt]);
    assert.equal(noted.history.length, payment.history.length + 1);
    assert.deepEqual(whyReviewed(noted), whyReviewed(payment));
    assert.equal(noteLateAnswer(noted, 1, "refused (no)", LATER), noted);
    assert.notEqual(noteLateAnswer(noted, 2, "refused (no)", LATER), noted);
  }
});

Deno.test("applyCreateOutcome() unknown keeps the time of the first doubt", () => {
  const payment = answered(submittingAgain(), UNKNOWN, LATER);
  assert.equal(payment.maybeSentAt, submittingAgain().maybeSentAt);
});

Deno.test("expireLease() is T7, never back to the queue, and keeps the card", () => {
  const payment = expireLease(submitting(), NEXT.lookAt, LATER);
  assert.equal(lastMove(payment), "T7");
  assert.deepEqual([payment.submission, payment.maybeSentAt], ["in_doubt", LATER]);
  assert.equal(sealedNumberOf(payment), "sealed_number");
});

Deno.test("expireLease() keeps a candidate that was noted while it was sending", () => {
  const payment: Payment = { ...submitting(), candidateKonsolId: "konsol_9" };
  assert.equal(expireLease(payment, NEXT.lookAt, LATER).candidateKonsolId, "konsol_9");
});

Deno.test("expireLease() throws IllegalMove for every state but submitting", () => {
  for (const payment of oneInEachState().filter((one) => one.submission !== "submitting")) {
    assert.throws(() => expireLease(payment, NEXT.lookAt, NOW), { name: "IllegalMove" });
  }
});
