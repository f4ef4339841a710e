// Payments in every submission state, made by the domain's own moves, and what Konsol would say of them.

import {
  acceptPayment,
  type Cause,
  type Payment,
  type PaymentRequest,
} from "../../domain/payment.ts";
import { parkForReview } from "../../domain/payment_change.ts";
import { applyReport, linkKonsol } from "../../domain/payment_following.ts";
import { applyCreateOutcome, claimForSending, expireLease } from "../../domain/payment_sending.ts";
import type { EndStatus } from "../../domain/payment_status.ts";
import {
  type CreateOutcome,
  konsolExternalId,
  type ProviderPayment,
} from "../../domain/provider_payment.ts";

export const NOW = Date.UTC(2026, 0, 15, 12);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const BY_REQUEST: Cause = { kind: "request", id: "req_1" };
export const BY_POLL: Cause = { kind: "poll" };
export const NEXT = { retryAt: NOW + 2_000, lookAt: NOW + 10_000 };

export const CARD_REQUEST: PaymentRequest = {
  amountMinor: 100_000,
  currency: "RUB",
  recipient: {
    kind: "card",
    first6: "220012",
    last4: "3456",
    length: 16,
    brand: "mir",
    sealedNumber: "sealed_number",
  },
  externalId: "order_124",
  fieldHashes: { amount: "amount_hash" },
};

export const PHONE_REQUEST: PaymentRequest = {
  ...CARD_REQUEST,
  recipient: {
    kind: "phone",
    phoneNumber: "+79123456789",
    bankId: "100000000111",
    bankName: "Сбербанк",
  },
};

export function queued(request: Partial<PaymentRequest> = {}): Payment {
  return acceptPayment("pay_1", { ...CARD_REQUEST, ...request }, NOW, BY_REQUEST);
}

export function claimed(payment: Payment, now = NOW): Payment {
  const lease = { owner: "test", sendNotAfter: now + 5_000, until: now + 45_000 };
  return claimForSending(payment, lease, now);
}

export function submitting(request: Partial<PaymentRequest> = {}): Payment {
  return claimed(queued(request));
}

/** The payment after the create call of its present attempt came to `outcome`. */
export function answered(payment: Payment, outcome: CreateOutcome, now = NOW): Payment {
  return applyCreateOutcome(payment, payment.attempt, outcome, NEXT, now);
}

export function inDoubt(request: Partial<PaymentRequest> = {}): Payment {
  return expireLease(submitting(request), NEXT.lookAt, NOW);
}

/** Submitting again, with a doubt behind it. */
export function submittingAgain(): Payment {
  return { ...submitting(), attempt: 2, maybeSentAt: NOW - HOUR };
}

export function submitted(request: Partial<PaymentRequest> = {}): Payment {
  const payment = submitting(request);
  return linkKonsol(payment, reportOf(payment), NEXT.lookAt, NOW, { kind: "konsol_call" });
}

export function inReview(request: Partial<PaymentRequest> = {}): Payment {
  return parkForReview(inDoubt(request), "T10", "not found", NOW, { kind: "timer" });
}

export function settled(status: EndStatus = "completed"): Payment {
  const payment = submitted();
  return applyReport(payment, reportOf(payment, { status }), undefined, NOW, BY_POLL);
}

/** One payment in each submission state. */
export function oneInEachState(): readonly Payment[] {
  return [queued(), submitting(), inDoubt(), submitted(), inReview(), settled()];
}

/** What Konsol says of a payment that is exactly this one. */
export function reportOf(
  payment: Payment,
  patch: Partial<ProviderPayment> = {},
): ProviderPayment {
  const { recipient } = payment;
  const status = "status" in patch ? patch.status : "processing";
  return {
    konsolId: payment.konsolId ?? "konsol_1",
    status,
    statusText: status ?? "unheard_of",
    amountMinor: payment.amountMinor,
    currency: payment.currency,
    externalId: konsolExternalId(payment),
    paymentId: payment.id,
    recipient: recipient.kind === "card"
      ? { kind: "card", last4: recipient.last4 }
      : { kind: "phone", phoneNumber: recipient.phoneNumber },
    createdAt: NOW,
    ...patch,
  };
}
