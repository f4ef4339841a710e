// What is in a database file, for the person who copies, restores or moves it: sound or not, and how many rows.

import type { DatabaseSync } from "node:sqlite";
import { assertOurs } from "./open_database.ts";
import { readPragma } from "./read_pragma.ts";

export interface FileReport {
  readonly schemaVersion: number;
  /** Rows of every table, by its name. */
  readonly rows: Readonly<Record<string, number>>;
  /** Payments by where their money request is. */
  readonly submissions: Readonly<Record<string, number>>;
  /** Epoch ms of the newest payment's creation; absent when there is none. */
  readonly newestPaymentAt?: number;
}

/** In one snapshot, if the caller has begun a transaction. Throws when the file is not one of ours. */
export function reportOf(database: DatabaseSync): FileReport {
  const schemaVersion = Number(readPragma(database, "user_version"));
  assertOurs(database);
  if (schemaVersion === 0) throw new Error("there is no store in it");
  const newest = database.prepare("SELECT max(created_at) AS at FROM payments").get()?.at;
  return {
    schemaVersion,
    rows: Object.fromEntries(tablesOf(database).map((name) => [name, countOf(database, name)])),
    submissions: submissionsOf(database),
    ...(typeof newest === "number" && { newestPaymentAt: newest }),
  };
}

/** Reads every page and every index: slow on a big file, and worth it once. */
export function assertIntact(database: DatabaseSync): void {
  const verdict = readPragma(database, "integrity_check(1)");
  if (verdict !== "ok") throw new Error(`it is damaged: ${verdict}`);
}

/** Throws, naming the first table that differs. */
export function assertSameRows(from: FileReport, to: FileReport): void {
  const names = new Set([...Object.keys(from.rows), ...Object.keys(to.rows)]);
  for (const name of names) {
    const [had, has] = [from.rows[name], to.rows[name]];
    if (had !== has) throw new Error(`the copy has another number of ${name}: ${has}, not ${had}`);
  }
}

function tablesOf(database: DatabaseSync): readonly string[] {
  const sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' " +
    "ORDER BY name";
  return database.prepare(sql).all().map(({ name }) => String(name));
}

function countOf(database: DatabaseSync, table: string): number {
  return Number(database.prepare(`SELECT count(*) AS n FROM "${table}"`).get()?.n);
}

function submissionsOf(database: DatabaseSync): Record<string, number> {
  const sql = "SELECT submission, count(*) AS n FROM payments GROUP BY submission ORDER BY 1";
  const rows = database.prepare(sql).all();
  return Object.fromEntries(rows.map(({ submission, n }) => [String(submission), Number(n)]));
}
