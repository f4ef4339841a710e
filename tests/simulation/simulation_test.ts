// The simulation as a test: a few hundred seeds hold every rule, and a seed plays the same twice.

import assert from "node:assert/strict";
import { IS_THOROUGH } from "../support/thoroughness.ts";
import { readKnownSeeds } from "./planted/known_seeds.ts";
import { PLANTED_BUGS } from "./planted/bugs.ts";
import { plantBug, readSources } from "./planted/plant_bug.ts";
import { play } from "./scenario.ts";
import type { StoreKind } from "./scenario_plan.ts";
import { loadService } from "./service.ts";

/** What is played is the same on every machine. */
const MORE = IS_THOROUGH ? 4 : 1;
const SEEDS: readonly {
  readonly store: StoreKind;
  readonly from: number;
  readonly count: number;
}[] = [
  { store: "memory", from: 1, count: 150 * MORE },
  { store: "sqlite", from: 1_000_001, count: 30 * MORE },
];

for (const { store, from, count } of SEEDS) {
  Deno.test(`play() holds every rule in ${count} seeds from ${from} on ${store}`, async () => {
    const service = await loadService();
    for (let seed = from; seed < from + count; seed++) {
      const { violation } = await play(service, seed, { store });
      const replay = `deno task sim --seed ${seed} --store ${store}`;
      assert.equal(violation, undefined, `${violation}\n${replay}`);
    }
  });
}

Deno.test("play() of one seed gives the same trace twice", async () => {
  const service = await loadService();
  for (const seed of [1, 2, 3, 4, 5]) {
    const hashes = [await play(service, seed), await play(service, seed)].map(({ hash }) => hash);
    assert.equal(hashes[0], hashes[1], `seed ${seed}`);
  }
});

const sources = await readSources();
const known = await readKnownSeeds();

for (const bug of PLANTED_BUGS) {
  Deno.test(`play() finds the planted bug: ${bug.name}`, async () => {
    const found = known.find((one) => one.bug === bug.name);
    assert.ok(found, "no seed is known: search for one (tests/simulation/planted/search.ts)");
    const { seed, store } = found;
    const folder = await Deno.makeTempDir({ prefix: "planted_" });
    try {
      const planted = await loadService(await plantBug(bug, sources, folder));
      const { violation } = await play(planted, seed, { store });
      assert.notEqual(violation, undefined, `seed ${seed} holds every rule with the bug in it`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
    const { violation } = await play(await loadService(), seed, { store });
    assert.equal(violation, undefined, `seed ${seed} breaks a rule without the bug, too`);
  });
}

Deno.test("known_seeds.json names no bug that is not planted any more", () => {
  const names = PLANTED_BUGS.map(({ name }) => name);
  assert.deepEqual(known.filter(({ bug }) => !names.includes(bug)), []);
});
