// The service killed again and again under load: nothing is paid twice, lost or told wrongly.

import assert from "node:assert/strict";
import { runKillLoop } from "./kill_loop.ts";

const KILLS = 6;

Deno.test("kill -9, SIGTERM and SIGSTOP under load pay nothing twice and lose nothing", async () => {
  const tally = await runKillLoop({ seed: 1, kills: KILLS });
  assert.ok(tally.crashes >= KILLS && tally.payments > 0 && tally.ambiguousSends > 0);
  assert.deepEqual([tally.paidTwice, tally.lost], [0, 0]);
});
