// A small round of the benchmark on real processes, whatever its speed; and what makes one not count.

import assert from "node:assert/strict";
import { FIRST, RECEIVERS } from "./figures.ts";
import { assertRight, expected, playRound, type RoundOptions } from "./round.ts";

const CALLBACKS = 23;
const HANGING = { callbacks: CALLBACKS, firstHangs: true };

/** Everything as it must be. */
function ofRound(options: RoundOptions) {
  const counts = expected(options);
  const deliveries = counts.flatMap((count, receiver) =>
    Array.from({ length: count }, () => ({ receiver, tryMs: 1, doneMs: 1 }))
  );
  const heard = counts.map((count) => ({ requests: count || 2, ids: count || 2 }));
  return { deliveries, heard };
}

Deno.test("playRound() delivers every callback once, to the receiver that it names", async () => {
  const { deliveries, ms, rssEnd, kept } = await playRound({ callbacks: CALLBACKS });
  assert.equal(deliveries.length, CALLBACKS);
  assert.equal(new Set(deliveries.map(({ receiver }) => receiver)).size, RECEIVERS);
  assert.ok(deliveries.every(({ tryMs, doneMs }) => tryMs >= 0 && doneMs > 0 && doneMs <= ms));
  assert.ok(kept > 0 && rssEnd > kept);
});

Deno.test("expected() spreads them over the receivers, none delivered to the one that hangs", () => {
  assert.deepEqual(expected({ callbacks: CALLBACKS }), [3, 3, 3, 2, 2, 2, 2, 2, 2, 2]);
  assert.deepEqual(expected(HANGING), [0, 3, 3, 2, 2, 2, 2, 2, 2, 2]);
});

Deno.test("assertRight() refuses a repeat, one that is lacking, and one of who should hang", () => {
  const { deliveries, heard } = ofRound(HANGING);
  const check = (sent: typeof deliveries, got: typeof heard) => () =>
    assertRight(HANGING, { deliveries: sent }, got);
  assert.doesNotThrow(check(deliveries, heard));
  const instead = (receiver: number, requests: number, ids: number) =>
    heard.with(receiver, { requests, ids });
  assert.throws(check(deliveries, instead(1, 4, 3)), /Receiver 1/);
  assert.throws(check(deliveries, instead(9, 1, 1)), /Receiver 9/);
  assert.throws(check(deliveries, instead(9, 2, 1)), /Receiver 9/);
  assert.throws(check(deliveries, instead(FIRST, 0, 0)), /Receiver 0 must get some/);
  assert.throws(check(deliveries.slice(0, -1), heard), /Receiver 9/);
  const answered = { receiver: FIRST, tryMs: 1, doneMs: 1 };
  assert.throws(check([...deliveries, answered], heard), /Receiver 0/);
});
