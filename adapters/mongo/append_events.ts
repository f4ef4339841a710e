// Appends events to the log, each at the place after the last: no gap, none twice, and nothing ever before what was read.

import type { Collection } from "mongodb";
import { StoreUnavailable } from "../../application/store_unavailable.ts";
import type { StoredEvent } from "../../domain/payment_news.ts";
import { text } from "./document_fields.ts";
import { EVENTS, listedDocument } from "./event_document.ts";
import { BOUNDED, type MongoConnection, type Stored } from "./mongo_connection.ts";
import { takenField } from "./mongo_errors.ts";

/** How often another instance may be first before the rest is left for later. */
const RACES_MAX = 200;
const RACE_WAIT_MS = 5;

/** The log as one process writes it. */
export class EventAppender {
  readonly #connection: MongoConnection;
  /** A place that is known to be taken for good. */
  #last: number | undefined;

  constructor(connection: MongoConnection) {
    this.#connection = connection;
  }

  /**
   * In their order, those that are there already left out; resolves once all of them can be read and can
   * never be rolled back. A place is only written to when the one before it is taken for good: so no two
   * instances leave a gap that could be filled behind a reader.
   */
  async append(events: readonly StoredEvent[]): Promise<void> {
    let left = events;
    for (let race = 0; left.length > 0; race++) {
      if (race >= RACES_MAX) {
        throw new StoreUnavailable("Cannot append events as others are always first");
      }
      left = await this.#appendSome(left);
    }
  }

  /** What is still to be appended. */
  async #appendSome(events: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
    const last = this.#last ?? await this.#readLast();
    const documents = events.map((event, n) => listedDocument(event, last + 1 + n));
    try {
      await this.#ask((all) => all.insertMany(documents as never[], BOUNDED));
      this.#last = last + events.length;
      return [];
    } catch (error) {
      const taken = takenField(error);
      this.#last = undefined;
      if (taken === undefined) throw error;
      if (taken === "_id") await new Promise((resolve) => setTimeout(resolve, RACE_WAIT_MS));
      return await this.#without(events);
    }
  }

  /** Those that are not there for good. */
  async #without(events: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
    const ids = events.map(({ id }) => text().write(id));
    const options = { ...BOUNDED, projection: { event_id: 1 } };
    const found = await this.#ask((all) => all.find({ event_id: { $in: ids } }, options).toArray());
    const there = new Set(found.map(({ event_id }) => text().read(event_id)));
    return events.filter(({ id }) => !there.has(id));
  }

  /** Read with majority: what is not there for good does not count. */
  async #readLast(): Promise<number> {
    const options = { ...BOUNDED, sort: { _id: -1 as const }, projection: { _id: 1 } };
    const last = await this.#ask((all) => all.findOne({}, options));
    return last === null ? 0 : Number(last._id);
  }

  #ask<Answer>(use: (all: Collection<Stored>) => Promise<Answer>): Promise<Answer> {
    return this.#connection.askIn(EVENTS, use);
  }
}
