// Tests of playing on several threads: told in order, and the same as on one.

import assert from "node:assert/strict";
import { inOrder, playRange } from "./pool.ts";
import { play } from "./scenario.ts";
import { loadService } from "./service.ts";
import { addTally, NO_TALLY } from "./tally.ts";

const SEEDS = 60;

Deno.test("a chunk is told once those before it are: all seeds below where a run stands were played", () => {
  const told: number[] = [];
  const take = inOrder(7, ({ task }) => told.push(task.from));
  for (
    const [from, soFar] of [[27, []], [47, []], [7, [7, 27, 47]], [67, [7, 27, 47, 67]]] as const
  ) {
    take({ task: { from, count: 20 }, tally: NO_TALLY, failures: [] });
    assert.deepEqual(told, soFar);
  }
});

Deno.test("playRange() plays in threads what play() plays here, step by step", async () => {
  const service = await loadService();
  let here = NO_TALLY;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { tally } = await play(service, seed, { store: "memory" });
    here = addTally(here, tally);
  }
  let inThreads = NO_TALLY;
  await playRange({
    from: 1,
    count: SEEDS,
    jobs: 2,
    task: { store: "memory" },
    onDone({ tally }) {
      inThreads = addTally(inThreads, tally);
      return true;
    },
  });
  assert.deepEqual(inThreads, here);
});
