// Events in MongoDB, listed by their places in the log.

import type { EventLog } from "../../application/ports.ts";
import type { StoredEvent } from "../../domain/payment_news.ts";
import { text } from "./document_fields.ts";
import { EVENTS, listedEvent } from "./event_document.ts";
import { BOUNDED, type MongoConnection, type Stored } from "./mongo_connection.ts";

export class MongoEventLog implements EventLog {
  readonly #connection: MongoConnection;

  constructor(connection: MongoConnection) {
    this.#connection = connection;
  }

  async list(
    after: string | undefined,
    limit: number,
  ): Promise<readonly StoredEvent[] | undefined> {
    const place = after === undefined ? 0 : Number((await this.#find(after))?._id);
    if (Number.isNaN(place)) return undefined;
    const further = { _id: { $gt: place as unknown as string } };
    const documents = await this.#connection.askIn(
      EVENTS,
      (all) => all.find(further, BOUNDED).sort({ _id: 1 }).limit(limit).toArray(),
    );
    return documents.map(listedEvent);
  }

  async get(id: string): Promise<StoredEvent | undefined> {
    const found = await this.#find(id);
    return found === null ? undefined : listedEvent(found);
  }

  #find(id: string): Promise<Stored | null> {
    const byId = { event_id: text().write(id) };
    return this.#connection.askIn(EVENTS, (all) => all.findOne(byId, BOUNDED));
  }
}
