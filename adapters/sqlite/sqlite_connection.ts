// The one connection to the database file: cached statements, and outages told apart from bugs.

import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { StoreUnavailable } from "../../application/store_unavailable.ts";

export type Row = Record<string, SQLOutputValue>;

/** SQLite's primary result codes for what is wrong with the database and not with the statement. */
const OUTAGES: readonly number[] = [
  5, // BUSY
  6, // LOCKED
  7, // NOMEM
  8, // READONLY
  9, // INTERRUPT
  10, // IOERR
  11, // CORRUPT
  13, // FULL
  14, // CANTOPEN
  15, // PROTOCOL
  23, // AUTH
  26, // NOTADB
];
const CONSTRAINT_UNIQUE = 2067;

export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #closed = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  one(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#ask(sql, (statement) => statement.get(...values));
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#ask(sql, (statement) => statement.all(...values));
  }

  /** How many rows it changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return this.#ask(sql, (statement) => Number(statement.run(...values).changes));
  }

  inTransaction(): boolean {
    return !this.#closed && this.#database.isTransaction;
  }

  /** Once; whatever is asked afterwards throws StoreUnavailable. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#statements.clear();
    this.#database.close();
  }

  #ask<Answer>(sql: string, use: (statement: StatementSync) => Answer): Answer {
    if (this.#closed) throw new StoreUnavailable("Cannot use the SQLite store as it was closed");
    try {
      return use(this.#prepared(sql));
    } catch (error) {
      throw isOutage(error) ? unavailable("use", error) : error;
    }
  }

  #prepared(sql: string): StatementSync {
    const cached = this.#statements.get(sql);
    if (cached) return cached;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

export function unavailable(action: "use" | "commit to", cause: unknown): StoreUnavailable {
  if (cause instanceof StoreUnavailable) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StoreUnavailable(`Cannot ${action} the SQLite store as it failed: ${reason}`, {
    cause,
  });
}

/** Whether a write failed because another row has its value of `column` ("table.column"). */
export function isTaken(error: unknown, column: string): boolean {
  return errorCode(error) === CONSTRAINT_UNIQUE && error instanceof Error &&
    error.message.endsWith(column);
}

function isOutage(error: unknown): boolean {
  const code = errorCode(error);
  return code !== undefined && OUTAGES.includes(code & 0xff);
}

/** SQLite's extended result code, if the error is one of its. */
function errorCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode : undefined;
}
