// Payments in SQLite.

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
import type { GroupCommit } from "./group_commit.ts";
import {
  dueRecords,
  equals,
  equalsGiven,
  findRecord,
  insertRecord,
  listRecords,
  recordConditions,
  type RecordTable,
  replaceRecord,
} from "./records.ts";
import { isTaken, type SqliteConnection } from "./sqlite_connection.ts";
import { appendEvents } from "./sqlite_event_log.ts";

const PAYMENTS: RecordTable<Payment> = {
  name: "payments",
  time: "created_at",
  positionOf: ({ createdAt, id }) => ({ createdAt, id }),
};

export class SqlitePaymentStore implements PaymentStore {
  readonly #connection: SqliteConnection;
  readonly #commit: GroupCommit;

  constructor(connection: SqliteConnection, commit: GroupCommit) {
    this.#connection = connection;
    this.#commit = commit;
  }

  insertOrGet(payment: Payment, events: readonly NewEvent[] = []): Promise<Inserted> {
    return this.#commit.write(() => insertOrGet(this.#connection, payment, events));
  }

  get(id: string): Promise<Payment | undefined> {
    return this.#find("id", id);
  }

  getByKonsolId(konsolId: string): Promise<Payment | undefined> {
    return this.#find("konsol_id", konsolId);
  }

  getByExternalId(externalId: string): Promise<Payment | undefined> {
    return this.#find("external_id", externalId);
  }

  save(
    before: Payment,
    after: Payment,
    events: readonly NewEvent[] = [],
  ): Promise<Saved<Payment>> {
    return Promise.try(() => {
      assertStorable(before, after);
      return this.#commit.write(() => save(this.#connection, before, after, events));
    });
  }

  list(filter: PaymentFilter, page: PageRequest): Promise<Page<Payment>> {
    const conditions = [
      ...recordConditions(filter),
      ...equalsGiven({ payment_type: filter.paymentType }),
    ];
    return Promise.try(() => listRecords(this.#connection, PAYMENTS, conditions, page));
  }

  listReviews(page: PageRequest): Promise<Page<Payment>> {
    const inReview = [equals("needs_review", 1)];
    return Promise.try(() => listRecords(this.#connection, PAYMENTS, inReview, page));
  }

  due(submissions: readonly Submission[], now: number, limit: number): Promise<readonly Payment[]> {
    return Promise.try(() => due(this.#connection, submissions, now, limit));
  }

  #find(column: string, value: string): Promise<Payment | undefined> {
    return Promise.try(() => findRecord(this.#connection, PAYMENTS, column, value));
  }
}

function insertOrGet(
  connection: SqliteConnection,
  payment: Payment,
  events: readonly NewEvent[],
): Inserted {
  const inserted = insertRecord(connection, PAYMENTS, payment);
  if (inserted) {
    appendEvents(connection, events);
    return { kind: "inserted", payment: inserted };
  }
  const { id, idempotencyKey, externalId } = payment;
  const byIdempotencyKey = findRecord(connection, PAYMENTS, "idempotency_key", idempotencyKey);
  const byExternalId = findRecord(connection, PAYMENTS, "external_id", externalId);
  if (byIdempotencyKey || byExternalId) return { kind: "exists", byIdempotencyKey, byExternalId };
  throw new Error(`Cannot insert payment ${id} as its id or its konsolId is another one's`);
}

function save(
  connection: SqliteConnection,
  before: Payment,
  after: Payment,
  events: readonly NewEvent[],
): Saved<Payment> {
  const { submission, attempt } = before;
  const fence = equalsGiven({ submission, attempt });
  try {
    const item = replaceRecord(connection, PAYMENTS, before, after, fence);
    if (item === undefined) return { kind: "stale" };
    appendEvents(connection, events);
    return { kind: "saved", item };
  } catch (error) {
    if (isTaken(error, "payments.konsol_id")) return { kind: "konsol_id_taken" };
    if (isTaken(error, "payments.idempotency_key")) return { kind: "idempotency_key_taken" };
    throw error;
  }
}

/** One query a state, merged here: each reads at most `limit` rows off the index, in its order. */
function due(
  connection: SqliteConnection,
  submissions: readonly Submission[],
  now: number,
  limit: number,
): readonly Payment[] {
  return [...new Set(submissions)]
    .flatMap((state) => dueRecords(connection, PAYMENTS, [equals("submission", state)], now, limit))
    .sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || (a.id < b.id ? -1 : 1))
    .slice(0, limit);
}
