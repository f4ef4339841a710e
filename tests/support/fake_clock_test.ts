// The fake clock is a Clock, and moves only when it is told to.

import assert from "node:assert/strict";
import { clockContract } from "../contracts/clock_contract.ts";
import { FakeClock } from "./fake_clock.ts";

clockContract("FakeClock", () => {
  const clock = new FakeClock();
  return { clock, pass: (ms) => clock.advance(ms) };
});

Deno.test("FakeClock advance() wakes each sleeper at its own time", async () => {
  const clock = new FakeClock(1_000_000_000_000);
  const woken: number[] = [];
  for (const ms of [20, 10]) clock.sleep(ms).then(() => woken.push(clock.now() % 1_000));
  await clock.advance(25);
  assert.deepEqual([...woken, clock.now() % 1_000], [10, 20, 25]);
});

Deno.test("FakeClock advance() also ends the sleeps that begin on the way", async () => {
  const clock = new FakeClock();
  let rounds = 0;
  const loop = async () => {
    for (; rounds < 100; rounds++) await clock.sleep(10);
  };
  loop();
  await clock.advance(55);
  assert.equal(rounds, 5);
});

Deno.test("FakeClock advance() wakes nobody before the time", async () => {
  const clock = new FakeClock();
  clock.sleep(10);
  await clock.advance(9);
  assert.equal(clock.sleepers, 1);
});

Deno.test("FakeClock advance() lets long chains of promises end before the next sleeper", async () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  clock.sleep(1).then(async () => {
    for (let step = 0; step < 1_000; step++) await Promise.resolve();
    seen.push("first, with all its steps");
  });
  clock.sleep(2).then(() => seen.push("second"));
  await clock.advance(2);
  assert.deepEqual(seen, ["first, with all its steps", "second"]);
});

Deno.test("FakeClock jump() moves the wall clock alone", async () => {
  const clock = new FakeClock(1_000_000_000_000);
  clock.sleep(10);
  clock.jump(-500);
  await clock.advance(5);
  assert.deepEqual([clock.now(), clock.monotonic(), clock.sleepers], [999_999_999_505, 5, 1]);
});
