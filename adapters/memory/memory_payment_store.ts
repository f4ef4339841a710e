// Payments in memory, under the same contract as the durable stores.

import type {
  Inserted,
  Page,
  PageRequest,
  PaymentFilter,
  PaymentStore,
  Saved,
  Taken,
} from "../../application/ports.ts";
import { assertStorable } from "../../domain/payment_guard.ts";
import type { NewEvent } from "../../domain/payment_news.ts";
import type { Payment } from "../../domain/payment.ts";
import { needsReview } from "../../domain/payment_review.ts";
import { paymentTypeOf } from "../../domain/recipient.ts";
import type { Submission } from "../../domain/submission_table.ts";
import { matchesRecord } from "./matches_record.ts";
import type { MemoryEventLog } from "./memory_event_log.ts";
import type { MemoryTable } from "./memory_table.ts";

export class MemoryPaymentStore implements PaymentStore {
  readonly #table: MemoryTable<Payment>;
  readonly #log: MemoryEventLog;

  constructor(table: MemoryTable<Payment>, log: MemoryEventLog) {
    this.#table = table;
    this.#log = log;
  }

  insertOrGet(payment: Payment, events: readonly NewEvent[] = []): Promise<Inserted> {
    return Promise.try(() => {
      const byIdempotencyKey = this.#having("idempotencyKey", payment.idempotencyKey);
      const byExternalId = this.#having("externalId", payment.externalId);
      if (byIdempotencyKey || byExternalId) {
        return { kind: "exists", byIdempotencyKey, byExternalId };
      }
      if (this.#having("konsolId", payment.konsolId)) {
        throw new Error(`Cannot insert payment ${payment.id} as another one has its konsolId`);
      }
      this.#log.assertNew(events);
      const inserted = this.#table.insert(payment);
      this.#log.append(events);
      return { kind: "inserted", payment: inserted };
    });
  }

  get(id: string): Promise<Payment | undefined> {
    return Promise.try(() => this.#table.get(id));
  }

  getByKonsolId(konsolId: string): Promise<Payment | undefined> {
    return Promise.try(() => this.#having("konsolId", konsolId));
  }

  getByExternalId(externalId: string): Promise<Payment | undefined> {
    return Promise.try(() => this.#having("externalId", externalId));
  }

  save(
    before: Payment,
    after: Payment,
    events: readonly NewEvent[] = [],
  ): Promise<Saved<Payment>> {
    return Promise.try(() => {
      assertStorable(before, after);
      const answer = this.#table.save(
        before,
        after,
        (stored) => stored.submission === before.submission && stored.attempt === before.attempt,
        (other) => takenOf(other, after),
        () => this.#log.assertNew(events),
      );
      if (answer.kind === "saved") this.#log.append(events);
      return answer;
    });
  }

  list(filter: PaymentFilter, page: PageRequest): Promise<Page<Payment>> {
    const { paymentType } = filter;
    const matches = (payment: Payment) =>
      matchesRecord(payment, filter) &&
      (paymentType === undefined || paymentTypeOf(payment.recipient) === paymentType);
    return Promise.try(() => this.#table.list(matches, page));
  }

  listReviews(page: PageRequest): Promise<Page<Payment>> {
    return Promise.try(() => this.#table.list(needsReview, page));
  }

  due(submissions: readonly Submission[], now: number, limit: number): Promise<readonly Payment[]> {
    const matches = ({ submission }: Payment) => submissions.includes(submission);
    return Promise.try(() => this.#table.due(matches, ({ dueAt }) => dueAt, now, limit));
  }

  #having(
    field: "idempotencyKey" | "externalId" | "konsolId",
    value: string | undefined,
  ): Payment | undefined {
    return this.#table.find((payment) => value !== undefined && payment[field] === value);
  }
}

function takenOf(other: Payment, { konsolId, idempotencyKey }: Payment): Taken | undefined {
  if (konsolId !== undefined && other.konsolId === konsolId) return "konsol_id_taken";
  const isTaken = idempotencyKey !== undefined && other.idempotencyKey === idempotencyKey;
  return isTaken ? "idempotency_key_taken" : undefined;
}
