// A callback: one event on its way to the address that its payment names, and every try to bring it there.

import type { EventType, NewEvent } from "./payment_news.ts";

export const CALLBACK_STATES = ["pending", "delivered", "dead"] as const;

/** `dead`: given up and kept; only a person's retry moves it again. */
export type CallbackState = (typeof CALLBACK_STATES)[number];

/** Why a try got no answer; nothing of it was believed, whatever came. */
export const CALLBACK_FAILURES = [
  /** The URL itself may not be called: its scheme, port, user info or literal address. */
  "url_refused",
  /** The name has no address. */
  "name_not_resolved",
  /** One of its addresses is not on the public Internet. */
  "address_refused",
  "connect_failed",
  "tls_failed",
  "timed_out",
  /** The connection ended before the answer did. */
  "connection_lost",
  /** What came is no HTTP, or more of it than is read. */
  "answer_unreadable",
] as const;

export type CallbackFailure = (typeof CALLBACK_FAILURES)[number];

/** What one try came to. */
export type CallbackAnswer =
  | {
    readonly kind: "answered";
    readonly httpStatus: number;
    readonly ms: number;
    /** Its Retry-After, as a wait from now. */
    readonly retryAfterMs?: number;
    /** The answer's body as text, 4 KiB of it at most. */
    readonly start: string;
  }
  | { readonly kind: "failed"; readonly reason: CallbackFailure; readonly ms: number };

/** One try as it is kept. `interrupted`: it was claimed and nobody came back to say what became of it. */
export interface CallbackTry {
  readonly at: number;
  readonly ms?: number;
  readonly httpStatus?: number;
  readonly error?: CallbackFailure | "interrupted";
  readonly start?: string;
}

/** The right to try it once: nobody else may until it is over. */
export interface CallbackLease {
  readonly owner: string;
  readonly since: number;
  readonly until: number;
}

/**
 * `gave_up`: every try of the schedule failed. `gone`: the receiver answered 410. `url_gone`: not tried,
 * as a receiver said so of the same URL before.
 */
export type DeathReason = "gave_up" | "gone" | "url_gone";

/** Times are milliseconds since the epoch. `version` belongs to the store. */
export interface Callback {
  /** Its event's, for ever. */
  readonly id: string;
  readonly version: number;
  readonly type: EventType;
  readonly paymentId: string;
  /** Grows along a payment's callbacks: the first try of each waits for the end of all before it. */
  readonly ordinal: number;
  readonly url: string;
  /** Name and port: receivers behind the same one share its bounds. */
  readonly host: string;
  readonly state: CallbackState;
  readonly deathReason?: DeathReason;
  /** When something must next be done about it; absent = it has ended. */
  readonly dueAt?: number;
  readonly lease?: CallbackLease;
  /** All tries so far, and those since it was made or last retried by a person. */
  readonly tried: number;
  readonly triedInRound: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The latest ones, oldest first. */
  readonly tries: readonly CallbackTry[];
}

/** Due at once. */
export function newCallback(event: NewEvent, url: string): Callback {
  const { id, type, paymentId, ordinal, createdAt } = event;
  return {
    id,
    version: 1,
    type,
    paymentId,
    ordinal,
    url,
    host: new URL(url).host,
    state: "pending",
    dueAt: createdAt,
    tried: 0,
    triedInRound: 0,
    createdAt,
    updatedAt: createdAt,
    tries: [],
  };
}
