// Webhooks in memory, under the same contract as the durable stores.

import type {
  Page,
  PageRequest,
  Saved,
  WebhookFilter,
  WebhookStore,
} from "../../application/ports.ts";
import type { Webhook } from "../../domain/webhook.ts";
import type { MemoryTable } from "./memory_table.ts";

export class MemoryWebhookStore implements WebhookStore {
  readonly #table: MemoryTable<Webhook>;

  constructor(table: MemoryTable<Webhook>) {
    this.#table = table;
  }

  insertOrGet(webhook: Webhook): Promise<{ kind: "inserted" | "exists"; webhook: Webhook }> {
    return Promise.try(() => {
      const stored = this.#table.find(({ bodyHash }) => bodyHash === webhook.bodyHash);
      if (stored) return { kind: "exists", webhook: stored };
      return { kind: "inserted", webhook: this.#table.insert(webhook) };
    });
  }

  get(id: string): Promise<Webhook | undefined> {
    return Promise.try(() => this.#table.get(id));
  }

  save(before: Webhook, after: Webhook): Promise<Saved<Webhook>> {
    return Promise.try(() => this.#table.save(before, after, () => true, () => undefined));
  }

  latestOf(konsolId: string, keptMin: number): Promise<Webhook | undefined> {
    const matches = (webhook: Webhook) => webhook.konsolId === konsolId;
    return Promise.try(() => {
      if (this.#table.count(matches, keptMin) < keptMin) return undefined;
      return this.#table.list(matches, { perPage: 1, page: 1 }).items[0];
    });
  }

  list(filter: WebhookFilter, page: PageRequest): Promise<Page<Webhook>> {
    const matches = (webhook: Webhook) =>
      (["state", "konsolId", "event"] as const).every((field) =>
        filter[field] === undefined || filter[field] === webhook[field]
      );
    return Promise.try(() => this.#table.list(matches, page));
  }

  due(now: number, limit: number): Promise<readonly Webhook[]> {
    return Promise.try(() => this.#table.due(() => true, ({ dueAt }) => dueAt, now, limit));
  }

  hasUnworked(since: number): Promise<boolean> {
    const matches = ({ dueAt, lastReceivedAt, wantedSince }: Webhook) =>
      dueAt !== undefined && Math.max(lastReceivedAt, wantedSince) >= since;
    return Promise.try(() => this.#table.find(matches) !== undefined);
  }

  countUnworked(limit: number): Promise<number> {
    return Promise.try(() => this.#table.count(({ dueAt }) => dueAt !== undefined, limit));
  }
}
