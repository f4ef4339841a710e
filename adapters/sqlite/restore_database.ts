// Puts a backup in the place of the database file; what was there is kept beside it, and the service starts fenced.

import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { copySnapshot, discard, exists, flush, flushFolder, placeNew } from "./copy_file.ts";
import type { OnProgress } from "./copy_file.ts";
import type { FileReport } from "./file_report.ts";
import { openDatabase } from "./open_database.ts";
import { readPragma } from "./read_pragma.ts";
import { readRetirement, reinstate, retire } from "./retired_mark.ts";
import { takeSoleUse } from "./sole_use.ts";
import { drawLineage, sidecarOf } from "./store_epoch.ts";

export interface RestoreOptions {
  /** Names the file that is kept, and the time in its mark: RFC 3339. */
  readonly at: string;
  readonly onProgress?: OnProgress;
}

export interface Restored {
  readonly report: FileReport;
  /** Where the file that was replaced is now; absent when there was none. */
  readonly keptAs?: string;
}

/**
 * Refuses while anybody has the target open. A crash at any moment leaves the old file or the new one in
 * place, whole, and either starts fenced from the moment that the old one's mark was taken away.
 */
export async function restoreDatabase(
  from: string,
  target: string,
  { at, onProgress }: RestoreOptions,
): Promise<Restored> {
  const draft = `${target}.restoring`;
  try {
    if (!exists(from)) throw new Error(`there is no file ${from}`);
    if (exists(draft)) {
      throw new Error(`${draft} exists: remove it, unless another restore is running`);
    }
    Deno.mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    if (exists(target)) takeSoleUse(target).close();
    const report = await copySnapshot(from, draft, onProgress);
    const keptAs = `${target}.replaced-${at.replaceAll(/[:.]/g, "-")}`;
    try {
      fenceDraft(draft);
      return { report, ...putInPlace(draft, target, keptAs, at) };
    } finally {
      discard(draft);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot restore ${from} to ${target} as ${reason}`, { cause: error });
  }
}

/** Of another lineage than any mark that may lie beside the target: whatever else fails, it starts fenced. */
function fenceDraft(draft: string): void {
  {
    using copy = new DatabaseSync(draft, { readOnly: true });
    assertNotMoved(copy);
  }
  {
    using copy = openDatabase(draft);
    reinstate(copy);
    drawLineage(copy);
    readPragma(copy, "journal_mode = DELETE");
  }
  flush(draft);
}

/** Neither from one nor over one: the same payments would be sent from two stores. */
function assertNotMoved(database: DatabaseSync): void {
  const retired = readRetirement(database);
  if (retired?.because !== "moved") return;
  throw new Error(`that store was moved to ${retired.to}: its history goes on there, not here`);
}

function putInPlace(
  draft: string,
  target: string,
  keptAs: string,
  at: string,
): Pick<Restored, "keptAs"> {
  const replaces = exists(target);
  // A service that opens the old file from here on waits, then finds the mark in it and refuses.
  using old = replaces ? takeSoleUse(target) : undefined;
  if (old) assertNotMoved(old);
  else keepLeftLog(target, keptAs);
  removeMark(target);
  if (old === undefined) {
    placeNew(draft, target);
    return {};
  }
  retire(old, { because: "replaced", to: target, at });
  try {
    Deno.linkSync(target, keptAs);
    Deno.renameSync(draft, target);
  } catch (error) {
    reinstate(old);
    throw error;
  }
  flushFolder(target);
  return { keptAs };
}

/** A log without its file would be replayed into the restored one, and damage it. */
function keepLeftLog(target: string, keptAs: string): void {
  for (const suffix of ["-wal", "-journal"]) {
    if (exists(target + suffix)) Deno.renameSync(target + suffix, keptAs + suffix);
  }
  if (exists(`${target}-shm`)) Deno.removeSync(`${target}-shm`);
}

function removeMark(target: string): void {
  if (!exists(sidecarOf(target))) return;
  Deno.removeSync(sidecarOf(target));
  flushFolder(target);
}
