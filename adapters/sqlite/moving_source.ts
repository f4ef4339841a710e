// A database file as the source of a move: held alone, read in the order of ids, and marked when all of it has gone.

import type { DatabaseSync } from "node:sqlite";
import { exists } from "./copy_file.ts";
import { assertIntact } from "./file_report.ts";
import { migrate } from "./migrations.ts";
import { APPLICATION_ID } from "./open_database.ts";
import { readRetirement, retire, RETIRED_KEY, type Retirement } from "./retired_mark.ts";
import { takeSoleUse } from "./sole_use.ts";
import { LIMIT } from "./records.ts";
import { SqliteConnection } from "./sqlite_connection.ts";
import { openStoreEpoch } from "./store_epoch.ts";

export const RECORD_KINDS = [
  "payments",
  "invoices",
  "webhooks",
  "events",
  "callbacks",
  "control",
] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** `value`: the record as it is kept; of a shared value, what it is and its version. An event's id is its place. */
export interface Entry {
  readonly id: string;
  readonly value: unknown;
}

/** Of this file and of nothing else: not moved. */
const OWN = ["epoch", "health"];

export class MovingSource {
  readonly #database: DatabaseSync;
  readonly #connection: SqliteConnection;
  /** Tells this history from every other one. */
  readonly lineage: string;

  /** Throws while a service has the file open, when it is damaged, and when it came back unfenced. */
  constructor(path: string) {
    if (!exists(path)) throw new Error("there is no such file: name another with --from");
    this.#database = takeSoleUse(path);
    this.#connection = new SqliteConnection(this.#database);
    try {
      assertIntact(this.#database);
      migrate(this.#database, APPLICATION_ID);
      assertKnownTables(this.#database);
      if (openStoreEpoch(this.#connection, path).restored) {
        throw new Error(
          "it came back from a backup: start the service on it once, so that it is fenced",
        );
      }
      this.lineage = String(this.#connection.one("SELECT lineage FROM epoch")?.lineage);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  retirement(): Retirement | undefined {
    return readRetirement(this.#database);
  }

  /** From now on no service opens the file, whatever copy of it. Durable when this returns. */
  retire(to: string, at: string): void {
    retire(this.#database, { because: "moved", to, at });
  }

  count(kind: RecordKind): number {
    const sql = `SELECT count(*) AS n FROM ${kind}`;
    const own = kind === "control" && this.retirement() !== undefined ? 1 : 0;
    return Number(this.#connection.one(sql)?.n) - own;
  }

  /** Those after `after`, in the order of their ids. */
  batch(kind: RecordKind, after: string, limit: number): readonly Entry[] {
    if (kind === "control") return this.#values(after, limit);
    if (kind === "events") return this.#events(Number(after), limit);
    const sql = `SELECT id, record FROM ${kind} WHERE id > ? ORDER BY id ${LIMIT}`;
    return this.#connection.all(sql, after, limit).map(({ id, record }) => ({
      id: String(id),
      value: JSON.parse(String(record)),
    }));
  }

  close(): void {
    this.#connection.close();
  }

  #events(after: number, limit: number): readonly Entry[] {
    const sql = "SELECT seq, id, type, payment_id, created_at, body FROM events " +
      `WHERE seq > ? ORDER BY seq ${LIMIT}`;
    return this.#connection.all(sql, after, limit).map((row) => ({
      id: String(row.seq),
      value: {
        id: String(row.id),
        type: String(row.type),
        paymentId: String(row.payment_id),
        createdAt: Number(row.created_at),
        body: String(row.body),
      },
    }));
  }

  #values(after: string, limit: number): readonly Entry[] {
    const sql = "SELECT key, version, value FROM control WHERE key > ? AND key <> ? " +
      `ORDER BY key ${LIMIT}`;
    return this.#connection.all(sql, after, RETIRED_KEY, limit).map(({ key, version, value }) => ({
      id: String(key),
      value: { version: Number(version), value: JSON.parse(String(value)) },
    }));
  }
}

/** What a newer version keeps would be left behind without a word. */
function assertKnownTables(database: DatabaseSync): void {
  const known: readonly string[] = [...RECORD_KINDS, ...OWN];
  const sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
  for (const { name } of database.prepare(sql).all()) {
    if (known.includes(String(name))) continue;
    const row = database.prepare(`SELECT 1 FROM "${name}" LIMIT 1`).get();
    if (row) throw new Error(`it has rows in a table that this program cannot move: ${name}`);
  }
}
