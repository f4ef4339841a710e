// What a client hears of a payment: an event for each change that it can see.

import { detailOf, type Payment } from "./payment.ts";
import { isEnd } from "./payment_status.ts";

export const EVENT_TYPES = [
  "payment.created",
  "payment.updated",
  "payment.completed",
  "payment.failed",
  "payment.cancelled",
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** An event as it is kept, for ever the same. */
export interface StoredEvent {
  readonly id: string;
  readonly type: EventType;
  readonly paymentId: string;
  readonly createdAt: number;
  /** The JSON that clients get, byte for byte: in each try and in the list of events. */
  readonly body: string;
}

/** An event that is stored in one write with the change that it tells of. */
export interface NewEvent extends StoredEvent {
  /** The payment's version after that change: puts a payment's events in order. */
  readonly ordinal: number;
  /** Where it is brought to; without it the event is only listed. */
  readonly callbackUrl?: string;
}

/** What the change tells clients, or undefined when they can see none; `before` is absent for a new payment. */
export function newsOf(before: Payment | undefined, after: Payment): EventType | undefined {
  if (before === undefined) return "payment.created";
  if (before.status !== after.status) {
    return isEnd(after.status) ? `payment.${after.status}` : "payment.updated";
  }
  return detailOf(before) === detailOf(after) ? undefined : "payment.updated";
}
