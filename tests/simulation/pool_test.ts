// Tests of what several threads have played being told in order.

import assert from "node:assert/strict";
import { inOrder } from "./pool.ts";
import { NO_TALLY } from "./tally.ts";

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
