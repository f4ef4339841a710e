// Following a payment at Konsol: how one is recognised, and what Konsol's reports do to it.

import type { Cause, Payment } from "./payment.ts";
import { change, flagDisagreement, lookedLate, parkForReview, settle } from "./payment_change.ts";
import { furtherStatus, isEnd, type Status } from "./payment_status.ts";
import { differingFields, type ProviderPayment } from "./provider_payment.ts";
import { shredNumber } from "./recipient.ts";

/** How often, and at least how far apart, Konsol must deny an id before a person has to look (T13). */
export const MISSING_LIMIT = 3;
export const MISSING_APART_MS = 60 * 60_000;

/** So old may an answer be: one of Konsol's servers need not know yet what another has told. */
export const STALE_MAX_MS = 15 * 60_000;

/**
 * T5 (the create's own answer) or T8 (found later): Konsol has it, so the card's number is shredded.
 * Another candidate is kept and asked for next: it would be a second payment of Konsol's for this one.
 */
export function linkKonsol(
  payment: Payment,
  reported: ProviderPayment,
  lookAt: number,
  now: number,
  cause: Cause,
  note?: string,
): Payment {
  const { candidateKonsolId: candidate } = payment;
  const other = candidate === reported.konsolId ? undefined : candidate;
  const move = payment.submission === "submitting" && cause.kind === "konsol_call" ? "T5" : "T8";
  return change(payment, "submitted", {
    ...toldBy(reported),
    konsolId: reported.konsolId,
    candidateKonsolId: other,
    lease: undefined,
    recipient: shredNumber(payment.recipient),
    status: openStatus(reported),
    dueAt: other === undefined ? lookAt : now,
    missingAt: [],
  }, { move, now, cause, note });
}

/** Notes a Konsol payment that may be this one, to be asked for next; moves nothing. */
export function noteCandidate(payment: Payment, konsolId: string, now: number): Payment {
  return { ...payment, candidateKonsolId: konsolId, dueAt: now };
}

/** The noted candidate turned out not to be this payment; denials are then its own id's alone. */
export function dropCandidate(payment: Payment, dueAt: number | undefined): Payment {
  const missingAt = payment.konsolId === undefined ? [] : payment.missingAt;
  return { ...payment, candidateKonsolId: undefined, dueAt, missingAt };
}

/**
 * Konsol does not know the noted candidate: it is dropped after as many denials as an id that is linked would
 * take, as Konsol itself may have answered with it. Of what is linked already, the first is enough.
 */
export function denyCandidate(
  payment: Payment,
  dueAt: number | undefined,
  now: number,
): Payment {
  const missingAt = denialsOf(payment, now);
  const isDenied = payment.konsolId !== undefined || missingAt.length >= MISSING_LIMIT;
  if (isDenied) return dropCandidate(payment, dueAt);
  return missingAt === payment.missingAt ? payment : { ...payment, missingAt };
}

/** With this one, unless it comes too soon after the last that counts. */
function denialsOf({ missingAt }: Payment, now: number): readonly number[] {
  const last = missingAt.at(-1);
  return last === undefined || now - last >= MISSING_APART_MS ? [...missingAt, now] : missingAt;
}

/** T12 or T13, or no move: what a GET of the payment's own id says, applied forward only. */
export function applyReport(
  payment: Payment,
  reported: ProviderPayment,
  lookAt: number | undefined,
  now: number,
  cause: Cause,
): Payment {
  if (payment.submission === "settled") return applyLateReport(payment, reported, now, cause);
  if (payment.submission !== "submitted") return payment;
  const differing = differingFields(payment, reported);
  if (differing.length > 0) {
    return parkForReview(payment, "T13", `Konsol differs in ${differing.join(", ")}`, now, cause);
  }
  const told = toldBy(reported);
  if (reported.status !== undefined && isEnd(reported.status) && agreesOnMoney(reported)) {
    const end = { ...told, ...endedBy(reported) };
    return settle(payment, reported.status, end, { move: "T12", now, cause });
  }
  const status = furtherStatus(payment.status, openStatus(reported));
  const looks = looksAfter(payment, cause);
  const patch = { ...told, status, dueAt: lookAt, looks, missingAt: [] };
  if (status === payment.status && told.konsolStatus === payment.konsolStatus) {
    const isNews = looks !== payment.looks || payment.missingAt.length > 0 ||
      (told.paymentUrl ?? payment.paymentUrl) !== payment.paymentUrl;
    return isNews ? { ...payment, ...patch } : payment;
  }
  const note = `Konsol says ${reported.statusText}`;
  return change(payment, "submitted", patch, { now, cause, note });
}

/** An end is believed only from an answer that says how much: one that leaves it out agrees with nothing. */
function agreesOnMoney(reported: ProviderPayment): boolean {
  return reported.amountMinor !== undefined;
}

/** An end is final here; a GET that contradicts it is flagged for a person and told to the client. */
function applyLateReport(
  payment: Payment,
  reported: ProviderPayment,
  now: number,
  cause: Cause,
): Payment {
  const looked = cause.kind === "poll" ? lookedLate(payment) : payment;
  const { status } = reported;
  if (status === undefined || status === payment.status) return looked;
  // As open as it was a moment ago: the late looks tell whether it stays so.
  if (!isEnd(status) && now - payment.submissionSince < STALE_MAX_MS) return looked;
  return flagDisagreement(looked, `Konsol now says ${reported.statusText}`, now, cause);
}

/** T13 once Konsol has denied the id often enough; until then only the count changes. */
export function applyMissing(
  payment: Payment,
  lookAt: number | undefined,
  now: number,
  cause: Cause,
): Payment {
  if (payment.submission === "settled" && cause.kind === "poll") return lookedLate(payment);
  if (payment.submission !== "submitted") return payment;
  const missingAt = denialsOf(payment, now);
  if (missingAt.length >= MISSING_LIMIT) {
    return parkForReview(payment, "T13", "Konsol does not know its id", now, cause);
  }
  return { ...payment, missingAt, dueAt: lookAt, looks: looksAfter(payment, cause) };
}

/** Only a poll is a look: what others ask in between does not slow it down. */
function looksAfter(payment: Payment, cause: Cause): number {
  return payment.looks + (cause.kind === "poll" ? 1 : 0);
}

function openStatus(reported: ProviderPayment): Status {
  return reported.status === "pending" ? "pending" : "processing";
}

function toldBy(reported: ProviderPayment): Partial<Payment> {
  const { paymentUrl, statusText: konsolStatus } = reported;
  return { konsolStatus, ...(paymentUrl && { paymentUrl }) };
}

/** Belongs to the end and comes with T12 only: nobody may see a payment date before it is completed. */
function endedBy({ status, failure, paidAt }: ProviderPayment): Partial<Payment> {
  if (status === "completed") return { paidAt };
  if (status !== "failed") return {};
  return { failure: failure ?? { code: "failed_at_konsol", message: "Konsol did not pay" } };
}
