// How a payment changes: one checked, recorded step; only the payment_*.ts files beside this one call it.

import type { Cause, Payment } from "./payment.ts";
import { isOlders } from "./payment_import.ts";
import { type EndStatus, furtherStatus, isEnd, isUnpaid } from "./payment_status.ts";
import type { ProviderPayment } from "./provider_payment.ts";
import { shredNumber } from "./recipient.ts";
import { assertMove, IllegalMove, type MoveName, type Submission } from "./submission_table.ts";

/** Why and when; without `move` the submission state stays as it is. */
export interface Change {
  readonly move?: MoveName;
  readonly now: number;
  readonly cause: Cause;
  readonly note?: string;
}

/** The payment after one step: checked against the table, never lower in rank, written into its history. */
export function change(
  payment: Payment,
  submission: Submission,
  patch: Partial<Payment>,
  { move, now, cause, note }: Change,
): Payment {
  const moved = submission !== payment.submission;
  if (move !== undefined) assertMove(move, payment.submission, submission);
  else if (moved) throw new IllegalMove("without a name", payment.submission, submission);
  const status = furtherStatus(payment.status, patch.status ?? payment.status);
  const attempt = patch.attempt ?? payment.attempt;
  const event = { at: now, move, submission, status, attempt, cause, note };
  return {
    ...payment,
    ...patch,
    submission,
    status,
    submissionSince: moved ? now : payment.submissionSince,
    looks: moved ? 0 : patch.looks ?? payment.looks,
    updatedAt: now,
    history: [...payment.history, event],
  };
}

/** Scans that were without it say nothing any more. */
export const NO_CLEAN_SCANS = {
  cleanScans: undefined,
  cleanScanAt: undefined,
  cleanScanUpTo: undefined,
} as const satisfies Partial<Payment>;

const HOUR_MS = 60 * 60_000;
/** After the end Konsol is asked again so often: a bank may return the money (late truth). */
const LATE_LOOKS_MS = [HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS];
/** A payment in review that Konsol may have is still looked for, so slowly. */
export const REVIEW_LOOK_MS = 15 * 60_000;

/** When to ask again about a payment that ended at `settledAt`, after so many such looks. */
export function lateLookAt(settledAt: number, looks: number): number | undefined {
  const after = LATE_LOOKS_MS[looks];
  return after === undefined ? undefined : settledAt + after;
}

/** The end: a noted candidate and late looks are due yet, and the card's number is shredded. */
export function settle(
  payment: Payment,
  status: EndStatus,
  patch: Partial<Payment>,
  how: Change,
): Payment {
  return change(payment, "settled", {
    ...patch,
    status,
    ...(status === "completed" && { paidAt: patch.paidAt ?? how.now }),
    lease: undefined,
    dueAt: dueOnceSettled(payment, how.now),
    recipient: shredNumber(payment.recipient),
  }, how);
}

function dueOnceSettled(payment: Payment, now: number): number | undefined {
  if (payment.candidateKonsolId !== undefined) return now;
  return isLookedForLate(payment) ? lateLookAt(now, 0) : undefined;
}

/** Once it has ended: Konsol has it, or a request of ours might yet be executed. */
export function isLookedForLate(payment: Payment): boolean {
  return payment.konsolId !== undefined ||
    (payment.maybeSentAt !== undefined && !isOlders(payment));
}

/** T10, T13 or T14: a person must look; by itself it can only be found at Konsol yet (T8). */
export function parkForReview(
  payment: Payment,
  move: "T10" | "T13" | "T14",
  reason: string,
  now: number,
  cause: Cause,
): Payment {
  const patch = { dueAt: dueInReview(payment, now), status: "processing" as const };
  return change(payment, "review", patch, { move, now, cause, note: reason });
}

/** What was seen is asked for at once; what only the list may show, now and then. */
function dueInReview(payment: Payment, now: number): number | undefined {
  const { candidateKonsolId, maybeSentAt, konsolId } = payment;
  if (candidateKonsolId !== undefined) return now;
  const isLookedFor = maybeSentAt !== undefined && konsolId === undefined && !isOlders(payment);
  return isLookedFor ? now + REVIEW_LOOK_MS : undefined;
}

/** T10 or T14 by what Konsol has: that contradiction outlives the review, and nothing is sent any more. */
export function parkContradicted(
  payment: Payment,
  move: "T10" | "T14",
  reason: string,
  now: number,
  cause: Cause,
): Payment {
  const parked = parkForReview(payment, move, reason, now, cause);
  return { ...parked, ...contradicted(payment) };
}

/**
 * A Konsol payment that contradicts what is recorded: moves nothing, is told to the client and to a person,
 * each once, and is stronger than scans that were without it.
 */
export function flagDisagreement(
  payment: Payment,
  note: string,
  now: number,
  cause: Cause,
): Payment {
  const { providerDisagrees, history } = payment;
  if (providerDisagrees && history.some((event) => event.note === note)) return payment;
  return change(payment, payment.submission, contradicted(payment), { now, cause, note });
}

/** It can never be sent again, so its card number has no further use. */
function contradicted({ recipient }: Payment) {
  return {
    ...NO_CLEAN_SCANS,
    providerDisagrees: true as const,
    acknowledgedAt: undefined,
    recipient: shredNumber(recipient),
  };
}

/** Sets when to look next; `undefined` = not by itself. Of the late looks only an answered one counts. */
export function lookAgain(payment: Payment, dueAt: number | undefined): Payment {
  const looks = payment.submission === "settled" ? payment.looks : payment.looks + 1;
  return { ...payment, dueAt, looks };
}

/** One of the three looks after the end is done; a noted candidate is asked for first. */
export function lookedLate(payment: Payment): Payment {
  const { candidateKonsolId, submissionSince } = payment;
  const looks = payment.looks + 1;
  const dueAt = candidateKonsolId === undefined
    ? lateLookAt(submissionSince, looks)
    : payment.dueAt;
  return { ...payment, looks, dueAt };
}

/** How it is told that one of Konsol's names the payment and is not what was asked for. */
export function misfitNote(konsolId: string, reasons: readonly string[]): string {
  return `Konsol's ${konsolId} names it, but ${reasons.join("; ")}`;
}

type OtherPayment = Pick<ProviderPayment, "konsolId" | "status">;

/** How it is told that Konsol has another payment than the one that is recorded, if one is; and how that ended. */
export function otherPaymentNote(
  { konsolId }: Pick<Payment, "konsolId">,
  other: OtherPayment,
): string {
  const another = konsolId === undefined ? "a payment" : "a second payment";
  const end = hasEnded(other) ? ` (${other.status})` : "";
  return `Konsol has ${another} for it: ${other.konsolId}${end}`;
}

/**
 * Whether another payment of Konsol's is to be told: once that it is there, and once each end that it has.
 * One that was not paid is no contradiction of what was not paid, unless it was told while it was open.
 */
export function isOtherNews(payment: Payment, other: OtherPayment): boolean {
  const open = otherPaymentNote(payment, { ...other, status: undefined });
  const told = payment.history.map(({ note = "" }) => note)
    .filter((note) => note === open || note.startsWith(`${open} (`));
  if (told.length > 0) return hasEnded(other) && !told.includes(otherPaymentNote(payment, other));
  return payment.konsolId !== undefined || !isUnpaid(payment.status) || !isUnpaid(other.status);
}

function hasEnded({ status }: OtherPayment): boolean {
  return status !== undefined && isEnd(status);
}
