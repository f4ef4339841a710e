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
import type { NewEvent } from "../../domain/payment_news.ts";
import { assertStorable } from "../../domain/payment_guard.ts";
import type { Submission } from "../../domain/submission_table.ts";
import { equalsGiven, recordConditions } from "./conditions.ts";
import type { EventRelay } from "./event_relay.ts";
import { moveTail } from "./history_tail.ts";
import { endedInServerTime, endsByTheClock, leaseEnd } from "./lease_end.ts";
import type { MongoConnection } from "./mongo_connection.ts";
import { takenField } from "./mongo_errors.ts";
import { MongoTable } from "./mongo_table.ts";
import { extendedOutbox, newOutbox, OUTBOX_FIELDS, untoldOf } from "./outbox.ts";
import { PAYMENTS } from "./payment_document.ts";
import { refuseUnfinishedCopy } from "./unfinished_copy.ts";

export class MongoPaymentStore implements PaymentStore {
  readonly #connection: MongoConnection;
  readonly #relay: EventRelay;
  readonly #table: MongoTable<Payment>;

  constructor(connection: MongoConnection, relay: EventRelay) {
    this.#connection = connection;
    this.#relay = relay;
    this.#table = new MongoTable(connection, PAYMENTS);
  }

  async insertOrGet(payment: Payment, events: readonly NewEvent[] = []): Promise<Inserted> {
    const find = () => this.#holders(payment);
    const answer = await this.#table.insertOrFind(payment, find, newOutbox(events));
    if ("found" in answer) return { kind: "exists", ...answer.found };
    this.#relay.tell({ paymentId: payment.id, events });
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

  async save(
    before: Payment,
    after: Payment,
    events: readonly NewEvent[] = [],
  ): Promise<Saved<Payment>> {
    assertStorable(before, after);
    const document = PAYMENTS.toDocument({ ...after, version: before.version + 1 });
    const bounded = await moveTail(this.#connection, document, before.history.length);
    try {
      const stored = await this.#replace(before, after, bounded, events);
      if (stored === undefined) return { kind: "stale" };
      this.#relay.tell(untoldOf(stored));
      return { kind: "saved", item: PAYMENTS.fromDocument(document) };
    } catch (error) {
      const taken = takenField(error);
      if (taken === "konsol_id") return { kind: "konsol_id_taken" };
      if (taken === "idempotency_key") return { kind: "idempotency_key_taken" };
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

  async due(
    submissions: readonly Submission[],
    now: number,
    limit: number,
  ): Promise<readonly Payment[]> {
    const inState = { submission: { $in: [...new Set(submissions)] } };
    const filter = submissions.includes("submitting")
      ? { ...inState, ...endedInServerTime() }
      : inState;
    const due = await this.#table.due(filter, now, limit);
    // Asked afterwards: the mark is older than whatever was copied, so it is never missed.
    if (due.length > 0) await refuseUnfinishedCopy(this.#connection);
    return due;
  }

  /** The outbox as it is then, or undefined when the stored payment was not `before` any more. */
  #replace(
    before: Payment,
    after: Payment,
    document: Document,
    events: readonly NewEvent[],
  ): Promise<Document | undefined> {
    const { id, version, submission, attempt } = before;
    const fence = {
      ...equalsGiven({ _id: id, version, submission, attempt }),
      ...(endsByTheClock(before, after) && endedInServerTime()),
    };
    const more = { ...leaseEnd(before, after), ...extendedOutbox(events) };
    return this.#table.replaceWith(fence, document, more, OUTBOX_FIELDS);
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
