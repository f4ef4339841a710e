// Laws of domain/payment_review.ts: T9 and T11, and what stands before them.

import assert from "node:assert/strict";
import { detailOf, type Payment } from "../../domain/payment.ts";
import { flagDisagreement, parkForReview } from "../../domain/payment_change.ts";
import { noteCandidate } from "../../domain/payment_following.ts";
import {
  acknowledge,
  assertJudged,
  decideNotPaid,
  doubtsOf,
  hasEvidence,
  horizonOf,
  isUnaccounted,
  needsReview,
  noteCleanScan,
  type NotPaidDecision,
  resubmit,
  SCAN_FRESH_MS,
  webhooksSince,
  whyReviewed,
} from "../../domain/payment_review.ts";
import { Refusal } from "../../domain/refusal.ts";
import {
  BY_POLL,
  claimed,
  DAY,
  HOUR,
  inDoubt,
  inReview,
  MINUTE,
  NOW,
  oneInEachState,
  PHONE_REQUEST,
  queued,
  settled,
  submitted,
  submitting,
} from "../support/payment_states.ts";

const RULES = { resubmitHorizonMs: DAY, unworkedWebhooks: false };
const SENT_BY = NOW + 5_000;
const HORIZON = SENT_BY + DAY;
const DECISION: NotPaidDecision = {
  attempt: 1,
  then: "resubmit",
  reason: "the bank knows nothing of it",
  by: "anna",
};

/** In review, scanned clean at the horizon, in a list that shows what was sent just after it. */
function scanned(payment: Payment = inReview(), shownUpTo = HORIZON + 1): Payment {
  return noteCleanScan(payment, { startedAt: HORIZON, shownUpTo }, HORIZON);
}

function decide(
  payment: Payment,
  patch: Partial<NotPaidDecision> = {},
  { now = HORIZON, ...rules }: Partial<typeof RULES> & { now?: number } = {},
): Payment {
  return decideNotPaid(payment, { ...DECISION, ...patch }, { ...RULES, ...rules }, now);
}

function refusal(decided: () => unknown): Refusal {
  try {
    decided();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  return assert.fail("it was not refused");
}

function cardGone(payment: Payment): Payment {
  return { ...payment, recipient: settled().recipient };
}

/** T14: never sent, so that nothing has to be waited for. */
const unsent = parkForReview(queued(), "T14", "too old", NOW, { kind: "timer" });
/** T13: Konsol has it, and differs. */
const differing = parkForReview(submitted(), "T13", "amount", NOW, BY_POLL);

Deno.test("needsReview() holds for what is in review, and for nothing else that agrees", () => {
  const wanting = oneInEachState().filter(needsReview).map(({ submission }) => submission);
  assert.deepEqual(wanting, ["review"]);
});

Deno.test("needsReview() holds for whatever Konsol contradicts", () => {
  const flagged = oneInEachState().map((one) => flagDisagreement(one, "two", NOW, BY_POLL));
  assert.ok(flagged.every(needsReview));
});

const SEEN = { attempt: 1, since: NOW + HOUR, reason: "the client was told", by: "anna" };

/** It ended as completed, and Konsol says otherwise. */
function contradicted(note = "Konsol now says failed", payment = settled()): Payment {
  return flagDisagreement(payment, note, NOW + HOUR, BY_POLL);
}

Deno.test("acknowledge() takes a contradiction out of the reviews, with name and reason, and moves nothing", () => {
  for (const before of [contradicted(), contradicted("two", submitted())]) {
    const after = acknowledge(before, SEEN, NOW + DAY);
    assert.ok(needsReview(before) && !needsReview(after));
    const { submission, status, dueAt, providerDisagrees } = before;
    assert.deepEqual(
      [after.submission, after.status, after.dueAt, after.providerDisagrees],
      [submission, status, dueAt, providerDisagrees],
    );
    assert.equal(detailOf(after), "provider_disagrees");
    assert.deepEqual(after.history.at(-1), {
      at: NOW + DAY,
      move: undefined,
      submission,
      status,
      attempt: 1,
      cause: { kind: "person", id: "anna" },
      note: "the client was told",
    });
  }
});

Deno.test("acknowledge() refuses what waits for a decision, what nobody contradicts and what was seen", () => {
  const parked = parkForReview(contradicted("two", submitted()), "T13", "amount", NOW, BY_POLL);
  const seen = acknowledge(contradicted(), SEEN, NOW);
  for (const payment of [...oneInEachState(), parked, seen]) {
    const { code } = refusal(() => acknowledge(payment, SEEN, NOW));
    assert.equal(code, "nothing_to_acknowledge", payment.submission);
  }
});

Deno.test("acknowledge() refuses a look at another attempt", () => {
  const { code } = refusal(() => acknowledge(contradicted(), { ...SEEN, attempt: 2 }, NOW));
  assert.equal(code, "review_outdated");
});

Deno.test("acknowledge() refuses a look at an earlier contradiction than the latest", () => {
  const later = flagDisagreement(contradicted(), "Konsol has a second", NOW + 2 * HOUR, BY_POLL);
  const { code, message } = refusal(() => acknowledge(later, SEEN, NOW + DAY));
  assert.equal(code, "review_outdated");
  assert.match(message, /Konsol has a second/);
  assert.ok(!needsReview(acknowledge(later, { ...SEEN, since: NOW + 2 * HOUR }, NOW + DAY)));
});

Deno.test("acknowledge() looks past what is news, and past a person's own words", () => {
  const seen = acknowledge(contradicted(), SEEN, NOW + 2 * HOUR);
  assert.equal(whyReviewed(seen)?.at, NOW + HOUR);
  const { history } = seen;
  const news = { ...history.at(-1)!, note: "Konsol says manualpay", cause: BY_POLL };
  assert.equal(whyReviewed({ ...seen, history: [...history, news] })?.at, NOW + HOUR);
});

Deno.test("flagDisagreement() opens a review anew for another contradiction, not for the one that was seen", () => {
  const seen = acknowledge(contradicted(), SEEN, NOW + DAY);
  assert.equal(flagDisagreement(seen, "Konsol now says failed", NOW + 2 * DAY, BY_POLL), seen);
  const again = flagDisagreement(seen, "Konsol now says cancelled", NOW + 2 * DAY, BY_POLL);
  assert.ok(needsReview(again));
  assert.equal(again.history.at(-1)?.note, "Konsol now says cancelled");
});

Deno.test("webhooksSince() leaves room for the clock of whoever took the webhook", () => {
  const payment = claimed(queued());
  assert.equal(webhooksSince(payment), (payment.firstClaimedAt ?? 0) - 15 * MINUTE);
});

Deno.test("isUnaccounted() holds for what was maybe sent and has no id of Konsol's", () => {
  const unaccounted = oneInEachState().filter(isUnaccounted).map(({ submission }) => submission);
  assert.deepEqual(unaccounted, ["in_doubt", "review"]);
  assert.ok(isUnaccounted({ ...queued(), maybeSentAt: NOW }));
});

Deno.test("isUnaccounted() does not hold while it is sending, once it is linked, nor after its end", () => {
  for (const payment of [submitting(), submitted(), settled(), differing]) {
    assert.ok(!isUnaccounted({ ...payment, maybeSentAt: NOW }));
  }
});

Deno.test("horizonOf() counts from the last moment at which a request could begin", () => {
  assert.equal(horizonOf(inDoubt(), DAY), HORIZON);
  const later = claimed({ ...queued(), attempt: 1, maybeSentAt: NOW }, NOW + HOUR);
  assert.equal(horizonOf(later, DAY), HORIZON + HOUR);
});

Deno.test("horizonOf() counts from the doubt, or from the creation, where no moment is recorded", () => {
  const unknown = { ...inDoubt(), sendNotAfter: undefined, maybeSentAt: NOW + 1 };
  assert.equal(horizonOf(unknown, DAY), NOW + 1 + DAY);
  assert.equal(horizonOf(queued(), DAY), NOW + DAY);
});

Deno.test("doubtsOf() counts how often a request of it came to be in doubt", () => {
  assert.equal(doubtsOf(submitting()), 0);
  assert.equal(doubtsOf(inReview()), 1);
  const { history } = inDoubt();
  assert.equal(doubtsOf({ ...inDoubt(), history: [...history, ...history] }), 2);
});

Deno.test("hasEvidence() holds for a scan begun since the payment was queued", () => {
  const again: Payment = { ...queued(), submissionSince: NOW };
  assert.ok(!hasEvidence(again));
  assert.ok(!hasEvidence({ ...again, cleanScanAt: NOW - 1 }));
  assert.ok(hasEvidence({ ...again, cleanScanAt: NOW }));
});

Deno.test("noteCleanScan() counts the scan and the look, and moves nothing", () => {
  const payment = inDoubt();
  const first = noteCleanScan(payment, { startedAt: NOW, shownUpTo: NOW - 2 }, NOW + 1);
  const twice = noteCleanScan(first, { startedAt: NOW + MINUTE, shownUpTo: NOW - 1 }, NOW + 2);
  assert.deepEqual(twice, {
    ...payment,
    cleanScans: 2,
    cleanScanAt: NOW + MINUTE,
    cleanScanUpTo: NOW - 1,
    dueAt: NOW + 2,
    looks: 2,
  });
});

Deno.test("resubmit() is T9: queued and due at once, with the scans of before forgotten", () => {
  const again = resubmit(scanned(inDoubt()), HORIZON);
  const { submission, dueAt, unsentSince, cleanScans, cleanScanAt } = again;
  assert.deepEqual({ submission, dueAt, unsentSince, cleanScans, cleanScanAt }, {
    submission: "queued",
    dueAt: HORIZON,
    unsentSince: HORIZON,
    cleanScans: undefined,
    cleanScanAt: undefined,
  });
  const { move, cause, note } = again.history.at(-1) ?? {};
  assert.deepEqual([move, cause, note], [
    "T9",
    { kind: "timer" },
    "resubmitted after 1 clean scans",
  ]);
});

Deno.test("resubmit() never clears maybeSentAt, and keeps the sealed number", () => {
  const again = resubmit(inDoubt(), HORIZON);
  assert.equal(again.maybeSentAt, NOW);
  assert.deepEqual(again.recipient, inDoubt().recipient);
});

Deno.test("resubmit() says when no scan stands behind it", () => {
  assert.match(resubmit(inDoubt(), HORIZON).history.at(-1)?.note ?? "", /after 0 clean scans/);
});

Deno.test("resubmit() refuses a card whose number is shredded", () => {
  assert.equal(refusal(() => resubmit(cardGone(inDoubt()), HORIZON)).code, "card_number_gone");
});

Deno.test("resubmit() of a payment by phone needs no number", () => {
  assert.equal(resubmit(inDoubt(PHONE_REQUEST), HORIZON).submission, "queued");
});

Deno.test("resubmit() refuses every state but in_doubt", () => {
  for (const payment of [queued(), submitting(), inReview()]) {
    assert.throws(() => resubmit(payment, HORIZON), { name: "IllegalMove" }, payment.submission);
  }
});

Deno.test("assertJudged() refuses what is not in review, saying where it is", () => {
  for (const payment of oneInEachState().filter(({ submission }) => submission !== "review")) {
    const { code, message } = refusal(() => assertJudged(payment, payment.attempt));
    assert.equal(code, "payment_not_in_review");
    assert.match(message, new RegExp(`: ${payment.submission}$`));
  }
});

Deno.test("assertJudged() refuses a decision on another attempt, naming the present one", () => {
  assertJudged(inReview(), 1);
  for (const attempt of [0, 2]) {
    const { code, message } = refusal(() => assertJudged(inReview(), attempt));
    assert.equal(code, "review_outdated");
    assert.match(message, /: 1$/);
  }
});

Deno.test("decideNotPaid() refuses another attempt and what is not in review, whatever is confirmed", () => {
  const confirmed = { konsolConfirmation: "letter 7" };
  const outdated = refusal(() => decide(scanned(), { ...confirmed, attempt: 2 }));
  assert.equal(outdated.code, "review_outdated");
  assert.equal(refusal(() => decide(inDoubt(), confirmed)).code, "payment_not_in_review");
});

Deno.test("decideNotPaid() is T11 to the queue, with the person and the reason in its history", () => {
  const again = decide(scanned());
  const { submission, dueAt, unsentSince, cleanScans, maybeSentAt } = again;
  assert.deepEqual([submission, dueAt, unsentSince, cleanScans, maybeSentAt], [
    "queued",
    HORIZON,
    HORIZON,
    undefined,
    NOW,
  ]);
  const { move, cause, note } = again.history.at(-1) ?? {};
  assert.deepEqual([move, cause, note], ["T11", { kind: "person", id: "anna" }, DECISION.reason]);
});

Deno.test("decideNotPaid() is T11 to failed, with the card shredded", () => {
  const failed = decide(scanned(), { then: "fail" });
  assert.deepEqual([failed.submission, failed.status], ["settled", "failed"]);
  assert.equal(failed.failure?.code, "not_paid");
  assert.ok(!("sealedNumber" in failed.recipient));
  const { move, cause } = failed.history.at(-1) ?? {};
  assert.deepEqual([move, cause], ["T11", { kind: "person", id: "anna" }]);
});

Deno.test("decideNotPaid() before the horizon is too early, and names the time", () => {
  for (const then of ["resubmit", "fail"] as const) {
    const { code, details } = refusal(() => decide(scanned(), { then }, { now: HORIZON - 1 }));
    assert.deepEqual([code, details.allowedFrom], ["review_too_early", HORIZON]);
  }
});

Deno.test("decideNotPaid() rests on a scan of the last hour", () => {
  const now = HORIZON + SCAN_FRESH_MS;
  assert.equal(decide(scanned(), {}, { now }).submission, "queued");
  const { code, message, details } = refusal(() => decide(scanned(), {}, { now: now + 1 }));
  assert.deepEqual([code, details.allowedFrom], ["review_too_early", undefined]);
  assert.match(message, /no fresh scan/);
});

Deno.test("decideNotPaid() without any scan is too early, however late it is", () => {
  assert.match(
    refusal(() => decide(inReview(), {}, { now: NOW + 30 * DAY })).message,
    /fresh scan/,
  );
});

Deno.test("decideNotPaid() waits until Konsol's list shows what was sent after the horizon", () => {
  for (const shownUpTo of [HORIZON - HOUR, HORIZON]) {
    const early = refusal(() => decide(scanned(inReview(), shownUpTo), { then: "fail" }));
    assert.deepEqual([early.code, early.details.allowedFrom], ["review_too_early", undefined]);
    assert.match(early.message, /has not shown yet a payment of ours that was sent after 2026/);
  }
});

Deno.test("decideNotPaid() of what Konsol has shown a payment for needs Konsol's own word, and sends nothing", () => {
  const shown = scanned(flagDisagreement(inReview(), "Konsol has konsol_9", NOW, BY_POLL));
  const early = refusal(() => decide(shown, { then: "fail" }));
  assert.equal(early.code, "review_too_early");
  assert.match(early.message, /Konsol has shown a payment that names it/);
  const confirmed = { konsolConfirmation: "letter 7" };
  assert.equal(decide(shown, { ...confirmed, then: "fail" }).status, "failed");
  assert.equal(refusal(() => decide(shown, confirmed)).code, "review_resubmit_not_possible");
});

Deno.test("decideNotPaid() waits for webhooks that may be its", () => {
  const early = refusal(() => decide(scanned(), {}, { unworkedWebhooks: true }));
  assert.equal(early.code, "review_too_early");
  assert.match(early.message, /a webhook that may be its/);
});

Deno.test("decideNotPaid() waits for the candidate to be asked for", () => {
  const early = refusal(() => decide(noteCandidate(scanned(), "konsol_9", HORIZON)));
  assert.equal(early.code, "review_too_early");
  assert.match(early.message, /a payment that may be its/);
});

Deno.test("decideNotPaid() of what Konsol has a payment for needs Konsol's own word", () => {
  const judged = { ...differing, cleanScanAt: HORIZON };
  const early = refusal(() => decide(judged, { then: "fail" }));
  assert.deepEqual([early.code, early.details.allowedFrom], ["review_too_early", undefined]);
  assert.match(early.message, /Konsol has a payment for it/);
});

Deno.test("decideNotPaid() takes Konsol's written word for horizon, scan, webhooks and candidate", () => {
  const bare = noteCandidate(inReview(), "konsol_9", NOW);
  const confirmed = { konsolConfirmation: "letter 7" };
  const rules = { now: NOW, unworkedWebhooks: true };
  assert.equal(decide(inReview(), confirmed, rules).submission, "queued");
  assert.equal(refusal(() => decide(bare, confirmed, rules)).code, "review_resubmit_not_possible");
  const ended = decide(bare, { ...confirmed, then: "fail" }, rules);
  assert.equal(
    ended.history.at(-1)?.note,
    "the bank knows nothing of it (Konsol's confirmation: letter 7)",
  );
});

Deno.test("decideNotPaid() fails, with Konsol's word, what Konsol has a payment for", () => {
  const failed = decide(differing, { then: "fail", konsolConfirmation: "letter 7" }, { now: NOW });
  assert.deepEqual([failed.status, failed.dueAt], ["failed", NOW + HOUR]);
});

Deno.test("decideNotPaid() never sends again what Konsol has a payment for, whatever is confirmed", () => {
  const { code } = refusal(() => decide(differing, { konsolConfirmation: "letter 7" }));
  assert.equal(code, "review_resubmit_not_possible");
});

Deno.test("decideNotPaid() sends nothing again whose card number is gone, but may fail it", () => {
  const gone = cardGone(scanned());
  assert.equal(refusal(() => decide(gone)).code, "card_number_gone");
  assert.equal(decide(gone, { then: "fail" }).status, "failed");
});

Deno.test("decideNotPaid() waits for nothing where nothing was ever sent", () => {
  for (const then of ["resubmit", "fail"] as const) {
    const rules = { now: NOW, unworkedWebhooks: true };
    const decided = decide(unsent, { attempt: 0, then }, rules);
    assert.equal(decided.submission, then === "fail" ? "settled" : "queued");
  }
});
