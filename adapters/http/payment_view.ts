// A payment and its history as clients see them; what is undefined is left out of the JSON.

import { maskedCardNumber } from "../../domain/card_number.ts";
import { amountNumber } from "../../domain/money.ts";
import { detailOf, type Payment, type PaymentEvent } from "../../domain/payment.ts";
import { paymentTypeOf, type Recipient } from "../../domain/recipient.ts";

export function paymentView(payment: Payment) {
  return {
    id: payment.id,
    konsol_id: payment.konsolId,
    external_id: payment.externalId,
    status: payment.status,
    detail: detailOf(payment),
    amount: amountNumber(payment.amountMinor, payment.currency),
    currency: payment.currency,
    description: payment.description,
    payment_type: paymentTypeOf(payment.recipient),
    ...recipientView(payment.recipient),
    user_id: payment.userId,
    callback_url: payment.callbackUrl,
    metadata: payment.metadata,
    payment_url: payment.paymentUrl,
    failure: payment.failure && { code: payment.failure.code, message: payment.failure.message },
    created_at: timeView(payment.createdAt),
    updated_at: timeView(payment.updatedAt),
    paid_at: timeView(payment.paidAt),
  };
}

export function eventView(event: PaymentEvent) {
  return {
    at: timeView(event.at),
    move: event.move,
    status: event.status,
    submission: event.submission,
    attempt: event.attempt,
    note: event.note,
    cause: { kind: event.cause.kind, id: event.cause.id },
  };
}

/** RFC 3339, UTC, with milliseconds. */
export function timeView(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

function recipientView(recipient: Recipient) {
  return recipient.kind === "card"
    ? { card_number: maskedCardNumber(recipient), card_brand: recipient.brand }
    : { phone_number: recipient.phoneNumber, bank: recipient.bankName };
}
