// What Konsol itself knows, in memory: its payments, its balance and how many creates it executed.

import type { Clock } from "../../application/ports.ts";
import type { Payment } from "../../domain/payment.ts";
import { isEnd, type Status } from "../../domain/payment_status.ts";
import { konsolExternalId, type ProviderPayment } from "../../domain/provider_payment.ts";

/** One payment as Konsol keeps it; `metadata.payment_id` is ours. */
export interface KonsolRecord extends Omit<ProviderPayment, "paymentId" | "statusText"> {
  readonly status: Status;
  readonly amountMinor: number;
  readonly description?: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface MemoryKonsolOptions {
  readonly clock: Pick<Clock, "now">;
  readonly balanceMinor?: number;
  /** The status that a payment is created with. */
  readonly createdAs?: Status;
}

const BALANCE_DEFAULT_MINOR = 1_000_000_000;

export class MemoryKonsol {
  readonly #records = new Map<string, KonsolRecord>();
  readonly #clock: MemoryKonsolOptions["clock"];
  readonly #startMinor: number;
  readonly #createdAs: Status;
  #executed = 0;

  constructor(options: MemoryKonsolOptions) {
    this.#clock = options.clock;
    this.#startMinor = options.balanceMinor ?? BALANCE_DEFAULT_MINOR;
    this.#createdAs = options.createdAs ?? "processing";
  }

  /** Creates that took effect: the witness of "never paid twice". */
  get executed(): number {
    return this.#executed;
  }

  get records(): readonly KonsolRecord[] {
    return [...this.#records.values()];
  }

  /** What failed or was cancelled came back. */
  get balanceMinor(): number {
    const spent = this.records.filter(({ status }) => status !== "failed" && status !== "cancelled")
      .reduce((sum, { amountMinor }) => sum + amountMinor, 0);
    return this.#startMinor - spent;
  }

  /** Newest first; equal times in the order in which they were created, the last first. */
  listed(): readonly KonsolRecord[] {
    return this.records.toReversed().sort((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0));
  }

  record(konsolId: string): KonsolRecord | undefined {
    return this.#records.get(konsolId);
  }

  /** Puts a payment there that no create of ours made, or another one in its place. */
  plant(record: KonsolRecord): void {
    this.#records.set(record.konsolId, record);
  }

  /** What a person does in the cabinet, or a bank to an ended payment: any status from any other. */
  setStatus(konsolId: string, status: Status): void {
    const record = this.#records.get(konsolId);
    if (record === undefined) throw new Error(`Cannot set ${konsolId} as Konsol has no such one`);
    const paidAt = status === "completed" ? this.#clock.now() : undefined;
    this.plant({ ...record, status, paidAt });
  }

  /** There is no idempotency: each create makes another payment. Undefined = too little money. */
  create(payment: Payment): KonsolRecord | undefined {
    if (payment.amountMinor > this.balanceMinor) return undefined;
    this.#executed++;
    const { recipient } = payment;
    const record: KonsolRecord = {
      konsolId: `konsol_${this.#executed}`,
      status: this.#createdAs,
      amountMinor: payment.amountMinor,
      currency: payment.currency,
      externalId: konsolExternalId(payment),
      description: payment.description,
      metadata: { ...payment.metadata, payment_id: payment.id },
      recipient: recipient.kind === "card"
        ? { kind: "card", last4: recipient.last4 }
        : { kind: "phone", phoneNumber: recipient.phoneNumber },
      createdAt: this.#clock.now(),
    };
    this.plant(record);
    return record;
  }

  /** As the API does it: the fields are replaced, and what has ended stays. */
  change(
    konsolId: string,
    { status, ...fields }: Partial<Pick<KonsolRecord, "status" | "description" | "metadata">>,
  ): "changed" | "unknown" | "ended" {
    const record = this.#records.get(konsolId);
    if (record === undefined) return "unknown";
    if (isEnd(record.status)) return "ended";
    this.plant({ ...record, ...fields });
    if (status !== undefined) this.setStatus(konsolId, status);
    return "changed";
  }
}

export function reported({ metadata, description: _, ...record }: KonsolRecord): ProviderPayment {
  const { payment_id } = metadata;
  const paymentId = typeof payment_id === "string" ? payment_id : undefined;
  return { ...record, paymentId, statusText: record.status };
}
