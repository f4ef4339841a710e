// What a client asked for, and whether a stored record or a payment at Konsol is that.

import type { KonsolPayment } from "./provider_ledger.ts";
import type { RawRecord } from "./record_rules.ts";

/** What a client asked for, in its own words. */
export interface Intent {
  readonly amountMinor: number;
  readonly method: "card" | "phone";
  /** All digits of the card, or +7 and ten digits. */
  readonly recipient: string;
  /** As Konsol is to be told; undefined = a card. */
  readonly bank: string | undefined;
  readonly handles: readonly string[];
}

export function fits(intent: Intent, payment: KonsolPayment): boolean {
  return intent.recipient === payment.recipient && intent.method === payment.method &&
    intent.bank === payment.bank && intent.amountMinor === payment.sentAmountMinor;
}

export function fitsRecord(intent: Intent, { recipient, amountMinor }: RawRecord): boolean {
  if (intent.amountMinor !== amountMinor || recipient.kind !== intent.method) return false;
  return recipient.kind === "card"
    ? intent.recipient.startsWith(recipient.first6) && intent.recipient.endsWith(recipient.last4)
    : intent.recipient === recipient.phoneNumber;
}
