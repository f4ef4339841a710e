// Copies a database file, also one that a service writes to at this moment, into a new file that nothing overwrites.

import { dirname } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { assertIntact, assertSameRows, type FileReport, reportOf } from "./file_report.ts";
import { readPragma } from "./read_pragma.ts";

/** Pages of 4 KiB copied between two looks at the clock: what else this process does waits so long. */
const PAGES_A_STEP = 1_000;

export type OnProgress = (done: number, total: number) => void;

/**
 * One snapshot of `from`, whole and checked, in `draft`, which must not exist yet. The read transaction
 * is what makes it one: with it the copy never sees, and never starts again for, what is written
 * meanwhile. Nothing is written to `from`. The draft is one file, without a log beside it.
 */
export async function copySnapshot(
  from: string,
  draft: string,
  onProgress: OnProgress = () => {},
): Promise<FileReport> {
  using source = new DatabaseSync(from, { readOnly: true, timeout: 1_000 });
  source.exec("BEGIN");
  const report = reportOf(source);
  createOwn(draft);
  try {
    const progress = ({ totalPages, remainingPages }: Progress) =>
      onProgress(totalPages - remainingPages, totalPages);
    await backup(source, draft, { rate: PAGES_A_STEP, progress });
    const pages = Number(readPragma(source, "page_count"));
    onProgress(pages, pages);
    checkCopy(draft, report);
    flush(draft);
    return report;
  } catch (error) {
    discard(draft);
    throw error;
  }
}

interface Progress {
  readonly totalPages: number;
  readonly remainingPages: number;
}

/** Before anything is in it: nobody else can read it, not even for a moment. */
function createOwn(path: string): void {
  Deno.openSync(path, { write: true, createNew: true, mode: 0o600 }).close();
}

function checkCopy(draft: string, original: FileReport): void {
  using copy = new DatabaseSync(draft);
  const mode = readPragma(copy, "journal_mode = DELETE");
  if (mode !== "delete") throw new Error(`the copy's journal_mode must be delete: ${mode}`);
  assertIntact(copy);
  assertSameRows(original, reportOf(copy));
}

/** Gives the finished draft its name, unless something has that name: it is never overwritten. */
export function placeNew(draft: string, path: string): void {
  Deno.linkSync(draft, path);
  Deno.removeSync(draft);
  flushFolder(path);
}

/** The draft and what SQLite may have left beside it. */
export function discard(draft: string): void {
  for (const name of [draft, `${draft}-journal`, `${draft}-wal`, `${draft}-shm`]) {
    try {
      Deno.removeSync(name);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** On disk before this returns. Never of a file that a connection of this process has open: its locks would go. */
export function flush(path: string): void {
  using file = Deno.openSync(path, { write: true });
  file.syncSync();
}

export function flushFolder(path: string): void {
  if (Deno.build.os === "windows") return;
  using folder = Deno.openSync(dirname(path), { read: true });
  folder.syncSync();
}

export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
