// The exchange of a create cut at every byte: nothing is executed twice, and nothing executed is denied.

import assert from "node:assert/strict";
import { cutAtEveryByte } from "./byte_offsets.ts";
import { cutTheService } from "./service_cuts.ts";

/** Of request and answer together, each closed and reset. */
const CUTS_MIN = 1_500;

for (const afterGets of [false, true]) {
  const where = afterGets ? "after earlier reads on kept connections" : "on fresh connections";

  Deno.test(`createPayment() cut at every byte ${where} is executed once and never denied`, async () => {
    const tally = await cutAtEveryByte({ afterGets });
    assert.ok(tally.payments >= CUTS_MIN, `only ${tally.payments} cuts`);
  });
}

Deno.test("the service completes what Konsol executed, wherever the exchange was cut", async () => {
  const tally = await cutTheService({ stride: 50 });
  assert.ok(tally.ambiguousSends > 0);
});
