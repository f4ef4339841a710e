// Laws of createHostTurns(): every host has its turn, wherever the last one ended.

import assert from "node:assert/strict";
import { createHostTurns } from "../../application/host_turns.ts";

/** Turns of three hosts at most, among these. */
function turnsAmong(...due: string[]) {
  const dueHosts = (_now: number, limit: number, after = "") =>
    Promise.resolve(due.filter((host) => host > after).slice(0, limit));
  return createHostTurns({ dueHosts }, 3);
}

Deno.test("next() gives every host that is due, in the same order while all had a place", async () => {
  const turns = turnsAmong("a", "b");
  assert.deepEqual(await turns.next(0), ["a", "b"]);
  assert.deepEqual(await turns.next(0), ["a", "b"]);
});

Deno.test("goOnAfter() lets the next turn begin after that host, and come to it last", async () => {
  const turns = turnsAmong("a", "b", "c");
  turns.goOnAfter("a");
  assert.deepEqual(await turns.next(0), ["b", "c", "a"]);
  assert.deepEqual(await turns.next(0), ["a", "b", "c"]);
});

Deno.test("goOnAfter() the last host begins with the first again", async () => {
  const turns = turnsAmong("a", "b");
  turns.goOnAfter("b");
  assert.deepEqual(await turns.next(0), ["a", "b"]);
});

Deno.test("next() comes to hosts past those that one turn takes, and round again", async () => {
  const turns = turnsAmong("a", "b", "c", "d", "e");
  assert.deepEqual(await turns.next(0), ["a", "b", "c"]);
  assert.deepEqual(await turns.next(0), ["d", "e", "a"]);
  assert.deepEqual(await turns.next(0), ["a", "b", "c"]);
});
