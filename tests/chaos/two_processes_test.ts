// Two services on one file: what one of them claimed, slept on or died with, the other never pays again.

import assert from "node:assert/strict";
import { runRush, runSleeper, runTwoProcesses } from "./two_processes.ts";

Deno.test("two services on one file pay nothing twice while they sleep and die under load", async () => {
  const tally = await runTwoProcesses({ seed: 1, blows: 4 });
  assert.ok(tally.payments > 0 && tally.ambiguousSends > 0);
  assert.equal(tally.crashes, 2);
});

Deno.test("two services that wake at once over one queue send each payment once", async () => {
  const { payments, paidTwice, lost } = await runRush({ seed: 1, times: 3 });
  assert.ok(payments > 0);
  assert.deepEqual([paidTwice, lost], [0, 0]);
});

for (const at of ["connect", "request"] as const) {
  const when = at === "connect" ? "between claim and send" : "with its request under way";

  Deno.test(`a service that sleeps ${when} and wakes after its lease pays nothing twice`, async () => {
    const { paidTwice, lost } = await runSleeper({ at });
    assert.deepEqual([paidTwice, lost], [0, 0]);
  });
}
