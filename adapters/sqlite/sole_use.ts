// Takes a database file for this process alone, or says that another has it open.

import { DatabaseSync } from "node:sqlite";
import { assertOurs } from "./open_database.ts";
import { readPragma } from "./read_pragma.ts";

const BUSY = 5;
const UNREADABLE = [11, 26]; // CORRUPT, NOTADB

/**
 * A connection that nobody else can read or write beside, until it is closed; the write-ahead log is
 * gone into the file. Leaving WAL mode is the proof: SQLite does that only for the last connection, and
 * every open service is one. Throws when there is another, or the file is not ours or not to be read.
 */
export function takeSoleUse(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    assertOurs(database);
    const mode = readPragma(database, "journal_mode = DELETE");
    if (mode !== "delete") throw new Error(`its journal_mode must be delete: ${mode}`);
    database.exec("PRAGMA synchronous = FULL");
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec("BEGIN EXCLUSIVE");
    database.exec("COMMIT");
    return database;
  } catch (error) {
    database.close();
    const code = resultCode(error);
    if (code === BUSY) {
      throw new Error("another process has it open: stop the service first", { cause: error });
    }
    if (code === undefined || !UNREADABLE.includes(code)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const rule = `it cannot be read (${reason}): stop the service, rename the file, come again`;
    throw new Error(rule, { cause: error });
  }
}

/** SQLite's primary one, if the error is one of its. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}
