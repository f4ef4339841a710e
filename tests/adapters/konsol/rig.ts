// What the tests of the Konsol adapter share: a still clock, a gateway with its log, and payments to send.

import { acceptPayment, type Payment } from "../../../domain/payment.ts";
import { claimForSending } from "../../../domain/payment_sending.ts";
import type { Recipient } from "../../../domain/recipient.ts";
import { KonsolPaymentGateway } from "../../../adapters/konsol/konsol_payment_gateway.ts";
import { KonsolTransport, type TransportOptions } from "../../../adapters/konsol/transport.ts";
import { collectingLog, type LogEntry } from "../../support/collecting_log.ts";

export const NOW = Date.parse("2026-05-04T10:00:00Z");
export const TOKEN = "test-token-5f2c";
export const CARD_NUMBER = "2202200000000065";
export const PHONE_NUMBER = "+79123456789";

export const clock = { now: () => NOW, monotonic: () => 5_000 };

/** A window that is open on `clock`. */
export const OPEN_WINDOW = { notAfter: NOW, notAfterMonotonic: 5_000 };

export function transportTo(
  baseUrl: string,
  options: Partial<TransportOptions> = {},
): KonsolTransport {
  return new KonsolTransport({ baseUrl, token: TOKEN, timeoutMs: 10_000, clock, ...options });
}

export interface GatewayRig extends Disposable {
  readonly gateway: KonsolPaymentGateway;
  readonly lines: readonly LogEntry[];
}

export function gatewayTo(
  baseUrl: string,
  options: Partial<TransportOptions> & { readonly webhookUrl?: string } = {},
): GatewayRig {
  const transport = transportTo(baseUrl, options);
  const log = collectingLog();
  const { webhookUrl } = options;
  const gateway = new KonsolPaymentGateway({ transport, clock, log, webhookUrl });
  return { gateway, lines: log.entries, [Symbol.dispose]: () => transport.close() };
}

export const CARD: Recipient = {
  kind: "card",
  first6: "220220",
  last4: "0065",
  length: 16,
  brand: "mir",
  sealedNumber: "sealed",
};

export const PHONE: Recipient = {
  kind: "phone",
  phoneNumber: PHONE_NUMBER,
  bankId: "100000000111",
  bankName: "Сбербанк",
};

/** A payment of 1000.10 roubles in its first attempt. */
export function claimedPayment(fields: Partial<Payment> = {}): Payment {
  const request = { amountMinor: 100_010, currency: "RUB", recipient: CARD, fieldHashes: {} };
  const queued = acceptPayment("pay_1", request, NOW - 1_000, { kind: "request" });
  const lease = { owner: "test", sendNotAfter: NOW, until: NOW + 60_000 };
  return { ...claimForSending(queued, lease, NOW - 500), ...fields };
}

/** Konsol's answer to a create of claimedPayment(). */
export function wirePayment(fields: Readonly<Record<string, unknown>> = {}) {
  return {
    id: "5b8f4e3a-93a1-4a57-9d4e-2f6c1d0b7a11",
    amount: 1000.1,
    currency: "RUB",
    status: "pending",
    external_id: "pay_1",
    metadata: { payment_id: "pay_1", payment_type: "card_payment" },
    payment_method: "card",
    card_number: "220220******0065",
    created_at: "2026-05-04T10:00:00Z",
    ...fields,
  };
}
