// Tells a database file that was brought back from a backup, by a mark kept in it and in a file beside it.

import { randomUUID } from "node:crypto";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { SqliteConnection } from "./sqlite_connection.ts";

/**
 * `count` only grows, in the database first and then beside it: so a crash between the two leaves the
 * database ahead, and only one that came back is behind. `lineage` is drawn anew for a new file and for
 * one that came back: so a file of another history is told, too, however far it is.
 */
interface Mark {
  readonly lineage: string;
  readonly count: number;
}

const BEGIN_LINEAGE = "INSERT INTO epoch (id, lineage, count) VALUES (1, ?, 1) " +
  "ON CONFLICT (id) DO UPDATE SET lineage = excluded.lineage, count = 1";

export interface StoreEpoch {
  /** Whether the file is an older copy, another one's, new where one was lost, or its mark beside it is gone. */
  readonly restored: boolean;
  /** Counts on: a copy made before this is known as such afterwards. Not while `restored` is not accepted. */
  advance(): void;
  /** What was brought back is dealt with: it is the store from now on. Until then every open says restored. */
  accept(): void;
}

/** A backup that holds the file beside the database as well cannot be told: leave it out, or delete it. */
export function sidecarOf(path: string): string {
  return `${path}.epoch`;
}

export function openStoreEpoch(connection: SqliteConnection, path: string): StoreEpoch {
  const sidecar = sidecarOf(path);
  const inside = readInside(connection);
  const beside = readBeside(sidecar);
  const restored = wasRestored(inside, beside);
  let pending = restored;

  /** Beside first: a crash in between leaves it at 0, which no database is behind. */
  function begin(): void {
    const lineage = randomUUID();
    writeBeside(sidecar, { lineage, count: 0 });
    connection.run(BEGIN_LINEAGE, lineage);
    pending = false;
  }

  function advance(): void {
    if (pending || connection.inTransaction()) return;
    connection.run("UPDATE epoch SET count = count + 1 WHERE id = 1");
    const mark = readInside(connection);
    if (mark) writeBeside(sidecar, mark);
  }

  /** The mark beside counts at once: a file that is lost from here on is missed. */
  function accept(): void {
    if (!pending) return;
    begin();
    advance();
  }

  if (!pending && inside === undefined) begin();
  advance();
  return { restored, advance, accept };
}

function wasRestored(inside: Mark | undefined, beside: Mark | undefined): boolean {
  if (inside !== undefined) {
    return beside === undefined || beside.lineage !== inside.lineage || beside.count > inside.count;
  }
  // New, or written before there were marks: unless a history was here, which then is lost or older.
  return beside !== undefined && beside.count > 0;
}

/** For a copy: whatever mark it comes to lie beside, it is told. A file of before there were marks stays one. */
export function drawLineage(copy: DatabaseSync): void {
  const sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'epoch'";
  if (copy.prepare(sql).get()) copy.prepare(BEGIN_LINEAGE).run(randomUUID());
}

function readInside(connection: SqliteConnection): Mark | undefined {
  const row = connection.one("SELECT lineage, count FROM epoch WHERE id = 1");
  return row && { lineage: String(row.lineage), count: Number(row.count) };
}

/** One that cannot be read counts as gone: that is the safe side. */
function readBeside(sidecar: string): Mark | undefined {
  try {
    const mark = JSON.parse(Deno.readTextFileSync(sidecar));
    return Number.isSafeInteger(mark?.count) ? mark : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** All of it or nothing, and on disk before this returns. */
function writeBeside(sidecar: string, mark: Mark): void {
  const draft = `${sidecar}-${Deno.pid}`;
  {
    using file = Deno.openSync(draft, { write: true, create: true, truncate: true, mode: 0o600 });
    file.writeSync(new TextEncoder().encode(`${JSON.stringify(mark)}\n`));
    file.syncSync();
  }
  Deno.renameSync(draft, sidecar);
  if (Deno.build.os === "windows") return;
  using folder = Deno.openSync(dirname(sidecar), { read: true });
  folder.syncSync();
}
