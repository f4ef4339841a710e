// Callbacks in SQLite.

import type {
  CallbackFilter,
  CallbackStore,
  Page,
  PageRequest,
  Saved,
} from "../../application/ports.ts";
import type { Callback } from "../../domain/callback.ts";
import type { GroupCommit } from "./group_commit.ts";
import {
  createdWithin,
  dueRecords,
  equals,
  equalsGiven,
  findRecord,
  LIMIT,
  listRecords,
  type RecordTable,
  replaceRecord,
} from "./records.ts";
import type { SqliteConnection } from "./sqlite_connection.ts";

export const CALLBACKS: RecordTable<Callback> = {
  name: "callbacks",
  time: "created_at",
  positionOf: ({ createdAt, id }) => ({ createdAt, id }),
};

const HOST_AFTER =
  "(SELECT min(host) FROM callbacks INDEXED BY callbacks_due WHERE due_at IS NOT NULL AND host > ";

/** Steps from host to host along the index: one step a host, however many callbacks each has. */
const DUE_HOSTS = `
WITH RECURSIVE hosts (host) AS (
  SELECT ${HOST_AFTER} ?)
  UNION ALL
  SELECT ${HOST_AFTER} hosts.host) FROM hosts WHERE hosts.host IS NOT NULL
)
SELECT host FROM hosts WHERE host IS NOT NULL AND EXISTS (
  SELECT 1 FROM callbacks INDEXED BY callbacks_due WHERE callbacks.host = hosts.host AND due_at <= ?
) ${LIMIT}`;

const FIRST_PENDING = "SELECT record FROM callbacks INDEXED BY callbacks_pending " +
  "WHERE payment_id = ? AND state = 'pending' ORDER BY ordinal LIMIT 1";

export class SqliteCallbackStore implements CallbackStore {
  readonly #connection: SqliteConnection;
  readonly #commit: GroupCommit;

  constructor(connection: SqliteConnection, commit: GroupCommit) {
    this.#connection = connection;
    this.#commit = commit;
  }

  get(id: string): Promise<Callback | undefined> {
    return Promise.try(() => findRecord(this.#connection, CALLBACKS, "id", id));
  }

  save(before: Callback, after: Callback): Promise<Saved<Callback>> {
    return this.#commit.write(() => {
      const item = replaceRecord(this.#connection, CALLBACKS, before, after);
      return item ? { kind: "saved", item } : { kind: "stale" };
    });
  }

  list(filter: CallbackFilter, page: PageRequest): Promise<Page<Callback>> {
    const { state, paymentId } = filter;
    const conditions = [
      ...equalsGiven({ state, payment_id: paymentId }),
      ...createdWithin(filter),
    ];
    return Promise.try(() => listRecords(this.#connection, CALLBACKS, conditions, page));
  }

  dueHosts(now: number, limit: number, after = ""): Promise<readonly string[]> {
    return Promise.try(() =>
      this.#connection.all(DUE_HOSTS, after, now, limit).map(({ host }) => String(host))
    );
  }

  due(host: string, now: number, limit: number): Promise<readonly Callback[]> {
    const toHost = [equals("host", host)];
    return Promise.try(() => dueRecords(this.#connection, CALLBACKS, toHost, now, limit));
  }

  firstPending(paymentId: string): Promise<Callback | undefined> {
    return Promise.try(() => {
      const row = this.#connection.one(FIRST_PENDING, paymentId);
      return row && JSON.parse(String(row.record));
    });
  }
}
