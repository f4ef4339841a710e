// What Konsol said of its payments when it was asked: what the service may know of them.

import { minorOf, textOf } from "./provider_ledger.ts";
import type { RawRecord } from "./record_rules.ts";

interface Statement {
  readonly status: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** A masked card, or a whole phone. */
  readonly recipient: string;
  readonly paymentId: string | undefined;
}

export class Evidence {
  readonly #statements = new Map<string, Statement[]>();
  /** Our payments that an answered GET of one of Konsol's named. */
  readonly #named = new Set<string>();

  /** A GET of one payment was answered. */
  answered(konsolId: string, json: Readonly<Record<string, unknown>>): void {
    if (String(json.id) !== konsolId) return;
    const { payment_id } = (json.metadata ?? {}) as Record<string, unknown>;
    const said = this.#statements.get(konsolId) ?? [];
    said.push({
      status: String(json.status),
      amountMinor: minorOf(json.amount),
      currency: String(json.currency),
      recipient: String(json.card_number ?? json.phone_number),
      paymentId: textOf(payment_id),
    });
    this.#statements.set(konsolId, said);
    this.#named.add(String(payment_id));
  }

  /** A copy of the store came back: what was named before, it does not know. */
  restored(): void {
    this.#named.clear();
  }

  isNamed(paymentId: string): boolean {
    return this.#named.has(paymentId);
  }

  names(konsolId: string, paymentId: string): boolean {
    return this.#statements.get(konsolId)?.some((said) => said.paymentId === paymentId) ?? false;
  }

  /** Konsol said just this of it: its end, and whose and how much it is. */
  says({ id, konsolId, status, amountMinor, currency, recipient }: RawRecord): boolean {
    const end = recipient.last4 ?? recipient.phoneNumber;
    return this.#statements.get(konsolId)?.some((said) =>
      said.status === status && said.amountMinor === amountMinor && said.currency === currency &&
      said.recipient.endsWith(end) && said.paymentId === id
    ) ?? false;
  }
}
