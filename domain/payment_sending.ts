// Sending a payment to Konsol: the moves out of the queue and what the one create call can come to.

import type { Cause, Payment, SendLease } from "./payment.ts";
import { change, NO_CLEAN_SCANS, settle } from "./payment_change.ts";
import { isOlders } from "./payment_import.ts";
import { linkKonsol } from "./payment_following.ts";
import { isEnd } from "./payment_status.ts";
import { type CreateOutcome, reasonsNotOurs } from "./provider_payment.ts";
import { Refusal } from "./refusal.ts";

/** T2. Ours alone to cancel while nothing was ever maybe sent. */
export function cancelQueued(payment: Payment, now: number, cause: Cause): Payment {
  if (payment.submission !== "queued" || payment.maybeSentAt !== undefined) {
    throw notCancellable(payment);
  }
  return settle(payment, "cancelled", {}, { move: "T2", now, cause });
}

export function notCancellable(payment: Payment): Refusal {
  const state = isEnd(payment.status) ? payment.status : payment.submission;
  return new Refusal(
    "payment_not_cancellable",
    `Cannot cancel payment ${payment.id} as only a queued or a submitted one can be: ${state}`,
  );
}

/** What differs where the claim is not followed by a send: it may have been sent long before. */
export interface Claiming {
  readonly cause?: Cause;
  readonly firstClaimedAt?: number;
}

/** T3. The lease must be stored before the socket opens. A later attempt after doubt needs evidence first. */
export function claimForSending(
  payment: Payment,
  lease: SendLease,
  now: number,
  { cause, firstClaimedAt }: Claiming = {},
): Payment {
  return change(payment, "submitting", {
    attempt: payment.attempt + 1,
    lease,
    firstClaimedAt: payment.firstClaimedAt ?? firstClaimedAt ?? now,
    ...NO_CLEAN_SCANS,
    sendNotAfter: lease.sendNotAfter,
    dueAt: lease.until,
  }, { move: "T3", now, cause: cause ?? { kind: "timer", id: lease.owner } });
}

/** Whether an answer to this attempt still finds the payment as it was sent. */
export function holdsFence(payment: Payment, attempt: number): boolean {
  return payment.submission === "submitting" && payment.attempt === attempt;
}

export interface NextTimes {
  /** When to send again what was not executed. */
  readonly retryAt: number;
  /** When to look next at what is with Konsol or in doubt. */
  readonly lookAt: number;
}

/**
 * What Konsol's answer comes to for the payment that it was sent for: a payment in it that is not this one leaves
 * it in doubt.
 */
export function judgeOutcome(payment: Payment, outcome: CreateOutcome): CreateOutcome {
  if (outcome.kind !== "accepted") return outcome;
  const reasons = reasonsNotOurs(payment, outcome.payment);
  if (reasons.length === 0) return outcome;
  return { kind: "unknown", reason: reasons.join("; "), konsolId: outcome.payment.konsolId };
}

/** T4, T5, T6 or T7, by what the create call of `attempt` came to. */
export function applyCreateOutcome(
  payment: Payment,
  attempt: number,
  answer: CreateOutcome,
  next: NextTimes,
  now: number,
): Payment {
  if (!holdsFence(payment, attempt)) {
    throw new Error(`Cannot apply an answer to ${payment.id} as its fence is gone: ${attempt}`);
  }
  const cause: Cause = { kind: "konsol_call" };
  const outcome = judgeOutcome(payment, answer);
  if (outcome.kind === "accepted") {
    return linkKonsol(payment, outcome.payment, next.lookAt, now, cause);
  }
  if (outcome.kind === "not_executed") {
    const patch = { lease: undefined, dueAt: next.retryAt };
    return change(payment, "queued", patch, { move: "T4", now, cause, note: outcome.reason });
  }
  const { maybeSentAt, candidateKonsolId, providerDisagrees } = payment;
  const neverSent = (maybeSentAt ?? candidateKonsolId ?? providerDisagrees) === undefined;
  if (outcome.kind === "refused" && neverSent) {
    const failure = { code: outcome.code, message: outcome.message };
    return settle(payment, "failed", { failure }, { move: "T6", now, cause, note: failure.code });
  }
  const reason = outcome.kind === "refused" ? `refused: ${outcome.code}` : outcome.reason;
  const candidate = outcome.kind === "unknown" ? outcome.konsolId : undefined;
  return doubt(payment, reason, candidate, next.lookAt, now, cause);
}

/** What Konsol's create answered once the fence was gone: kept, once, for a person to read; moves nothing. */
export function noteLateAnswer(
  payment: Payment,
  attempt: number,
  answer: string,
  now: number,
): Payment {
  // As each of Konsol's news does, it says so: a contradiction it is not.
  const note = `Konsol says of attempt ${attempt}, after its lease: ${answer}`;
  if (payment.history.some((event) => event.note === note)) return payment;
  return change(payment, payment.submission, {}, { now, cause: { kind: "konsol_call" }, note });
}

/** T7 by the clock: nobody answered for the lease, so the request may be anywhere. */
export function expireLease(
  payment: Payment,
  lookAt: number,
  now: number,
  cause: Cause = { kind: "timer" },
): Payment {
  return doubt(payment, "the lease expired", undefined, lookAt, now, cause);
}

/** A request that nobody recorded may have begun since it was made and until now: no scan of before counts. */
export function doubtAnew(payment: Payment, now: number): Payment {
  return {
    ...payment,
    ...NO_CLEAN_SCANS,
    firstClaimedAt: payment.firstClaimedAt ?? payment.createdAt,
    maybeSentAt: payment.maybeSentAt ?? now,
    sendNotAfter: now,
    dueAt: isOlders(payment) ? payment.dueAt : payment.dueAt ?? now,
  };
}

function doubt(
  payment: Payment,
  reason: string,
  candidateKonsolId: string | undefined,
  lookAt: number,
  now: number,
  cause: Cause,
): Payment {
  const note = candidateKonsolId === undefined
    ? reason
    : `${reason}; the answer named ${candidateKonsolId}`;
  return change(payment, "in_doubt", {
    lease: undefined,
    maybeSentAt: payment.maybeSentAt ?? now,
    candidateKonsolId: candidateKonsolId ?? payment.candidateKonsolId,
    dueAt: lookAt,
    status: "processing",
  }, { move: "T7", now, cause, note });
}
