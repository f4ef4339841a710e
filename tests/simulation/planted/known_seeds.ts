// The seeds that are known to find each planted bug, kept beside this file.

import type { StoreKind } from "../scenario_plan.ts";

export interface KnownSeed {
  readonly bug: string;
  readonly seed: number;
  readonly store: StoreKind;
  /** The rule that it breaks. */
  readonly rule: string;
}

const FILE = new URL("known_seeds.json", import.meta.url);

export async function readKnownSeeds(): Promise<readonly KnownSeed[]> {
  try {
    return JSON.parse(await Deno.readTextFile(FILE));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

export async function writeKnownSeeds(seeds: readonly KnownSeed[]): Promise<void> {
  await Deno.writeTextFile(FILE, `${JSON.stringify(seeds, null, 2)}\n`);
}
