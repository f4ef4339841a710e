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
import { equalsGiven, recordConditions } from "./conditions.ts";
import { moveTail } from "./history_tail.ts";
import { endedInServerTime, endsByTheClock, leaseEnd } from "./lease_end.ts";
import type { MongoConnection } from "./mongo_connection.ts";
import { takenField } from "./mongo_errors.ts";
import { MongoTable } from "./mongo_table.ts";
import { PAYMENTS } from "./payment_document.ts";

export class MongoPaymentStore implements PaymentStore {
  readonly #connection: MongoConnection;
  readonly #table: MongoTable<Payment>;

  constructor(connection: MongoConnection) {
    this.#connection = connection;
    this.#table = new MongoTable(connection, PAYMENTS);
  }

  async insertOrGet(payment: Payment): Promise<Inserted> {
    const answer = await this.#table.insertOrFind(payment, () => this.#holders(payment));
    if ("found" in answer) return { kind: "exists", ...answer.found };
    return { kind: "inserted", payment: answer.inserted };
  }

  get(id: string): Promise<Payment | undefined> {
    return this.#table.find("_id", id);
  }

  getByKonsolId(konsolId: string): Promise<Payment | undefined> {
    return this.#table.find("konsol_id", konsolId);
  }

  getByExternalId(externalId: string): Promise<Payment | undefined> {
    return this.#table.find("external_id", externalId);
  }

  async save(before: Payment, after: Payment): Promise<Saved<Payment>> {
    assertStorable(before, after);
    const document = PAYMENTS.toDocument({ ...after, version: before.version + 1 });
    const stored = await moveTail(this.#connection, document, before.history.length);
    try {
      const saved = await this.#replace(before, after, stored);
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
    return this.#table.list(conditions, page);
  }

  listReviews(page: PageRequest): Promise<Page<Payment>> {
    return this.#table.list({ needs_review: true }, page);
  }

  due(submissions: readonly Submission[], now: number, limit: number): Promise<readonly Payment[]> {
    const inState = { submission: { $in: [...new Set(submissions)] } };
    const filter = submissions.includes("submitting")
      ? { ...inState, ...endedInServerTime() }
      : inState;
    return this.#table.due(filter, now, limit);
  }

  /** Whether the stored document was still `before`; the change is one update of one document. */
  #replace(before: Payment, after: Payment, document: Document): Promise<boolean> {
    const { id, version, submission, attempt } = before;
    const fence = {
      ...equalsGiven({ _id: id, version, submission, attempt }),
      ...(endsByTheClock(before, after) && endedInServerTime()),
    };
    const parts = [{ $literal: document }, leaseEnd(before, after)];
    return this.#table.update(fence, [{ $replaceWith: { $mergeObjects: parts } }]);
  }

  /** Both read so that what they show can never be rolled back: a client is told that it is stored. */
  async #holders({ idempotencyKey, externalId }: Payment) {
    const [byIdempotencyKey, byExternalId] = await Promise.all([
      this.#table.findForGood("idempotency_key", idempotencyKey),
      this.#table.findForGood("external_id", externalId),
    ]);
    return byIdempotencyKey || byExternalId ? { byIdempotencyKey, byExternalId } : undefined;
  }
}
