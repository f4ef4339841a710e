// How far a long run of the simulation has come, kept in a file: a run that was ended goes on where it was.

import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { FOLDERS, readSources } from "./planted/plant_bug.ts";
import type { Done } from "./sim_worker.ts";
import { addTally, NO_TALLY, type Tally } from "./tally.ts";

/** All seeds from `from` up to, not including, `next` were played. */
export interface Progress {
  readonly from: number;
  readonly next: number;
  readonly tally: Tally;
  /** Seeds that broke a rule. */
  readonly broken: readonly number[];
  readonly elapsedMs: number;
  /** Hash of the code that was played: what it counts is true of that code alone. */
  readonly code: string;
}

export function beginProgress(from: number, code: string): Progress {
  return { from, next: from, tally: NO_TALLY, broken: [], elapsedMs: 0, code };
}

/** The service and its simulation, file by file. */
export async function hashCode(): Promise<string> {
  const hash = createHash("sha256");
  const sources = [...await readSources([...FOLDERS, "tests/simulation"])];
  for (const file of sources.sort(([a], [b]) => a < b ? -1 : 1)) hash.update(JSON.stringify(file));
  return hash.digest("hex").slice(0, 16);
}

/** With the chunk that begins where it stands. */
export function addChunk(
  { from, next, tally, broken, code }: Progress,
  chunk: Done,
  elapsedMs: number,
): Progress {
  return {
    from,
    next: next + chunk.task.count,
    tally: addTally(tally, chunk.tally),
    broken: [...broken, ...chunk.failures.map(({ seed }) => seed)],
    elapsedMs,
    code,
  };
}

/** Undefined when there is no such file yet. */
export async function readProgress(path: string): Promise<Progress | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** All of it or nothing: whoever kills the run in this moment finds the progress as it was before. */
export function writeProgress(path: string, progress: Progress): void {
  Deno.mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.draft`;
  Deno.writeTextFileSync(draft, `${JSON.stringify(progress, null, 2)}\n`);
  Deno.renameSync(draft, path);
}
