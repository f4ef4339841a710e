// A backup of the database file, also while a service uses it: one checked file that never overwrites another.

import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { copySnapshot, discard, exists, flush, type OnProgress, placeNew } from "./copy_file.ts";
import { drawLineage } from "./store_epoch.ts";
import type { FileReport } from "./file_report.ts";

/** However it comes back, also by hand beside a mark that was left, a service takes it for restored. */
export async function backupDatabase(
  from: string,
  to: string,
  onProgress?: OnProgress,
): Promise<FileReport> {
  const draft = `${to}.part`;
  if (!exists(from)) throw cannot(from, "there is no such file: name another with --from");
  if (exists(to)) throw cannot(from, `${to} exists already: name another with --to`);
  if (exists(draft)) {
    throw cannot(from, `${draft} exists: remove it, unless another backup is running`);
  }
  Deno.mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  try {
    const report = await copySnapshot(from, draft, onProgress);
    {
      using copy = new DatabaseSync(draft);
      drawLineage(copy);
    }
    flush(draft);
    placeNew(draft, to);
    return report;
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw cannot(from, reasonOf(error), error);
    discard(draft);
    throw cannot(from, `${to} exists already: name another with --to`, error);
  }
}

function cannot(from: string, reason: string, cause?: unknown): Error {
  return new Error(`Cannot back up ${from} as ${reason}`, { cause });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
