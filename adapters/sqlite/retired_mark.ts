// The mark in a database file that no service may use any more: it was moved, or a restore took its place.

import type { DatabaseSync } from "node:sqlite";
import type { SqliteConnection } from "./sqlite_connection.ts";

/** `to`: where its history goes on. `moved` is for good; `replaced` ends when the file itself is restored. */
export interface Retirement {
  readonly because: "moved" | "replaced";
  readonly to: string;
  readonly at: string;
}

/** In the table of shared values, so that every copy of the file carries it. */
export const RETIRED_KEY = "store_retired";

/** Two stores that send the same queue pay twice: this is what stops the older one. */
export function assertInService(connection: SqliteConnection): void {
  const row = connection.one("SELECT value FROM control WHERE key = ?", RETIRED_KEY);
  if (row === undefined) return;
  const { because, to, at }: Retirement = JSON.parse(String(row.value));
  throw new Error(
    because === "moved"
      ? `its history was moved to ${to} at ${at}: set DATABASE_URL to that`
      : `a restore put another file in its place at ${at}: to use this one again, restore it with ` +
        "`deno task restore`",
  );
}

export function readRetirement(database: DatabaseSync): Retirement | undefined {
  if (!hasControl(database)) return undefined;
  const row = database.prepare("SELECT value FROM control WHERE key = ?").get(RETIRED_KEY);
  return row && JSON.parse(String(row.value));
}

/** A file from before there were shared values cannot be marked; it is not written to by this version either. */
export function retire(database: DatabaseSync, retirement: Retirement): void {
  if (!hasControl(database)) return;
  const sql = "INSERT INTO control (key, version, value) VALUES (?, 1, ?) " +
    "ON CONFLICT (key) DO UPDATE SET version = version + 1, value = excluded.value";
  database.prepare(sql).run(RETIRED_KEY, JSON.stringify(retirement));
}

export function reinstate(database: DatabaseSync): void {
  if (hasControl(database)) {
    database.prepare("DELETE FROM control WHERE key = ?").run(RETIRED_KEY);
  }
}

function hasControl(database: DatabaseSync): boolean {
  const sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'control'";
  return database.prepare(sql).get() !== undefined;
}
