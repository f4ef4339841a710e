// Opens the database file: refuses what is not ours or not sound, and asserts how it is kept.

import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { migrate } from "./migrations.ts";
import { readPragma } from "./read_pragma.ts";

export interface SqliteOptions {
  /** How long one statement waits for another process' lock; the whole process waits with it. */
  readonly busyTimeoutMs?: number;
  /** The most pages of 4 KiB the file may grow to; past it the disk counts as full. */
  readonly pagesMax?: number;
}

export const IN_MEMORY = ":memory:";

/** "kpay": tells our files from those of other programs. */
export const APPLICATION_ID = 0x6b706179;
/** JSON was rewritten in 3.45; STRICT tables and ->> are older. Nothing below it was tested. */
const VERSION_MIN = [3, 45] as const;
const BUSY_TIMEOUT_MS = 1_000;
/** Pages in the write-ahead log that set off a checkpoint, and what it is cut back to then. */
const CHECKPOINT_PAGES = 1_000;
const WAL_BYTES_MAX = 4 * 1024 * 1024;

export function openDatabase(path: string, options: SqliteOptions = {}): DatabaseSync {
  try {
    if (path !== IN_MEMORY) Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return prepared(new DatabaseSync(path), path, options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot open the database ${path} as ${reason}`, { cause: error });
  }
}

function prepared(database: DatabaseSync, path: string, options: SqliteOptions): DatabaseSync {
  try {
    assertSqliteVersion(String(database.prepare("SELECT sqlite_version() AS v").get()?.v));
    assertOurs(database);
    // Phones are in it in clear; the log beside it takes over the mode.
    if (path !== IN_MEMORY) Deno.chmodSync(path, 0o600);
    setPragmas(database, path, options);
    assertSound(database);
    migrate(database, APPLICATION_ID);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

export function assertSqliteVersion(version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [majorMin, minorMin] = VERSION_MIN;
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return;
  throw new Error(`SQLite must be at least ${VERSION_MIN.join(".")}: ${version}`);
}

/** Before anything is written: a file of another program is left as it was. */
export function assertOurs(database: DatabaseSync): void {
  const applicationId = readPragma(database, "application_id");
  const version = readPragma(database, "user_version");
  const tables = database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.n;
  const isNew = applicationId === 0 && version === 0 && tables === 0;
  if (!isNew && applicationId !== APPLICATION_ID) {
    throw new Error(`it is another program's file: application_id ${applicationId}`);
  }
}

function setPragmas(database: DatabaseSync, path: string, options: SqliteOptions): void {
  const { busyTimeoutMs = BUSY_TIMEOUT_MS, pagesMax } = options;
  const pragmas: readonly (readonly [name: string, value: string | number, reads: unknown])[] = [
    ["busy_timeout", busyTimeoutMs, busyTimeoutMs],
    ["journal_mode", "WAL", path === IN_MEMORY ? "memory" : "wal"],
    ["synchronous", "FULL", 2],
    ["secure_delete", "ON", 1],
    ["foreign_keys", "ON", 1],
    ["wal_autocheckpoint", CHECKPOINT_PAGES, CHECKPOINT_PAGES],
    // What the log keeps of shredded numbers is overwritten or cut off, never left past this.
    ["journal_size_limit", WAL_BYTES_MAX, WAL_BYTES_MAX],
  ];
  for (const [name, value, expected] of pragmas) {
    database.exec(`PRAGMA ${name} = ${value}`);
    const actual = readPragma(database, name);
    if (actual !== expected) throw new Error(`its ${name} must be ${expected}: ${actual}`);
  }
  if (pagesMax !== undefined) database.exec(`PRAGMA max_page_count = ${pagesMax}`);
}

function assertSound(database: DatabaseSync): void {
  const verdict = readPragma(database, "quick_check(1)");
  if (verdict !== "ok") throw new Error(`it is damaged: ${verdict}`);
}
