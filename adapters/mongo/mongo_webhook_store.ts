// Webhooks in MongoDB.

import type {
  Page,
  PageRequest,
  Saved,
  WebhookFilter,
  WebhookStore,
} from "../../application/ports.ts";
import type { Webhook } from "../../domain/webhook.ts";
import { dateFrom, FIRST_DATE } from "./document_fields.ts";
import { BOUNDED, LINEARIZABLE, type MongoConnection } from "./mongo_connection.ts";
import {
  countRecords,
  dueRecords,
  equalsGiven,
  findRecord,
  insertOrFind,
  listRecords,
  replaceRecord,
} from "./mongo_records.ts";
import { WEBHOOKS } from "./webhook_document.ts";

export class MongoWebhookStore implements WebhookStore {
  readonly #connection: MongoConnection;

  constructor(connection: MongoConnection) {
    this.#connection = connection;
  }

  async insertOrGet(webhook: Webhook): Promise<{ kind: "inserted" | "exists"; webhook: Webhook }> {
    const answer = await insertOrFind(
      this.#connection,
      WEBHOOKS,
      WEBHOOKS.toDocument(webhook),
      () => findRecord(this.#connection, WEBHOOKS, "body_hash", webhook.bodyHash, LINEARIZABLE),
    );
    if ("found" in answer) return { kind: "exists", webhook: answer.found };
    return { kind: "inserted", webhook: answer.inserted };
  }

  get(id: string): Promise<Webhook | undefined> {
    return findRecord(this.#connection, WEBHOOKS, "_id", id);
  }

  async save(before: Webhook, after: Webhook): Promise<Saved<Webhook>> {
    const item = await replaceRecord(this.#connection, WEBHOOKS, before, after);
    return item ? { kind: "saved", item } : { kind: "stale" };
  }

  list({ state, konsolId, event }: WebhookFilter, page: PageRequest): Promise<Page<Webhook>> {
    const conditions = equalsGiven({ state, konsol_id: konsolId, event });
    return listRecords(this.#connection, WEBHOOKS, conditions, page);
  }

  due(now: number, limit: number): Promise<readonly Webhook[]> {
    return dueRecords(this.#connection, WEBHOOKS, {}, now, limit);
  }

  async hasUnworked(since: number): Promise<boolean> {
    const unworked = { unworked_at: { $gte: dateFrom(since) } };
    const found = await this.#connection.askIn(
      WEBHOOKS.collection,
      (all) => all.findOne(unworked, { ...BOUNDED, projection: { _id: 1 } }),
    );
    return found !== null;
  }

  countUnworked(limit: number): Promise<number> {
    const due = { due_at: { $gte: FIRST_DATE } };
    return countRecords(this.#connection, WEBHOOKS.collection, due, limit);
  }
}
