// Looks for the first seed that finds each planted bug; prints the table and keeps the seeds for the tests.

import { parseArgs } from "node:util";
import { print } from "../../../tasks/print.ts";
import { playRange } from "../pool.ts";
import { play } from "../scenario.ts";
import type { StoreKind } from "../scenario_plan.ts";
import { PLANTED_BUGS } from "./bugs.ts";
import { loadService } from "../service.ts";
import type { PlantedBug } from "./planted_bug.ts";
import { type KnownSeed, readKnownSeeds, writeKnownSeeds } from "./known_seeds.ts";
import { plantBug, readSources } from "./plant_bug.ts";

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    counts: { type: "string", default: "100,1000,20000" },
    jobs: { type: "string", default: String(navigator.hardwareConcurrency) },
    write: { type: "boolean" },
    /** Only those whose known seed does not find them any more, or that have none. */
    missing: { type: "boolean" },
  },
});

/** Where a bug is decides which store shows it. */
function storeFor({ file }: PlantedBug): StoreKind {
  return file.startsWith("adapters/sqlite") ? "sqlite" : "memory";
}

async function firstSeed(
  bug: PlantedBug,
  root: URL,
  range: { readonly from: number; readonly count: number },
): Promise<KnownSeed | undefined> {
  const store = storeFor(bug);
  let found: KnownSeed | undefined;
  await playRange({
    ...range,
    jobs: Number(options.jobs),
    task: { store, root: root.href },
    onDone({ failures: [failure] }) {
      if (failure !== undefined) {
        const rule = failure.violation?.split("\n")[0] ?? "";
        found ??= { bug: bug.name, seed: failure.seed, store, rule };
      }
      return found === undefined;
    },
  });
  return found;
}

/** A seed that breaks a rule without the bug, too, proves nothing of it: mend that first. */
async function provenSeed(found: KnownSeed | undefined): Promise<KnownSeed | undefined> {
  if (found === undefined) return undefined;
  const { violation } = await play(await loadService(), found.seed, { store: found.store });
  if (violation === undefined) return found;
  throw new Error(`seed ${found.seed} is broken without it: ${violation}`);
}

async function search(
  bug: PlantedBug,
  range: { readonly from: number; readonly count: number },
): Promise<KnownSeed | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "planted_" });
  try {
    return await provenSeed(await firstSeed(bug, await plantBug(bug, sources, folder), range));
  } catch (error) {
    print(`BROKEN  ${bug.name}: ${error instanceof Error ? error.message : error}`);
    return undefined;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function isFoundYet(bug: PlantedBug): Promise<boolean> {
  const seed = known.get(bug.name)?.seed;
  return seed !== undefined && await search(bug, { from: seed, count: 1 }) !== undefined;
}

async function withoutSeed(bugs: readonly PlantedBug[]): Promise<PlantedBug[]> {
  const missed: PlantedBug[] = [];
  for (const bug of bugs) if (!await isFoundYet(bug)) missed.push(bug);
  return missed;
}

/** As if each search that is left took as long as those before: the longest come last. */
function progressLine(searched: number): string {
  const all = Math.max(searched, wanted.length);
  const leftS = (performance.now() - startedAt) / searched * (all - searched) / 1e3;
  return `${searched} of ${all} planted bugs searched for, ${Math.round(leftS)} s left`;
}

const startedAt = performance.now();
let searched = 0;
const sources = await readSources();
const known = new Map((await readKnownSeeds()).map((seed) => [seed.bug, seed]));
const named = PLANTED_BUGS.filter(({ name }) => name.includes(options.only ?? ""));
const wanted = options.missing ? await withoutSeed(named) : named;
let left = wanted;
let from = 1;
for (const count of options.counts.split(",").map(Number)) {
  const missed: PlantedBug[] = [];
  for (const bug of left) {
    const found = await search(bug, { from, count: count - from + 1 });
    if (found === undefined) missed.push(bug);
    else known.set(bug.name, found);
    const seed = found ? String(found.seed) : `> ${count}`;
    print(`${seed.padStart(7)}  ${bug.name}: ${found?.rule ?? ""}`);
    print(progressLine(++searched));
  }
  left = missed;
  from = count + 1;
}
print(`${left.length} planted bugs were not found`);
if (options.write) await writeKnownSeeds(PLANTED_BUGS.flatMap(({ name }) => known.get(name) ?? []));
Deno.exit(left.length === 0 ? 0 : 1);
