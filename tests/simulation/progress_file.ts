// How far a long run of the simulation has come, kept in a file: a run that was ended goes on where it was.

import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { FOLDERS, readSources } from "./planted/plant_bug.ts";
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

export function addRange(
  { from, next, tally, broken, elapsedMs, code }: Progress,
  range: {
    readonly count: number;
    readonly tally: Tally;
    readonly broken: readonly number[];
    readonly elapsedMs: number;
  },
): Progress {
  return {
    from,
    next: next + range.count,
    tally: addTally(tally, range.tally),
    broken: [...broken, ...range.broken],
    elapsedMs: elapsedMs + range.elapsedMs,
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
export async function writeProgress(path: string, progress: Progress): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const draft = `${path}.draft`;
  await Deno.writeTextFile(draft, `${JSON.stringify(progress, null, 2)}\n`);
  await Deno.rename(draft, path);
}
