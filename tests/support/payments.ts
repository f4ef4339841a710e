// Builds payments for tests: valid, each with its own id and handles, but where the test says so.

import {
  acceptPayment,
  type Cause,
  type Payment,
  type PaymentRequest,
} from "../../domain/payment.ts";
import type { CardRecipient, PhoneRecipient } from "../../domain/recipient.ts";

/** 2025-06-15T15:06:40Z: what time it is in tests that do not care. */
export const NOW = 1_750_000_000_000;

export const BY_TEST: Cause = { kind: "request", id: "req_test" };

let made = 0;
let requested = 0;

export function aCard(overrides: Partial<CardRecipient> = {}): CardRecipient {
  return {
    kind: "card",
    first6: "220220",
    last4: "0000",
    length: 16,
    brand: "mir",
    sealedNumber: "v1.sealed-number-of-a-card",
    ...overrides,
  };
}

export function aPhone(overrides: Partial<PhoneRecipient> = {}): PhoneRecipient {
  return {
    kind: "phone",
    phoneNumber: "+79123456789",
    bankId: "100000000111",
    bankName: "Сбербанк",
    ...overrides,
  };
}

/** Ids grow in the order of the calls, as real ones do. */
export function aPaymentId(): string {
  return `pay_01977000-0000-7000-8000-${String(++made).padStart(12, "0")}`;
}

export function aPaymentRequest(overrides: Partial<PaymentRequest> = {}): PaymentRequest {
  const n = ++requested;
  return {
    amountMinor: 150_000,
    currency: "RUB",
    recipient: aCard(),
    idempotencyKey: `key-${n}`,
    externalId: `order-${n}`,
    fieldHashes: { amount: "aGFzaC1vZi1hbW91bnQtMQ" },
    ...overrides,
  };
}

/** An accepted payment, queued and due at its creation, with the overrides laid over it. */
export function aPayment(overrides: Partial<Payment> = {}): Payment {
  const { id = aPaymentId(), createdAt = NOW } = overrides;
  return { ...acceptPayment(id, aPaymentRequest(), createdAt, BY_TEST), ...overrides };
}
