// Callbacks in memory, under the same contract as the durable stores.

import type {
  CallbackFilter,
  CallbackStore,
  Page,
  PageRequest,
  Saved,
} from "../../application/ports.ts";
import type { Callback } from "../../domain/callback.ts";
import type { MemoryTable } from "./memory_table.ts";

export class MemoryCallbackStore implements CallbackStore {
  readonly #table: MemoryTable<Callback>;

  constructor(table: MemoryTable<Callback>) {
    this.#table = table;
  }

  get(id: string): Promise<Callback | undefined> {
    return Promise.try(() => this.#table.get(id));
  }

  save(before: Callback, after: Callback): Promise<Saved<Callback>> {
    return Promise.try(() => this.#table.save(before, after, () => true, () => undefined));
  }

  list(filter: CallbackFilter, page: PageRequest): Promise<Page<Callback>> {
    const { state, paymentId, createdFrom = -Infinity, createdTo = Infinity } = filter;
    const matches = (callback: Callback) =>
      (state === undefined || callback.state === state) &&
      (paymentId === undefined || callback.paymentId === paymentId) &&
      callback.createdAt >= createdFrom && callback.createdAt < createdTo;
    return Promise.try(() => this.#table.list(matches, page));
  }

  dueHosts(now: number, limit: number, after = ""): Promise<readonly string[]> {
    return Promise.try(() => {
      const due = this.#due(({ host }) => host > after, now, Infinity);
      return [...new Set(due.map(({ host }) => host))].sort().slice(0, limit);
    });
  }

  due(host: string, now: number, limit: number): Promise<readonly Callback[]> {
    return Promise.try(() => this.#due((callback) => callback.host === host, now, limit));
  }

  firstPending(paymentId: string): Promise<Callback | undefined> {
    const matches = (callback: Callback) =>
      callback.state === "pending" && callback.paymentId === paymentId;
    return Promise.try(() => this.#table.first(matches, (a, b) => a.ordinal - b.ordinal));
  }

  #due(matches: (item: Callback) => boolean, now: number, limit: number): readonly Callback[] {
    return this.#table.due(matches, ({ dueAt }) => dueAt, now, limit);
  }
}
