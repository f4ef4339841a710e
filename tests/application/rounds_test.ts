// Laws of createRounds(): one round at a time, and no ring is lost.

import assert from "node:assert/strict";
import { createRounds } from "../../application/rounds.ts";
import { collectingLog } from "../support/collecting_log.ts";
import { settle } from "../support/fake_clock.ts";

/** Rounds that each end when `end` is called, with its error if it has one. */
function openRounds() {
  const log = collectingLog();
  const ends: ((error?: Error) => void)[] = [];
  let begun = 0;
  const rounds = createRounds("test", () => {
    begun++;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    ends.push((error) => error ? reject(error) : resolve());
    return promise;
  }, { log });
  const end = async (error?: Error) => {
    ends.shift()?.(error);
    await settle();
  };
  return { log, rounds, end, begun: () => begun };
}

Deno.test("ring() begins a round at once, and one more for all that rang during it", async () => {
  const { rounds, end, begun } = openRounds();
  rounds.start();
  rounds.ring();
  assert.equal(begun(), 1);
  rounds.ring();
  rounds.ring();
  assert.equal(begun(), 1);
  await end();
  assert.equal(begun(), 2);
  await end();
  assert.equal(begun(), 2);
  rounds.ring();
  assert.equal(begun(), 3);
  await end();
});

Deno.test("ring() before start() is heard at start()", async () => {
  const { rounds, end, begun } = openRounds();
  rounds.ring();
  assert.equal(begun(), 0);
  rounds.start();
  assert.equal(begun(), 1);
  await end();
});

Deno.test("stop() waits for the round under way, and no ring begins another", async () => {
  const { rounds, end, begun } = openRounds();
  rounds.start();
  rounds.ring();
  rounds.ring();
  let stopped = false;
  const stopping = rounds.stop().then(() => stopped = true);
  await settle();
  assert.equal(stopped, false);
  await end();
  await stopping;
  rounds.start();
  rounds.ring();
  assert.equal(begun(), 1);
});

Deno.test("failure() tells why the last round failed, logged once an outage", async () => {
  const { rounds, end, log } = openRounds();
  rounds.start();
  for (let n = 0; n < 2; n++) {
    rounds.ring();
    await end(new Error("away"));
    assert.equal(rounds.failure(), "away");
  }
  assert.equal(log.of("worker_failed").length, 1);
  rounds.ring();
  await end();
  assert.equal(rounds.failure(), undefined);
});
