// Tells what waits in outboxes: appends it to the log, makes its callbacks, then takes it out of the outbox.

import type { NewEvent } from "../../domain/payment_news.ts";
import { newCallback } from "../../domain/callback.ts";
import { EventAppender } from "./append_events.ts";
import { CALLBACKS } from "./callback_document.ts";
import { BOUNDED, type MongoConnection } from "./mongo_connection.ts";
import { emptyOutbox, findUntold, type Untold } from "./outbox.ts";

/** What is written in one go; the rest of a queue waits for it. */
const PAYMENTS_MAX = 100;
/** Past it the oldest is left to the sweep. */
const QUEUE_MAX = 10_000;

/**
 * Every step can be repeated: the log takes an event once, a callback is made once. So it does not matter
 * who tells an event, how often, or where a process that did so before was killed.
 */
export class EventRelay {
  readonly #connection: MongoConnection;
  readonly #appender: EventAppender;
  #queue: Untold[] = [];
  #running: Promise<void> | undefined;
  #seen = new Set<string>();

  constructor(connection: MongoConnection) {
    this.#connection = connection;
    this.#appender = new EventAppender(connection);
  }

  /** Tells them soon, after those that were given before. What fails is left to the sweep. */
  tell(untold: Untold): void {
    if (untold.events.length === 0) return;
    this.#queue.push(untold);
    if (this.#queue.length > QUEUE_MAX) this.#queue.shift();
    this.#running ??= this.#run().finally(() => this.#running = undefined);
  }

  /** Resolves when nothing that was given waits in this process any more. */
  async settled(): Promise<void> {
    // The write that resolved just now gives its events in this turn of the event loop.
    await new Promise((resolve) => setTimeout(resolve));
    while (this.#running) await this.#running;
  }

  /**
   * Tells what somebody left behind: what waited at the last sweep and still does. Whatever was stored since
   * is being told by the process that stored it, in the order in which it stored it.
   */
  async sweep(): Promise<void> {
    const untold = await findUntold(this.#connection, PAYMENTS_MAX);
    const keyOf = ({ paymentId, events }: Untold) => `${paymentId} ${events[0]?.id}`;
    const left = untold.filter((one) => this.#seen.has(keyOf(one)));
    this.#seen = new Set(untold.map(keyOf));
    left.forEach((one) => this.tell(one));
    await this.settled();
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, PAYMENTS_MAX);
      try {
        await this.#tellAll(batch);
      } catch {
        // The outage shows at every write; until it ends, the events are where they are safe.
        this.#queue = [];
      }
    }
  }

  async #tellAll(batch: readonly Untold[]): Promise<void> {
    const events = new Map(batch.flatMap((one) => one.events.map((event) => [event.id, event])));
    await this.#appender.append([...events.values()]);
    await this.#makeCallbacks([...events.values()]);
    await Promise.all(batch.map((untold) => emptyOutbox(this.#connection, untold)));
  }

  /** One after the other: a payment's later callback is never there before an earlier one. */
  async #makeCallbacks(events: readonly NewEvent[]): Promise<void> {
    const callbacks = events.flatMap((event) =>
      event.callbackUrl === undefined ? [] : [newCallback(event, event.callbackUrl)]
    );
    if (callbacks.length === 0) return;
    const writes = callbacks.map((callback) => {
      const { _id, ...fields } = CALLBACKS.toDocument(callback);
      return { updateOne: { filter: { _id }, update: { $setOnInsert: fields }, upsert: true } };
    });
    const ordered = { ...BOUNDED, ordered: true };
    await this.#connection.askIn(CALLBACKS.collection, (all) => all.bulkWrite(writes, ordered));
  }
}
