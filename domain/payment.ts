// A payment: what was asked for, where its money request is, and everything that happened to it.

import type { Detail, Status } from "./payment_status.ts";
import type { Recipient } from "./recipient.ts";
import type { MoveName, Submission } from "./submission_table.ts";

/** Who or what made a change: `id` is the request id, the webhook's id or the person's name. */
export interface Cause {
  readonly kind: "request" | "konsol_call" | "webhook" | "poll" | "person" | "timer";
  readonly id?: string;
}

/** One state change, as it is shown to clients: never holds card numbers, phones or tokens. */
export interface PaymentEvent {
  readonly at: number;
  readonly move?: MoveName;
  readonly submission: Submission;
  readonly status: Status;
  readonly attempt: number;
  readonly cause: Cause;
  readonly note?: string;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** The right to send once: whoever holds it may begin the request until `sendNotAfter`, and no other may. */
export interface SendLease {
  readonly owner: string;
  readonly sendNotAfter: number;
  readonly until: number;
}

export type Metadata = Readonly<Record<string, unknown>>;

/** What a client asked for; everything in it is fixed but description and metadata. */
export interface PaymentRequest {
  readonly amountMinor: number;
  readonly currency: string;
  readonly recipient: Recipient;
  readonly description?: string;
  readonly userId?: number;
  readonly externalId?: string;
  readonly idempotencyKey?: string;
  readonly callbackUrl?: string;
  readonly metadata?: Metadata;
  /** Keyed hash of each wire field as it was asked for: tells which one a repeat differs in. */
  readonly fieldHashes: Readonly<Record<string, string>>;
}

/** Times are milliseconds since the epoch. `version` belongs to the store: it counts the saved changes. */
export interface Payment extends PaymentRequest {
  readonly id: string;
  readonly version: number;
  readonly submission: Submission;
  /** The highest-ranked status ever shown. */
  readonly status: Status;
  /** Claims so far: the fence that answers and decisions are checked against. */
  readonly attempt: number;
  readonly lease?: SendLease;
  readonly firstClaimedAt?: number;
  /** Of the latest claim, kept when its lease is gone: no request of it began after this. */
  readonly sendNotAfter?: number;
  /** Set by the first doubt and never cleared: a request may have taken effect at Konsol. */
  readonly maybeSentAt?: number;
  /** Since when it has been in the queue, in doubt, or with Konsol. */
  readonly submissionSince: number;
  /** Since when it waits to be sent, whatever attempts in between proved not to be executed. */
  readonly unsentSince: number;
  /** When the service must next do something about it; absent = a person must, or nobody. */
  readonly dueAt?: number;
  /** Looks that were taken since it entered its submission state: sets the pace of the next one. */
  readonly looks: number;
  /** Scans of Konsol's list that were without it since the latest claim. */
  readonly cleanScans?: number;
  /** When the last of them began, and the latest first claim among the payments of ours that it showed. */
  readonly cleanScanAt?: number;
  readonly cleanScanUpTo?: number;
  readonly konsolId?: string;
  readonly konsolStatus?: string;
  /** The id that Konsol knows it by: a restore lost that row, and a person found this one to be its repeat. */
  readonly lostPaymentId?: string;
  /** A Konsol payment that may be this one and is still to be asked for. */
  readonly candidateKonsolId?: string;
  /** Times, an hour apart, at which Konsol did not know its id; while it has none, the candidate's. */
  readonly missingAt: readonly number[];
  readonly paymentUrl?: string;
  readonly failure?: Failure;
  readonly providerDisagrees?: true;
  /** When a person took note of what Konsol contradicts; another contradiction takes it away. */
  readonly acknowledgedAt?: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly paidAt?: number;
  readonly history: readonly PaymentEvent[];
}

/** T1. The payment exists from here on; it must be stored durably before anyone hears of it. */
export function acceptPayment(
  id: string,
  request: PaymentRequest,
  now: number,
  cause: Cause,
): Payment {
  const event: PaymentEvent = {
    at: now,
    move: "T1",
    submission: "queued",
    status: "pending",
    attempt: 0,
    cause,
  };
  return {
    ...request,
    id,
    version: 1,
    submission: "queued",
    status: "pending",
    attempt: 0,
    submissionSince: now,
    unsentSince: now,
    dueAt: now,
    looks: 0,
    missingAt: [],
    createdAt: now,
    updatedAt: now,
    history: [event],
  };
}

/** The two fields that stay the client's own, at any time. */
export function describePayment(
  payment: Payment,
  words: { readonly description?: string; readonly metadata?: Metadata },
  now: number,
): Payment {
  return {
    ...payment,
    description: words.description ?? payment.description,
    metadata: words.metadata ?? payment.metadata,
    updatedAt: now,
  };
}

export function detailOf(payment: Payment): Detail | undefined {
  if (payment.providerDisagrees) return "provider_disagrees";
  if (payment.submission === "review") return "under_review";
  if (payment.submission === "in_doubt") return "awaiting_confirmation";
  const again = payment.submission === "queued" || payment.submission === "submitting";
  return again && payment.maybeSentAt !== undefined ? "resubmitting" : undefined;
}
