// Webhooks in MongoDB.

import type {
  Page,
  PageRequest,
  Saved,
  WebhookFilter,
  WebhookStore,
} from "../../application/ports.ts";
import type { Webhook } from "../../domain/webhook.ts";
import { equalsGiven } from "./conditions.ts";
import { dateFrom, FIRST_DATE } from "./document_fields.ts";
import type { MongoConnection } from "./mongo_connection.ts";
import { MongoTable } from "./mongo_table.ts";
import { WEBHOOKS } from "./webhook_document.ts";

export class MongoWebhookStore implements WebhookStore {
  readonly #table: MongoTable<Webhook>;

  constructor(connection: MongoConnection) {
    this.#table = new MongoTable(connection, WEBHOOKS);
  }

  async insertOrGet(webhook: Webhook): Promise<{ kind: "inserted" | "exists"; webhook: Webhook }> {
    const find = () => this.#table.findForGood("body_hash", webhook.bodyHash);
    const answer = await this.#table.insertOrFind(webhook, find);
    if ("found" in answer) return { kind: "exists", webhook: answer.found };
    return { kind: "inserted", webhook: answer.inserted };
  }

  get(id: string): Promise<Webhook | undefined> {
    return this.#table.find("_id", id);
  }

  async save(before: Webhook, after: Webhook): Promise<Saved<Webhook>> {
    const item = await this.#table.replace(before, after);
    return item ? { kind: "saved", item } : { kind: "stale" };
  }

  async latestOf(konsolId: string, keptMin: number): Promise<Webhook | undefined> {
    const ofIt = equalsGiven({ konsol_id: konsolId });
    if (await this.#table.count(ofIt, keptMin) < keptMin) return undefined;
    return await this.#table.first(ofIt, { received_at: -1, _id: -1 });
  }

  list({ state, konsolId, event }: WebhookFilter, page: PageRequest): Promise<Page<Webhook>> {
    return this.#table.list(equalsGiven({ state, konsol_id: konsolId, event }), page);
  }

  due(now: number, limit: number): Promise<readonly Webhook[]> {
    return this.#table.due({}, now, limit);
  }

  async hasUnworked(since: number): Promise<boolean> {
    return await this.#table.count({ unworked_at: { $gte: dateFrom(since) } }, 1) > 0;
  }

  countUnworked(limit: number): Promise<number> {
    return this.#table.count({ due_at: { $gte: FIRST_DATE } }, limit);
  }
}
