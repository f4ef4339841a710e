// Events in memory, under the same contract as the durable log; their callbacks are made with them.

import type { EventLog } from "../../application/ports.ts";
import { StoreUnavailable } from "../../application/store_unavailable.ts";
import { type Callback, newCallback } from "../../domain/callback.ts";
import type { NewEvent, StoredEvent } from "../../domain/payment_news.ts";
import { type MemoryTable, STORE_CLOSED } from "./memory_table.ts";

export class MemoryEventLog implements EventLog {
  readonly #events: StoredEvent[] = [];
  /** Where each stands, by its id. */
  readonly #places = new Map<string, number>();
  readonly #callbacks: MemoryTable<Callback>;
  #closed = false;

  constructor(callbacks: MemoryTable<Callback>) {
    this.#callbacks = callbacks;
  }

  close(): void {
    this.#closed = true;
  }

  list(after: string | undefined, limit: number): Promise<readonly StoredEvent[] | undefined> {
    return Promise.try(() => {
      this.#assertOpen();
      const place = after === undefined ? -1 : this.#places.get(after);
      return place === undefined ? undefined : this.#events.slice(place + 1, place + 1 + limit);
    });
  }

  get(id: string): Promise<StoredEvent | undefined> {
    return Promise.try(() => {
      this.#assertOpen();
      return this.#events[this.#places.get(id) ?? -1];
    });
  }

  /** Before the change is stored that they tell of. */
  assertNew(events: readonly NewEvent[]): void {
    const isTaken = ({ id }: NewEvent, place: number) =>
      this.#places.has(id) || events.findIndex((event) => event.id === id) < place;
    const taken = events.find(isTaken);
    if (taken) throw new Error(`Cannot insert event ${taken.id} as its id is another one's`);
  }

  append(events: readonly NewEvent[]): void {
    for (const event of events) {
      const { id, type, paymentId, createdAt, body, callbackUrl } = event;
      this.#places.set(id, this.#events.length);
      this.#events.push(Object.freeze({ id, type, paymentId, createdAt, body }));
      if (callbackUrl !== undefined) this.#callbacks.insert(newCallback(event, callbackUrl));
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreUnavailable(STORE_CLOSED);
  }
}
