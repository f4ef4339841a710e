// Payments in MongoDB: one document each, changed by one findOneAndUpdate.

import type { Document } from "mongodb";
import type {
  Inserted,
  Page,
  PageRequest,
  PaymentFilter,
  PaymentStore,
  Saved,
} from "../../application/ports.ts";
import type { Payment } from "../../domain/payment.ts";
import { assertStorable } from "../../domain/payment_guard.ts";
import type { Submission } from "../../domain/submission_table.ts";
import { endedInServerTime, endsByTheClock, leaseEnd } from "./lease_end.ts";
import { BOUNDED, LINEARIZABLE, type MongoConnection } from "./mongo_connection.ts";
import { takenField } from "./mongo_errors.ts";
import {
  dueRecords,
  equalsGiven,
  findRecord,
  insertOrFind,
  listRecords,
  recordConditions,
} from "./mongo_records.ts";
import { PAYMENTS } from "./payment_document.ts";

export class MongoPaymentStore implements PaymentStore {
  readonly #connection: MongoConnection;

  constructor(connection: MongoConnection) {
    this.#connection = connection;
  }

  async insertOrGet(payment: Payment): Promise<Inserted> {
    const answer = await insertOrFind(
      this.#connection,
      PAYMENTS,
      PAYMENTS.toDocument(payment),
      () => this.#holders(payment),
    );
    if ("found" in answer) return { kind: "exists", ...answer.found };
    return { kind: "inserted", payment: answer.inserted };
  }

  get(id: string): Promise<Payment | undefined> {
    return findRecord(this.#connection, PAYMENTS, "_id", id);
  }

  getByKonsolId(konsolId: string): Promise<Payment | undefined> {
    return findRecord(this.#connection, PAYMENTS, "konsol_id", konsolId);
  }

  getByExternalId(externalId: string): Promise<Payment | undefined> {
    return findRecord(this.#connection, PAYMENTS, "external_id", externalId);
  }

  async save(before: Payment, after: Payment): Promise<Saved<Payment>> {
    assertStorable(before, after);
    const document = PAYMENTS.toDocument({ ...after, version: before.version + 1 });
    try {
      const saved = await this.#replace(before, after, document);
      return saved ? { kind: "saved", item: PAYMENTS.fromDocument(document) } : { kind: "stale" };
    } catch (error) {
      if (takenField(error) === "konsol_id") return { kind: "konsol_id_taken" };
      throw error;
    }
  }

  list(filter: PaymentFilter, page: PageRequest): Promise<Page<Payment>> {
    const conditions = {
      ...recordConditions(filter),
      ...equalsGiven({ payment_type: filter.paymentType }),
    };
    return listRecords(this.#connection, PAYMENTS, conditions, page);
  }

  listReviews(page: PageRequest): Promise<Page<Payment>> {
    return listRecords(this.#connection, PAYMENTS, { needs_review: true }, page);
  }

  due(submissions: readonly Submission[], now: number, limit: number): Promise<readonly Payment[]> {
    const inState = { submission: { $in: [...new Set(submissions)] } };
    const filter = submissions.includes("submitting")
      ? { ...inState, ...endedInServerTime() }
      : inState;
    return dueRecords(this.#connection, PAYMENTS, filter, now, limit);
  }

  /** Whether the stored document was still `before`; the change is one update of one document. */
  async #replace(before: Payment, after: Payment, document: Document): Promise<boolean> {
    const { id, version, submission, attempt } = before;
    const fence = {
      ...equalsGiven({ _id: id, version, submission, attempt }),
      ...(endsByTheClock(before, after) && endedInServerTime()),
    };
    const parts = [{ $literal: document }, leaseEnd(before, after)];
    const replaced = await this.#connection.askIn(
      PAYMENTS.collection,
      (all) =>
        all.findOneAndUpdate(fence, [{ $replaceWith: { $mergeObjects: parts } }], {
          ...BOUNDED,
          projection: { _id: 1 },
        }),
    );
    return replaced !== null;
  }

  /** Both read so that what they show can never be rolled back: a client is told that it is stored. */
  async #holders({ idempotencyKey, externalId }: Payment) {
    const [byIdempotencyKey, byExternalId] = await Promise.all([
      findRecord(this.#connection, PAYMENTS, "idempotency_key", idempotencyKey, LINEARIZABLE),
      findRecord(this.#connection, PAYMENTS, "external_id", externalId, LINEARIZABLE),
    ]);
    return byIdempotencyKey || byExternalId ? { byIdempotencyKey, byExternalId } : undefined;
  }
}
