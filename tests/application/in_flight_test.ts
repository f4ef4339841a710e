// Laws of application/in_flight.ts.

import assert from "node:assert/strict";
import { createInFlight } from "../../application/in_flight.ts";
import { collectingLog } from "../support/collecting_log.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";

function open(places = 2) {
  const log = collectingLog();
  const clock = new FakeClock();
  return { log, clock, inFlight: createInFlight("test", places, { log, clock }) };
}

function isSettled(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([promise.then(() => true), settle().then(() => false)]);
}

Deno.test("run() gives what the task gives", async () => {
  const { inFlight } = open();
  assert.equal(await inFlight.run("a", () => Promise.resolve(7)), 7);
});

Deno.test("run() joins the task that is under way for the key", async () => {
  const { inFlight } = open();
  const { promise, resolve } = Promise.withResolvers<number>();
  let begun = 0;
  const task = () => (begun++, promise);
  const both = [inFlight.run("a", task), inFlight.run("a", task)];
  resolve(7);
  assert.deepEqual(await Promise.all(both), [7, 7]);
  assert.equal(begun, 1);
});

Deno.test("run() begins anew once the task for the key has ended", async () => {
  const { inFlight } = open();
  await inFlight.run("a", () => Promise.resolve(1));
  assert.equal(inFlight.isTaken("a"), false);
  assert.equal(await inFlight.run("a", () => Promise.resolve(2)), 2);
});

Deno.test("run() takes no more than there are places, and gives undefined at once", async () => {
  const { inFlight } = open(2);
  const { promise, resolve } = Promise.withResolvers<number>();
  void inFlight.run("a", () => promise);
  void inFlight.run("b", () => promise);
  assert.equal(inFlight.free(), 0);
  assert.equal(await inFlight.run("c", () => assert.fail("it was begun")), undefined);
  resolve(7);
  await settle();
  assert.deepEqual([inFlight.free(), inFlight.taken()], [2, 0]);
});

Deno.test("run() joins what is under way also when no place is free", async () => {
  const { inFlight } = open(1);
  const { promise, resolve } = Promise.withResolvers<number>();
  void inFlight.run("a", () => promise);
  const joined = inFlight.run("a", () => promise);
  resolve(7);
  assert.equal(await joined, 7);
});

Deno.test("run() logs a task that throws, gives undefined and frees its place", async () => {
  const { inFlight, log } = open(1);
  const error = new Error("a bug");
  assert.equal(await inFlight.run("a", () => Promise.reject(error)), undefined);
  assert.deepEqual(log.of("worker_failed"), [{ worker: "test", key: "a", error }]);
  assert.equal(inFlight.free(), 1);
});

Deno.test("run() logs a task that throws before it waits, too", async () => {
  const { inFlight, log } = open(1);
  const throwing = () => {
    throw new Error("a bug");
  };
  assert.equal(await inFlight.run("a", throwing), undefined);
  assert.equal(log.of("worker_failed").length, 1);
  assert.equal(inFlight.free(), 1);
});

Deno.test("stop() waits for everything that is under way", async () => {
  const { inFlight } = open();
  const { promise, resolve } = Promise.withResolvers<number>();
  void inFlight.run("a", () => promise);
  const stopped = inFlight.stop();
  assert.equal(await isSettled(stopped), false);
  resolve(7);
  assert.equal(await isSettled(stopped), true);
});

Deno.test("stop() takes nothing more, and has no free place", async () => {
  const { inFlight } = open();
  await inFlight.stop();
  assert.equal(inFlight.free(), 0);
  assert.equal(await inFlight.run("a", () => assert.fail("it was begun")), undefined);
});

Deno.test("stop() ends also when a task throws", async () => {
  const { inFlight } = open();
  void inFlight.run("a", () => Promise.reject(new Error("a bug")));
  await inFlight.stop();
});

Deno.test("isTaken() lets a key rest after a failure, twice as long after the next", async () => {
  const { clock, inFlight } = open();
  const fail = () => inFlight.run("a", () => Promise.reject(new Error("poison")));
  await fail();
  assert.equal(inFlight.isTaken("a"), true);
  await clock.advance(1_000);
  assert.equal(inFlight.isTaken("a"), false);
  await fail();
  await clock.advance(1_999);
  assert.equal(inFlight.isTaken("a"), true);
  await clock.advance(1);
  assert.equal(inFlight.isTaken("a"), false);
});

Deno.test("run() forgets the failures of a key that succeeds", async () => {
  const { clock, inFlight } = open();
  await inFlight.run("a", () => Promise.reject(new Error("once")));
  await clock.advance(1_000);
  await inFlight.run("a", () => Promise.resolve());
  assert.equal(inFlight.taken(), 0);
});
