// All that the sandbox knows: payments, counts and webhooks to deliver, each change kept before it is told.
import { Journal } from "./journal.ts";
import type { Payment } from "./payment.ts";
import { holdsMoney } from "./status.ts";
import type { Webhook } from "./webhook.ts";

export interface Tally {
  readonly creates_received: number;
  readonly webhooks_sent: number;
  readonly webhooks_delivered: number;
}

/** One step of the sandbox's history; everything in it becomes true together. */
export interface Change {
  readonly payment?: Payment;
  readonly webhooks?: readonly Webhook[];
  readonly settledWebhook?: string;
  readonly counted?: Partial<Tally>;
  readonly reset?: true;
}

const emptyTally: Tally = { creates_received: 0, webhooks_sent: 0, webhooks_delivered: 0 };

export class Ledger {
  readonly #payments = new Map<string, Payment>();
  readonly #undelivered = new Map<string, Webhook>();
  readonly #startMinor: number;
  #tally = emptyTally;
  #heldMinor = 0;
  #journal?: Journal<Change>;

  /** In memory alone, or continuing what the file at `statePath` holds. */
  constructor(startMinor: number, statePath?: string) {
    this.#startMinor = startMinor;
    if (statePath === undefined) return;
    for (const change of Journal.read<Change>(statePath)) this.#apply(change);
    this.#journal = Journal.rewrite(statePath, this.#snapshot());
  }

  record(change: Change): void {
    // A lost count of a webhook is no lie about money, so only what touches payments pays for a sync.
    this.#journal?.append(change, change.payment !== undefined || change.reset === true);
    this.#apply(change);
  }

  payment(id: string): Payment | undefined {
    return this.#payments.get(id);
  }

  /** Oldest first. */
  payments(): readonly Payment[] {
    return [...this.#payments.values()];
  }

  undelivered(): readonly Webhook[] {
    return [...this.#undelivered.values()];
  }

  get tally(): Tally {
    return this.#tally;
  }

  get balanceMinor(): number {
    return this.#startMinor - this.#heldMinor;
  }

  close(): void {
    this.#journal?.close();
    this.#journal = undefined;
  }

  #apply({ payment, webhooks = [], settledWebhook, counted, reset }: Change): void {
    if (reset) this.#clear();
    if (payment) {
      this.#heldMinor += heldMinor(payment) - heldMinor(this.#payments.get(payment.id));
      this.#payments.set(payment.id, payment);
    }
    for (const webhook of webhooks) this.#undelivered.set(webhook.id, webhook);
    if (settledWebhook) this.#undelivered.delete(settledWebhook);
    if (counted) this.#tally = sum(this.#tally, counted);
  }

  #clear(): void {
    this.#payments.clear();
    this.#undelivered.clear();
    this.#tally = emptyTally;
    this.#heldMinor = 0;
  }

  #snapshot(): Change[] {
    const payments = this.payments().map((payment) => ({ payment }));
    return [{ counted: this.#tally, webhooks: this.undelivered() }, ...payments];
  }
}

function heldMinor(payment: Payment | undefined): number {
  return payment && holdsMoney(payment.status) ? payment.amount_minor : 0;
}

function sum(tally: Tally, counted: Partial<Tally>): Tally {
  return {
    creates_received: tally.creates_received + (counted.creates_received ?? 0),
    webhooks_sent: tally.webhooks_sent + (counted.webhooks_sent ?? 0),
    webhooks_delivered: tally.webhooks_delivered + (counted.webhooks_delivered ?? 0),
  };
}
