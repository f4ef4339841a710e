// Events in SQLite, numbered in the order in which they were committed; their callbacks are made with them.

import type { EventLog } from "../../application/ports.ts";
import { newCallback } from "../../domain/callback.ts";
import type { EventType, NewEvent, StoredEvent } from "../../domain/payment_news.ts";
import { insertRecord, LIMIT } from "./records.ts";
import { CALLBACKS } from "./sqlite_callback_store.ts";
import type { Row, SqliteConnection } from "./sqlite_connection.ts";

const COLUMNS = "id, type, payment_id, created_at, body";

export class SqliteEventLog implements EventLog {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  list(after: string | undefined, limit: number): Promise<readonly StoredEvent[] | undefined> {
    return Promise.try(() => {
      const seq = after === undefined ? 0 : this.#seqOf(after);
      if (seq === undefined) return undefined;
      const sql = `SELECT ${COLUMNS} FROM events WHERE seq > ? ORDER BY seq ${LIMIT}`;
      return this.#connection.all(sql, seq, limit).map(eventOf);
    });
  }

  get(id: string): Promise<StoredEvent | undefined> {
    return Promise.try(() => {
      const row = this.#connection.one(`SELECT ${COLUMNS} FROM events WHERE id = ?`, id);
      return row && eventOf(row);
    });
  }

  #seqOf(id: string): number | undefined {
    const row = this.#connection.one("SELECT seq FROM events WHERE id = ?", id);
    return row && Number(row.seq);
  }
}

/** Inside of the write that stores what they tell of. Throws when an id is another event's. */
export function appendEvents(connection: SqliteConnection, events: readonly NewEvent[]): void {
  for (const event of events) {
    const { id, type, paymentId, createdAt, body, callbackUrl } = event;
    const sql = `INSERT INTO events (${COLUMNS}) VALUES (?, ?, ?, ?, ?)`;
    connection.run(sql, id, type, paymentId, createdAt, body);
    if (callbackUrl !== undefined) {
      insertRecord(connection, CALLBACKS, newCallback(event, callbackUrl));
    }
  }
}

function eventOf(row: Row): StoredEvent {
  return {
    id: String(row.id),
    type: String(row.type) as EventType,
    paymentId: String(row.payment_id),
    createdAt: Number(row.created_at),
    body: String(row.body),
  };
}
