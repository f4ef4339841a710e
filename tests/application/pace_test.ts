// Laws of application/pace.ts.

import assert from "node:assert/strict";
import fc from "fast-check";
import { fullJitter, lookDelay } from "../../application/pace.ts";

const MINUTE = 60_000;
const chances = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

Deno.test("lookDelay() is 10 s, doubling to 15 min", () => {
  const delays = [0, 1, 2, 3, 4, 5, 6, 7, 1_000].map((looks) => lookDelay(() => 0, looks));
  const seconds = [10, 20, 40, 80, 160, 320, 640, 900, 900];
  assert.deepEqual(delays, seconds.map((wait) => wait * 1_000));
});

Deno.test("lookDelay() is up to a tenth later, never sooner", () => {
  fc.assert(fc.property(chances, fc.nat(100), (chance, looks) => {
    const base = lookDelay(() => 0, looks);
    const delay = lookDelay(() => chance, looks);
    assert.ok(delay >= base && delay <= base * 1.1 && Number.isSafeInteger(delay));
  }));
});

Deno.test("fullJitter() is anywhere up to 4 s at the first attempt, doubling to 5 min", () => {
  const ceilings = [1, 2, 3, 7, 8, 1_000].map((attempt) => fullJitter(() => 1, attempt));
  assert.deepEqual(ceilings, [4_000, 8_000, 16_000, 256_000, 5 * MINUTE, 5 * MINUTE]);
  assert.equal(fullJitter(() => 0, 5), 0);
});

Deno.test("fullJitter() is whole milliseconds within its ceiling", () => {
  fc.assert(fc.property(chances, fc.nat(100), (chance, attempt) => {
    const delay = fullJitter(() => chance, attempt);
    assert.ok(Number.isSafeInteger(delay) && delay >= 0 && delay <= 5 * MINUTE);
  }));
});
