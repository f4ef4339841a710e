// Laws of createCallbackHosts(): each host has its bound, and one that keeps failing is spared until it recovers.

import assert from "node:assert/strict";
import { answered } from "../../adapters/memory/memory_callback_sender.ts";
import { createCallbackHosts } from "../../application/callback_hosts.ts";
import type { CallbackAnswer } from "../../domain/callback.ts";
import { collectingLog } from "../support/collecting_log.ts";
import { FakeClock } from "../support/fake_clock.ts";

const HOST = "shop.example";
const TIMED_OUT: CallbackAnswer = { kind: "failed", reason: "timed_out", ms: 15_000 };

function openHosts() {
  const clock = new FakeClock();
  const log = collectingLog();
  const hosts = createCallbackHosts({ clock, log });
  const answer = (...answers: readonly (CallbackAnswer | undefined)[]) => {
    for (const one of answers) {
      hosts.begin(HOST);
      hosts.end(HOST, one);
    }
  };
  const fail = (times: number) => answer(...Array(times).fill(TIMED_OUT));
  return { clock, log, hosts, answer, fail };
}

Deno.test("free() gives a host 8 places at most, and no more than its share", () => {
  const { hosts } = openHosts();
  assert.deepEqual([hosts.free(HOST, 64), hosts.free(HOST, 3)], [8, 3]);
  hosts.begin(HOST);
  hosts.begin(HOST);
  assert.deepEqual([hosts.free(HOST, 64), hosts.free(HOST, 3), hosts.free(HOST, 1)], [6, 1, 0]);
  assert.deepEqual([hosts.underWay(HOST), [...hosts.busy()]], [2, [HOST]]);
  hosts.end(HOST, answered(200));
  hosts.end(HOST, answered(200));
  assert.deepEqual([hosts.free(HOST, 64), [...hosts.busy()]], [8, []]);
});

Deno.test("free() spares a host after 5 failures in a row: one try at a time, after a rest", async () => {
  const { clock, hosts, fail } = openHosts();
  fail(4);
  assert.deepEqual([hosts.free(HOST, 64), hosts.spared()], [8, 0]);
  fail(1);
  assert.deepEqual([hosts.free(HOST, 64), hosts.spared()], [0, 1]);
  await clock.advance(999);
  assert.equal(hosts.free(HOST, 64), 0);
  await clock.advance(1);
  assert.equal(hosts.free(HOST, 64), 1);
  hosts.begin(HOST);
  assert.equal(hosts.free(HOST, 64), 0);
});

Deno.test("free() makes the rests longer with each failure, to five minutes", async () => {
  const { clock, hosts, fail } = openHosts();
  fail(5);
  for (const rest of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000]) {
    await clock.advance(rest - 1);
    assert.equal(hosts.free(HOST, 64), 0, `${rest}`);
    await clock.advance(1);
    assert.equal(hosts.free(HOST, 64), 1, `${rest}`);
    fail(1);
  }
  await clock.advance(300_000);
  fail(1);
  await clock.advance(299_999);
  assert.equal(hosts.free(HOST, 64), 0);
  await clock.advance(1);
  assert.equal(hosts.free(HOST, 64), 1);
});

Deno.test("end() does not count failures of tries that began before the rest", async () => {
  const { clock, hosts } = openHosts();
  for (let n = 0; n < 8; n++) hosts.begin(HOST);
  for (let n = 0; n < 8; n++) hosts.end(HOST, TIMED_OUT);
  await clock.advance(1_000);
  assert.equal(hosts.free(HOST, 64), 1);
});

Deno.test("end() gives a host that answers all its places back at once", async () => {
  const { clock, hosts, fail, answer } = openHosts();
  fail(5);
  await clock.advance(1_000);
  answer(answered(200));
  assert.deepEqual([hosts.free(HOST, 64), hosts.spared()], [8, 0]);
  fail(4);
  assert.equal(hosts.free(HOST, 64), 8);
});

Deno.test("end() counts no answer, 5xx and 429 against the host, and no other answer", () => {
  for (const bad of [TIMED_OUT, answered(500), answered(503), answered(429)]) {
    const { hosts, answer } = openHosts();
    answer(...Array(5).fill(bad));
    assert.equal(hosts.spared(), 1);
  }
  for (const fine of [answered(404), answered(410), answered(302), undefined]) {
    const { hosts, answer } = openHosts();
    answer(...Array(9).fill(fine));
    assert.equal(hosts.spared(), 0);
  }
});

Deno.test("end() takes an answer that was not asked for neither as failure nor as recovery", async () => {
  const { clock, hosts, fail, answer } = openHosts();
  fail(5);
  await clock.advance(1_000);
  answer(undefined);
  assert.deepEqual([hosts.spared(), hosts.free(HOST, 64)], [1, 1]);
});

Deno.test("end() logs once that a host fails, and once that it recovered", async () => {
  const { clock, log, fail, answer } = openHosts();
  fail(5);
  await clock.advance(1_000);
  fail(1);
  assert.deepEqual(log.of("callback_host_failing"), [{ host: HOST, failures: 5 }]);
  answer(answered(200), answered(200));
  assert.deepEqual(log.of("callback_host_recovered"), [{ host: HOST, failures: 6 }]);
});

Deno.test("begin() forgets the host that was used longest ago, past ten thousand", () => {
  const { hosts, fail } = openHosts();
  fail(5);
  for (let n = 0; n < 10_000; n++) {
    hosts.begin(`h${n}.example`);
    hosts.end(`h${n}.example`, TIMED_OUT);
  }
  assert.equal(hosts.spared(), 0);
});
