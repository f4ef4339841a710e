// The exchange of a create cut at every byte: nothing is executed twice, and nothing executed is denied.

import assert from "node:assert/strict";
import { cutAtEveryByte } from "./byte_offsets.ts";
import { cutTheService } from "./service_cuts.ts";

/** Of request and answer together, each closed and reset. */
const CUTS_MIN = 1_500;
/** By close and reset: cuts behind the last byte of the answer, which may all the same have come whole. */
const WHOLE_MAX = 2;

for (const afterGets of [false, true]) {
  const where = afterGets ? "after earlier reads on kept connections" : "on fresh connections";

  Deno.test(`createPayment() cut at every byte ${where} is executed once and never denied`, async () => {
    const tally = await cutAtEveryByte({ afterGets });
    assert.ok(tally.faults >= CUTS_MIN, `only ${tally.faults} cuts`);
    const doubts = `${tally.ambiguousSends} doubts of ${tally.faults} cuts`;
    assert.ok(tally.ambiguousSends >= tally.faults - WHOLE_MAX, doubts);
  });
}

Deno.test("the service completes what Konsol executed, wherever the exchange was cut", async () => {
  const tally = await cutTheService({ stride: 50 });
  const doubts = `${tally.ambiguousSends} doubts of ${tally.faults} cuts`;
  assert.ok(tally.faults > 0 && tally.ambiguousSends >= tally.faults - WHOLE_MAX, doubts);
});
