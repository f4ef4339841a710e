// Webhooks in SQLite.

import type {
  Page,
  PageRequest,
  Saved,
  WebhookFilter,
  WebhookStore,
} from "../../application/ports.ts";
import type { Webhook } from "../../domain/webhook.ts";
import type { GroupCommit } from "./group_commit.ts";
import {
  dueRecords,
  equals,
  equalsGiven,
  findRecord,
  insertRecord,
  LIMIT,
  listRecords,
  type RecordTable,
  replaceRecord,
} from "./records.ts";
import type { SqliteConnection } from "./sqlite_connection.ts";

const WEBHOOKS: RecordTable<Webhook> = {
  name: "webhooks",
  time: "received_at",
  positionOf: ({ receivedAt, id }) => ({ createdAt: receivedAt, id }),
};

type InsertedWebhook = { readonly kind: "inserted" | "exists"; readonly webhook: Webhook };

export class SqliteWebhookStore implements WebhookStore {
  readonly #connection: SqliteConnection;
  readonly #commit: GroupCommit;

  constructor(connection: SqliteConnection, commit: GroupCommit) {
    this.#connection = connection;
    this.#commit = commit;
  }

  insertOrGet(webhook: Webhook): Promise<InsertedWebhook> {
    return this.#commit.write(() => insertOrGet(this.#connection, webhook));
  }

  get(id: string): Promise<Webhook | undefined> {
    return Promise.try(() => findRecord(this.#connection, WEBHOOKS, "id", id));
  }

  save(before: Webhook, after: Webhook): Promise<Saved<Webhook>> {
    return this.#commit.write(() => {
      const item = replaceRecord(this.#connection, WEBHOOKS, before, after);
      return item ? { kind: "saved", item } : { kind: "stale" };
    });
  }

  latestOf(konsolId: string, keptMin: number): Promise<Webhook | undefined> {
    const ofIt = equals("konsol_id", konsolId);
    const kept = `SELECT 1 FROM webhooks WHERE ${ofIt.sql} LIMIT 1 OFFSET (? + 0)`;
    const sql = `SELECT record FROM webhooks WHERE ${ofIt.sql} AND EXISTS (${kept}) ` +
      `ORDER BY received_at DESC, id DESC LIMIT 1`;
    return Promise.try(() => {
      const row = this.#connection.one(sql, ...ofIt.values, ...ofIt.values, keptMin - 1);
      return row && JSON.parse(String(row.record));
    });
  }

  list({ state, konsolId, event }: WebhookFilter, page: PageRequest): Promise<Page<Webhook>> {
    const conditions = equalsGiven({ state, konsol_id: konsolId, event });
    return Promise.try(() => listRecords(this.#connection, WEBHOOKS, conditions, page));
  }

  due(now: number, limit: number): Promise<readonly Webhook[]> {
    return Promise.try(() => dueRecords(this.#connection, WEBHOOKS, [], now, limit));
  }

  hasUnworked(since: number): Promise<boolean> {
    const sql = "SELECT 1 FROM webhooks WHERE unworked_at >= ? LIMIT 1";
    return Promise.try(() => this.#connection.one(sql, since) !== undefined);
  }

  countUnworked(limit: number): Promise<number> {
    const due = `SELECT 1 FROM webhooks WHERE due_at IS NOT NULL ${LIMIT}`;
    return Promise.try(() =>
      Number(this.#connection.one(`SELECT count(*) AS n FROM (${due})`, limit)?.n)
    );
  }
}

function insertOrGet(connection: SqliteConnection, webhook: Webhook): InsertedWebhook {
  const inserted = insertRecord(connection, WEBHOOKS, webhook);
  if (inserted) return { kind: "inserted", webhook: inserted };
  const stored = findRecord(connection, WEBHOOKS, "body_hash", webhook.bodyHash);
  if (stored) return { kind: "exists", webhook: stored };
  throw new Error(`Cannot insert webhook ${webhook.id} as its id is another one's`);
}
