// The last line before a payment is stored: what no change may ever do to one, whoever decided it.

import type { Payment, PaymentEvent } from "./payment.ts";
import { furtherStatus } from "./payment_status.ts";
import { IllegalMove, isReachable } from "./submission_table.ts";

const FIXED = [
  "id",
  "createdAt",
  "amountMinor",
  "currency",
  "externalId",
] as const satisfies readonly (keyof Payment)[];

/** Throws when `after` cannot follow `before`: always a bug, never the caller's mistake. */
export function assertStorable(before: Payment, after: Payment): void {
  if (!isReachable(before.submission, after.submission)) {
    throw new IllegalMove("save", before.submission, after.submission);
  }
  const rule = brokenRule(before, after);
  if (rule !== undefined) throw new Error(`Cannot store payment ${before.id} as ${rule}`);
}

function brokenRule(before: Payment, after: Payment): string | undefined {
  const changed = FIXED.find((field) => before[field] !== after[field]);
  if (changed !== undefined) return `its ${changed} is fixed`;
  // A key may come after the payment, with a repeat; then it is this payment's for good.
  if (before.idempotencyKey !== undefined && after.idempotencyKey !== before.idempotencyKey) {
    return "its idempotencyKey is fixed";
  }
  if (before.maybeSentAt !== undefined && after.maybeSentAt !== before.maybeSentAt) {
    return `a doubt is never taken back: ${before.maybeSentAt} -> ${after.maybeSentAt}`;
  }
  const { status } = after;
  if (status !== before.status && furtherStatus(before.status, status) !== status) {
    return `its status never goes back: ${before.status} -> ${status}`;
  }
  if (after.attempt < before.attempt) {
    return `its attempts only count up: ${before.attempt} -> ${after.attempt}`;
  }
  if (!continues(before.history, after.history)) return "its history is only appended to";
  // JSON has no NaN and no Infinity: it would be due never, and so be lost.
  if (after.dueAt !== undefined && !Number.isFinite(after.dueAt)) {
    return `it must be due at a time or not at all: ${after.dueAt}`;
  }
  return undefined;
}

function continues(before: readonly PaymentEvent[], after: readonly PaymentEvent[]): boolean {
  return before.every(({ at, submission, status }, index) => {
    const kept = after[index];
    return kept?.at === at && kept.submission === submission && kept.status === status;
  });
}
