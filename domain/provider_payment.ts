// What Konsol says of one payment, and whether that payment is ours.

import type { Metadata, Payment } from "./payment.ts";
import { isOlders } from "./payment_import.ts";
import type { Status } from "./payment_status.ts";
import { paymentTypeOf } from "./recipient.ts";

/** One payment in Konsol's own words, read but not believed. Absent = the answer did not carry it. */
export interface ProviderPayment {
  readonly konsolId: string;
  /** Konsol's status in our words; undefined = a status that we do not recognise. */
  readonly status: Status | undefined;
  /** Konsol's own word for it, kept for a person. */
  readonly statusText: string;
  readonly amountMinor?: number;
  readonly currency?: string;
  readonly externalId?: string;
  /** `metadata.payment_id`: the one field that is unique to us. */
  readonly paymentId?: string;
  readonly recipient?: ProviderRecipient;
  readonly paymentUrl?: string;
  readonly failure?: { readonly code: string; readonly message: string };
  /** Milliseconds since the epoch, on Konsol's clock. */
  readonly createdAt?: number;
  readonly paidAt?: number;
}

/** As much of the recipient as Konsol repeats: cards come back masked. */
export interface ProviderRecipient {
  readonly kind?: "card" | "phone";
  readonly last4?: string;
  readonly phoneNumber?: string;
}

/** What the one create call came to. "Unknown" is never failure: the money may be on its way. */
export type CreateOutcome =
  | { readonly kind: "accepted"; readonly payment: ProviderPayment }
  /** A definitive no in Konsol's own error body. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  /** Proof that nothing was executed: only what stands on the positive list of the gateway. */
  | {
    readonly kind: "not_executed";
    /** `not_begun`: no socket was opened. `not_connected`: Konsol was not reached. Else its own words. */
    readonly because: "not_begun" | "not_connected" | "konsol_answered";
    readonly reason: string;
    readonly httpStatus?: number;
    readonly retryAfterMs?: number;
  }
  /** It may or may not have taken effect. `konsolId`: a payment named in an answer that was not ours. */
  | {
    readonly kind: "unknown";
    readonly reason: string;
    readonly httpStatus?: number;
    readonly konsolId?: string;
  };

/** How far Konsol's clock may be behind ours before "created before we sent it" is believed. */
export const CLOCK_SKEW_MS = 15 * 60_000;

/** The handle that Konsol keeps for us: the client's external_id, else our id; the same on every attempt. */
export function konsolExternalId(
  payment: Pick<Payment, "id" | "externalId" | "lostPaymentId">,
): string {
  return payment.externalId ?? payment.lostPaymentId ?? payment.id;
}

/** The client's metadata as Konsol gets it, on every create and update: our reference comes last and wins. */
export function konsolMetadata(
  payment: Pick<Payment, "id" | "recipient" | "lostPaymentId">,
  metadata: Metadata | undefined,
): Metadata {
  const payment_id = payment.lostPaymentId ?? payment.id;
  return { ...metadata, payment_type: paymentTypeOf(payment.recipient), payment_id };
}

/** Names of the correlating fields that Konsol returned and that differ from what was asked for. */
export function differingFields(payment: Payment, reported: ProviderPayment): string[] {
  const differs = (name: string, said: unknown, ours: unknown) =>
    said !== undefined && said !== ours ? [name] : [];
  return [
    ...differs(
      "id",
      payment.konsolId === undefined ? undefined : reported.konsolId,
      payment.konsolId,
    ),
    ...differs("amount", reported.amountMinor, payment.amountMinor),
    ...differs("currency", reported.currency, payment.currency),
    ...differs("external_id", reported.externalId, konsolExternalId(payment)),
    ...differs("metadata.payment_id", reported.paymentId, payment.lostPaymentId ?? payment.id),
    ...differingRecipient(payment, reported.recipient),
  ];
}

function differingRecipient(payment: Payment, said: ProviderRecipient | undefined): string[] {
  const ours = payment.recipient;
  if (said === undefined) return [];
  if (said.kind !== undefined && said.kind !== ours.kind) return ["payment_method"];
  if (ours.kind === "card") {
    return said.last4 !== undefined && said.last4 !== ours.last4 ? ["card_number"] : [];
  }
  const samePhone = said.phoneNumber === undefined || said.phoneNumber === ours.phoneNumber;
  return samePhone ? [] : ["phone_number"];
}

/**
 * Why Konsol's payment cannot be taken for this one: nothing that is unique to us, a field that differs,
 * or older than our first claim. Empty = it is ours. What an older system sent carries its external_id at
 * most: that does where a person names the payment, as nothing else of ours looks it up by less.
 */
export function reasonsNotOurs(payment: Payment, reported: ProviderPayment): string[] {
  const reasons = differingFields(payment, reported).map((field) => `${field} differs`);
  const hasOldersHandle = isOlders(payment) && reported.externalId !== undefined;
  if (reported.paymentId === undefined && !hasOldersHandle) {
    reasons.push("metadata.payment_id is missing");
  }
  const { firstClaimedAt } = payment;
  const wasSent = firstClaimedAt !== undefined || payment.lostPaymentId !== undefined;
  if (!wasSent) reasons.push("it was never sent");
  else if (
    firstClaimedAt !== undefined && reported.createdAt !== undefined &&
    reported.createdAt < firstClaimedAt - CLOCK_SKEW_MS
  ) {
    reasons.push("it is older than our first attempt");
  }
  return reasons;
}
