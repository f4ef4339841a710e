// A payment that an older system made, as it goes on here: ended, followed at Konsol, or a person's to look at.

import { acceptPayment, type Payment, type PaymentRequest } from "./payment.ts";
import { isEnd, type Status } from "./payment_status.ts";
import { shredNumber } from "./recipient.ts";

/** What the older system recorded of it; times are milliseconds since the epoch. */
export interface OlderPayment extends PaymentRequest {
  readonly status: Status;
  readonly konsolId?: string;
  readonly paymentUrl?: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly paidAt?: number;
}

const IMPORTED = "brought over from the older system";

/**
 * Nothing of it is ever sent by itself: without Konsol's id the older system may have sent it until it was
 * stopped, so that it is a review, as after any doubt. An end stays what the older system took it for.
 */
export function importPayment(id: string, older: OlderPayment, now: number): Payment {
  const { status, konsolId, paymentUrl, createdAt, updatedAt, paidAt, ...request } = older;
  const cause = { kind: "timer", id: IMPORTED } as const;
  const { history: _, ...accepted } = acceptPayment(id, request, createdAt, cause);
  const kept = { ...accepted, konsolId, paymentUrl, konsolStatus: status, updatedAt };
  const placed = placeOf(status, konsolId, createdAt, now);
  const recipient = placed.submission === "review" ? kept.recipient : shredNumber(kept.recipient);
  const { submission } = placed;
  const event = {
    at: now,
    submission,
    status: placed.status,
    attempt: 0,
    cause,
    note: noteOf(older),
  };
  return {
    ...kept,
    ...placed,
    recipient,
    submissionSince: now,
    ...(status === "completed" && { paidAt: paidAt ?? updatedAt }),
    history: [event],
  };
}

/** Only an older system may have sent it, under its external_id alone: no metadata of Konsol's names it. */
export function isOlders({ history, attempt }: Pick<Payment, "history" | "attempt">): boolean {
  return history[0]?.cause.id === IMPORTED && attempt === 0;
}

function placeOf(
  status: Status,
  konsolId: string | undefined,
  createdAt: number,
  now: number,
): Pick<Payment, "submission" | "status"> & Partial<Payment> {
  if (isEnd(status)) return { submission: "settled", status, dueAt: undefined };
  if (konsolId !== undefined) return { submission: "submitted", status, dueAt: now };
  const maybeSent = { firstClaimedAt: createdAt, maybeSentAt: createdAt, sendNotAfter: now };
  // Looked for by a person alone: in Konsol's list it does not name our id.
  return { submission: "review", status: "processing", ...maybeSent, dueAt: undefined };
}

function noteOf({ status, konsolId }: OlderPayment): string {
  if (isEnd(status)) return `${IMPORTED}, where it was ${status}`;
  return konsolId === undefined
    ? `${IMPORTED}, where it was ${status} without Konsol's id: it may have been sent`
    : `${IMPORTED}, where it was ${status}`;
}
