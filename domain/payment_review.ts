// Payments that a person looks at: when they may decide, what they decide, and the guarded way back to the queue.

import type { Cause, Payment, PaymentEvent } from "./payment.ts";
import { change, NO_CLEAN_SCANS, settle } from "./payment_change.ts";
import { CLOCK_SKEW_MS } from "./provider_payment.ts";
import { Refusal } from "./refusal.ts";
import type { MoveName } from "./submission_table.ts";

/** A person's "it was not paid". `attempt` is the one that they judged. */
export interface NotPaidDecision {
  readonly attempt: number;
  readonly then: "resubmit" | "fail";
  readonly reason: string;
  readonly by: string;
  /** Konsol's written word that it never was and never will be paid; stands in for horizon and scan. */
  readonly konsolConfirmation?: string;
}

/** A person's "I know that Konsol contradicts it, and have seen to it". */
export interface Acknowledgement {
  readonly attempt: number;
  /** Epoch ms of the contradiction that they looked at: another one is not taken for known. */
  readonly since: number;
  readonly reason: string;
  readonly by: string;
}

/** How fresh the clean scan must be that a decision rests on. */
export const SCAN_FRESH_MS = 60 * 60_000;

/** Whether a person has to look: parked, or contradicted by Konsol. */
export function needsReview(payment: Payment): boolean {
  return payment.submission === "review" || isContradicted(payment);
}

/** Konsol contradicts it, and nobody has taken note of that yet. */
export function isContradicted({ providerDisagrees, acknowledgedAt }: Payment): boolean {
  return providerDisagrees === true && acknowledgedAt === undefined;
}

const PARKING: readonly (MoveName | undefined)[] = ["T10", "T13", "T14"];

/** The latest of what put it before a person: it was parked, or Konsol contradicted it. */
export function whyReviewed({ history }: Payment): PaymentEvent | undefined {
  return history.findLast(isReason);
}

function isReason(event: PaymentEvent): boolean {
  return PARKING.includes(event.move) || isFlag(event);
}

/** A contradiction moves nothing; neither does Konsol's news of a payment, which says so, nor a person's note. */
function isFlag({ move, note, cause }: PaymentEvent): boolean {
  return move === undefined && note !== undefined && cause.kind !== "person" &&
    !note.startsWith("Konsol says ");
}

/** Konsol contradicts it, and has not said in writing since that it was never paid (T11). */
export function mayBePaidAfterAll(payment: Payment): boolean {
  if (payment.candidateKonsolId !== undefined) return true;
  const { history } = payment;
  const reviewed = history.findLastIndex(isReason);
  const answered = history.findLastIndex(({ move }) => move === "T11");
  return payment.providerDisagrees === true && answered <= reviewed;
}

/** Takes a contradiction out of the reviews; moves nothing, and clients go on being told of it. */
export function acknowledge(
  payment: Payment,
  { attempt, since, reason, by }: Acknowledgement,
  now: number,
): Payment {
  if (payment.submission === "review" || !isContradicted(payment)) {
    throw new Refusal(
      "nothing_to_acknowledge",
      `Cannot acknowledge payment ${payment.id} as Konsol contradicts nothing of it, it was ` +
        `acknowledged already, or it waits for paid or not_paid: ${payment.submission}`,
    );
  }
  assertAttempt(payment, attempt);
  const reviewed = whyReviewed(payment);
  if (reviewed?.at !== since) {
    throw new Refusal(
      "review_outdated",
      `Cannot acknowledge payment ${payment.id} as Konsol contradicts it otherwise since: ` +
        `${reviewed?.note}`,
    );
  }
  const patch = { acknowledgedAt: now };
  const cause: Cause = { kind: "person", id: by };
  return change(payment, payment.submission, patch, { now, cause, note: reason });
}

/** Whether a request of it was once taken for never executed (T9, T11), which is not proven for ever. */
export function wasGivenUp({ history }: Payment): boolean {
  return history.some(({ move, attempt }) => move === "T9" || (move === "T11" && attempt > 0));
}

/** Whether a request of it may have reached Konsol without Konsol's id being known. */
export function isUnaccounted(payment: Payment): boolean {
  const open = ["queued", "in_doubt", "review"].includes(payment.submission);
  return open && payment.maybeSentAt !== undefined && payment.konsolId === undefined;
}

/** No request of it was sent before this. */
export function sentSince(payment: Payment): number {
  return payment.firstClaimedAt ?? payment.createdAt;
}

/** A webhook that came before this cannot be its, even where the clocks of two instances differ. */
export function webhooksSince(payment: Payment): number {
  return sentSince(payment) - CLOCK_SKEW_MS;
}

/** When the last request of it stops counting as "may still take effect". */
export function horizonOf(payment: Payment, resubmitHorizonMs: number): number {
  return (payment.sendNotAfter ?? payment.maybeSentAt ?? payment.createdAt) + resubmitHorizonMs;
}

/** A list lags: it shows what was executed up to the horizon once it shows what was sent after it. */
export function reachesHorizon(shownUpTo: number | undefined, horizon: number): boolean {
  return shownUpTo !== undefined && shownUpTo > horizon;
}

/** How often a request of it came to be in doubt. */
export function doubtsOf(payment: Payment): number {
  return payment.history.filter(({ move }) => move === "T7").length;
}

/** Whether a later attempt may be claimed (T3): a scan begun since it was queued was without it. */
export function hasEvidence(payment: Payment): boolean {
  return payment.cleanScanAt !== undefined && payment.cleanScanAt >= payment.submissionSince;
}

/** Notes a scan that found nothing of it: what T9 and T11 rest on. */
export function noteCleanScan(
  payment: Payment,
  { startedAt, shownUpTo }: { readonly startedAt: number; readonly shownUpTo: number },
  dueAt: number,
): Payment {
  return {
    ...payment,
    cleanScans: (payment.cleanScans ?? 0) + 1,
    cleanScanAt: startedAt,
    cleanScanUpTo: shownUpTo,
    dueAt,
    looks: payment.looks + 1,
  };
}

/** T9: sent again by rule, long after anything could still happen. The caller has checked the rule. */
export function resubmit(payment: Payment, now: number): Payment {
  const note = `resubmitted after ${payment.cleanScans ?? 0} clean scans`;
  return requeue(payment, { move: "T9", now, cause: { kind: "timer" }, note });
}

/**
 * T11: refused, with the time from which it is allowed where one is known, unless the horizon passed and a
 * fresh scan of a list that has come further than the horizon is clean.
 */
export function decideNotPaid(
  payment: Payment,
  decision: NotPaidDecision,
  rules: { readonly resubmitHorizonMs: number; readonly unworkedWebhooks: boolean },
  now: number,
): Payment {
  assertJudged(payment, decision.attempt);
  const { maybeSentAt, konsolId, candidateKonsolId, providerDisagrees } = payment;
  if ((maybeSentAt ?? konsolId ?? candidateKonsolId ?? providerDisagrees) !== undefined) {
    assertEvidence(payment, decision, rules, now);
  }
  const { by, reason, konsolConfirmation: written } = decision;
  const cause: Cause = { kind: "person", id: by };
  const note = written === undefined ? reason : `${reason} (Konsol's confirmation: ${written})`;
  if (decision.then === "resubmit") return requeue(payment, { move: "T11", now, cause, note });
  const failure = { code: "not_paid", message: "Konsol did not pay it: decided after a review" };
  // Of what Konsol has shown only its own later word gets here: that answers it.
  const patch = { failure, ...(payment.providerDisagrees && { acknowledgedAt: now }) };
  return settle(payment, "failed", patch, { move: "T11", now, cause, note });
}

/** The payment is in review and its attempt is the one that the person looked at. */
export function assertJudged(payment: Payment, attempt: number): void {
  if (payment.submission !== "review") {
    throw new Refusal(
      "payment_not_in_review",
      `Cannot decide payment ${payment.id} as it is not in review: ${payment.submission}`,
    );
  }
  assertAttempt(payment, attempt);
}

function assertAttempt(payment: Payment, attempt: number): void {
  if (payment.attempt !== attempt) {
    throw new Refusal(
      "review_outdated",
      `Cannot decide payment ${payment.id} as another attempt was judged: ${payment.attempt}`,
    );
  }
}

function assertEvidence(
  payment: Payment,
  decision: NotPaidDecision,
  rules: { readonly resubmitHorizonMs: number; readonly unworkedWebhooks: boolean },
  now: number,
): void {
  if (decision.konsolConfirmation !== undefined) return;
  const refuse = (rule: string, allowedFrom?: number) => {
    throw new Refusal(
      "review_too_early",
      `Cannot decide payment ${payment.id} as not paid as ${rule}; Konsol's written confirmation ` +
        `(konsol_confirmation) would do: ${payment.submission}`,
      { allowedFrom },
    );
  };
  if (payment.konsolId !== undefined) refuse("Konsol has a payment for it");
  if (payment.providerDisagrees) refuse("Konsol has shown a payment that names it");
  const horizon = horizonOf(payment, rules.resubmitHorizonMs);
  if (now < horizon) refuse("an earlier request may still take effect", horizon);
  if (now - (payment.cleanScanAt ?? -Infinity) > SCAN_FRESH_MS) {
    refuse("no fresh scan of Konsol's list was without it");
  }
  if (!reachesHorizon(payment.cleanScanUpTo, horizon)) {
    refuse(
      "Konsol's list has not shown yet a payment of ours that was sent after " +
        new Date(horizon).toISOString(),
    );
  }
  if (rules.unworkedWebhooks) refuse("a webhook that may be its is not worked off yet");
  if (payment.candidateKonsolId !== undefined) {
    refuse("a payment that may be its is not asked for yet");
  }
}

function requeue(
  payment: Payment,
  how: { readonly move: "T9" | "T11"; now: number; cause: Cause; note: string },
): Payment {
  assertSendable(payment);
  const { now } = how;
  const patch = { ...NO_CLEAN_SCANS, dueAt: now, unsentSince: now };
  return change(payment, "queued", patch, how);
}

function assertSendable(payment: Payment): void {
  const { konsolId, candidateKonsolId, providerDisagrees } = payment;
  if ((konsolId ?? candidateKonsolId ?? providerDisagrees) !== undefined) {
    throw new Refusal(
      "review_resubmit_not_possible",
      `Cannot resubmit payment ${payment.id} as Konsol has, or may have, a payment for it: make a new payment`,
    );
  }
  const { recipient } = payment;
  if (recipient.kind !== "card" || recipient.sealedNumber !== undefined) return;
  throw new Refusal(
    "card_number_gone",
    `Cannot resubmit payment ${payment.id} as its card number is shredded: make a new payment`,
  );
}
