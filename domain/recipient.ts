// Whom a payment goes to: a card, or a phone and its bank.

import type { CardBrand } from "./card_number.ts";

/** What is kept of a card. The number itself is there only sealed, and only until Konsol has it. */
export interface CardRecipient {
  readonly kind: "card";
  readonly first6: string;
  readonly last4: string;
  /** Digits in the whole number. */
  readonly length: number;
  readonly brand: CardBrand;
  /** Ciphertext of the whole number; gone (shredded) once Konsol has the payment, contradicts it, or it ended. */
  readonly sealedNumber?: string;
}

export interface PhoneRecipient {
  readonly kind: "phone";
  /** +7XXXXXXXXXX */
  readonly phoneNumber: string;
  /** Member id in the national payment system: 12 characters, not always digits. */
  readonly bankId: string;
  readonly bankName: string;
}

export type Recipient = CardRecipient | PhoneRecipient;

export const PAYMENT_TYPES = ["card_payment", "phone_payment"] as const;
export type PaymentType = (typeof PAYMENT_TYPES)[number];

export function paymentTypeOf(recipient: Recipient): PaymentType {
  return recipient.kind === "card" ? "card_payment" : "phone_payment";
}

/** The same recipient without the card's number, for good. */
export function shredNumber(recipient: Recipient): Recipient {
  if (recipient.kind !== "card" || recipient.sealedNumber === undefined) return recipient;
  const { sealedNumber: _shredded, ...kept } = recipient;
  return kept;
}
