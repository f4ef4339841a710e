// Laws of a callback's tries: the schedule, what each answer makes of it, order, and a person's retry.

import assert from "node:assert/strict";
import type { Callback, CallbackAnswer } from "../../domain/callback.ts";
import {
  applyCallbackAnswer,
  claimCallback,
  isDelivery,
  isUnderWay,
  LEASE_MS,
  mayBegin,
  queueBehind,
  retryCallback,
  saysGone,
  SCHEDULE_MS,
  stopCallback,
  takeTurn,
  waitsItsTurn,
} from "../../domain/callback_tries.ts";
import { aCallback } from "../support/callbacks.ts";
import { NOW } from "../support/payments.ts";

const HOUR = 3_600_000;
const SENT = NOW + 100;

const answered = (httpStatus: number, more: { retryAfterMs?: number } = {}): CallbackAnswer => ({
  kind: "answered",
  httpStatus,
  ms: 42,
  start: "said",
  ...more,
});
const TIMED_OUT: CallbackAnswer = { kind: "failed", reason: "timed_out", ms: 15_000 };
const claimed = (callback = aCallback(), now = NOW) => claimCallback(callback, "one", now);
const after = (answer: CallbackAnswer, callback: Callback = claimed(), chance = 0) =>
  applyCallbackAnswer(callback, answer, SENT, chance);

/** A callback of which `tries` tries have failed. */
function failed(tries: number): Callback {
  let callback = aCallback();
  for (let n = 0; n < tries; n++) callback = after(answered(500), claimed(callback));
  return callback;
}

Deno.test("claimCallback() makes it due again only when its lease is over", () => {
  const callback = claimed();
  assert.deepEqual(callback.lease, { owner: "one", since: NOW, until: NOW + LEASE_MS });
  assert.equal(callback.dueAt, NOW + LEASE_MS);
  assert.equal(isUnderWay(callback, NOW + LEASE_MS - 1), true);
  assert.equal(isUnderWay(callback, NOW + LEASE_MS), false);
});

Deno.test("claimCallback() throws for one that is under way or has ended", () => {
  assert.throws(() => claimCallback(claimed(), "two", NOW + LEASE_MS - 1), /Cannot claim callback/);
  for (const state of ["delivered", "dead"] as const) {
    assert.throws(() => claimed(aCallback({ state })), /Cannot claim callback/);
  }
});

Deno.test("claimCallback() counts a claim that nobody answered as an interrupted try", () => {
  const callback = claimCallback(claimed(), "two", NOW + LEASE_MS);
  assert.deepEqual(callback.tries, [{ at: NOW, error: "interrupted" }]);
  assert.deepEqual([callback.tried, callback.triedInRound], [1, 1]);
  assert.equal(callback.lease?.owner, "two");
});

Deno.test("mayBegin() lets a try begin only where it ends before the lease does", () => {
  assert.equal(mayBegin(claimed(), NOW + 30_000 - 1), true);
  assert.equal(mayBegin(claimed(), NOW + 30_000), false);
  assert.equal(mayBegin(aCallback(), NOW), false);
});

Deno.test("applyCallbackAnswer() delivers on every 2xx and on nothing else", () => {
  for (const status of [200, 201, 204, 299]) {
    const callback = after(answered(status));
    assert.equal(callback.state, "delivered");
    assert.ok(callback.dueAt === undefined && callback.lease === undefined);
  }
  for (const status of [100, 199, 300, 301, 304, 307, 400, 404, 429, 500, 503, 600]) {
    assert.equal(isDelivery(answered(status)), false);
    assert.equal(after(answered(status)).state, "pending", `${status}`);
  }
  assert.equal(after(TIMED_OUT).state, "pending");
});

Deno.test("applyCallbackAnswer() keeps what the try came to", () => {
  const said = { at: NOW, ms: 42, httpStatus: 500, start: "said" };
  assert.deepEqual(after(answered(500)).tries, [said]);
  assert.deepEqual(after(TIMED_OUT).tries, [{ at: NOW, ms: 15_000, error: "timed_out" }]);
});

Deno.test("applyCallbackAnswer() keeps the latest 20 tries and counts all", () => {
  let callback = aCallback();
  for (let n = 1; n <= 25; n++) {
    callback = after(answered(500), claimed(retryCallback(callback, NOW), n));
  }
  assert.equal(callback.tried, 25);
  assert.deepEqual(callback.tries.map(({ at }) => at), Array.from({ length: 20 }, (_, n) => n + 6));
});

Deno.test("SCHEDULE_MS makes ten tries over 75 hours, the first at once", () => {
  assert.equal(SCHEDULE_MS.length, 10);
  assert.equal(SCHEDULE_MS[0], 0);
  const all = SCHEDULE_MS.reduce((sum, ms) => sum + ms, 0);
  assert.equal(Math.floor(all / HOUR), 75);
});

Deno.test("applyCallbackAnswer() waits as the schedule says, and gives up after the tenth try", () => {
  for (let tries = 1; tries < SCHEDULE_MS.length; tries++) {
    const callback = failed(tries);
    assert.equal(callback.state, "pending");
    assert.equal(callback.dueAt, SENT + SCHEDULE_MS[tries]!);
  }
  const callback = failed(SCHEDULE_MS.length);
  assert.deepEqual([callback.state, callback.deathReason], ["dead", "gave_up"]);
  assert.equal(callback.dueAt, undefined);
});

Deno.test("applyCallbackAnswer() spreads tries by up to a tenth of the wait", () => {
  assert.equal(after(TIMED_OUT, claimed(), 0.5).dueAt, SENT + 5_250);
  assert.equal(after(TIMED_OUT, claimed(), 0.999_999).dueAt, SENT + 5_500);
});

Deno.test("applyCallbackAnswer() waits as long as a 429 or 503 asks for, up to a day", () => {
  for (const status of [429, 503]) {
    assert.equal(after(answered(status, { retryAfterMs: HOUR })).dueAt, SENT + HOUR);
    assert.equal(after(answered(status, { retryAfterMs: 99 * HOUR })).dueAt, SENT + 24 * HOUR);
    assert.equal(after(answered(status, { retryAfterMs: 1 })).dueAt, SENT + 5_000);
  }
  assert.equal(after(answered(500, { retryAfterMs: HOUR })).dueAt, SENT + 5_000);
});

Deno.test("applyCallbackAnswer() ends it at once on 410", () => {
  const callback = after(answered(410));
  assert.deepEqual([callback.state, callback.deathReason], ["dead", "gone"]);
  assert.equal(callback.tried, 1);
  assert.ok(saysGone(answered(410)) && !saysGone(answered(404)) && !saysGone(TIMED_OUT));
});

Deno.test("stopCallback() ends it without a try", () => {
  const callback = stopCallback(aCallback(), NOW + 5);
  assert.deepEqual([callback.state, callback.deathReason], ["dead", "url_gone"]);
  assert.deepEqual([callback.tried, callback.dueAt, callback.updatedAt], [0, undefined, NOW + 5]);
});

Deno.test("waitsItsTurn() holds until the first try was claimed", () => {
  assert.equal(waitsItsTurn(aCallback()), true);
  assert.equal(waitsItsTurn(claimed()), false);
  assert.equal(waitsItsTurn(failed(1)), false);
  assert.equal(waitsItsTurn(stopCallback(aCallback(), NOW)), false);
});

Deno.test("queueBehind() looks again just after the earlier one is due, within a quarter of an hour", () => {
  const behind = (dueAt: number) => queueBehind(aCallback(), aCallback({ dueAt }), NOW).dueAt;
  assert.equal(behind(NOW + 60_000), NOW + 61_000);
  assert.equal(behind(NOW - 60_000), NOW + 1_000);
  assert.equal(behind(NOW + 24 * HOUR), NOW + HOUR / 4);
});

Deno.test("takeTurn() makes one due that waited, and leaves every other as it is", () => {
  const waiting = aCallback({ dueAt: NOW + 9 });
  assert.equal(takeTurn(waiting, NOW).dueAt, NOW);
  for (const other of [aCallback(), claimed(), failed(1), stopCallback(aCallback(), NOW)]) {
    assert.equal(takeTurn(other, NOW), other);
  }
});

Deno.test("retryCallback() begins a whole round, due at once, and keeps what was tried", () => {
  for (const callback of [failed(10), after(answered(410)), after(answered(200)), failed(3)]) {
    const again = retryCallback(callback, SENT + 5);
    assert.deepEqual([again.state, again.dueAt, again.triedInRound], ["pending", SENT + 5, 0]);
    assert.ok(!("deathReason" in again));
    assert.deepEqual([again.tried, again.tries], [callback.tried, callback.tries]);
    assert.equal(after(TIMED_OUT, claimed(again)).dueAt, SENT + 5_000);
  }
});

Deno.test("retryCallback() leaves one alone that is under way, and takes over from a dead process", () => {
  const callback = claimed();
  assert.equal(retryCallback(callback, NOW + LEASE_MS - 1), callback);
  const again = retryCallback(callback, NOW + LEASE_MS);
  assert.deepEqual([again.lease, again.tries.length], [undefined, 1]);
});
