// Laws of createDeliveries(), under the workers: at once, in order, so many at a time, no host in the way of another, to the end.

import assert from "node:assert/strict";
import { answered } from "../../adapters/memory/memory_callback_sender.ts";
import { createApplication } from "../../application/application.ts";
import { SCHEDULE_MS } from "../../domain/callback_tries.ts";
import { CARD_COMMAND } from "../support/application_rig.ts";
import { type CallbackRig, openCallbackRig, withDeliveries } from "../support/callback_rig.ts";
import { CALLBACK_URL } from "../support/callbacks.ts";
import { settle } from "../support/fake_clock.ts";
import { BY_REQUEST } from "../support/payment_states.ts";

const TICK = 500;
const HOUR = 3_600_000;
const urlAt = (host: string) => `https://${host}/hook`;

async function tellMany(rig: CallbackRig, url: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push((await rig.told({ callbackUrl: url })).id);
  return ids;
}

Deno.test("start() brings a payment's events to its address at once, in order", () =>
  withDeliveries(async (rig) => {
    const payment = await rig.create({ callbackUrl: CALLBACK_URL });
    rig.konsol.setStatus(payment.konsolId!, "completed");
    await rig.application.getPayment(payment.id, { refresh: true }, BY_REQUEST);
    await settle();
    const sent = rig.callbackSender.requests.map(({ body }) => JSON.parse(body).type);
    assert.deepEqual(sent, ["payment.created", "payment.updated", "payment.completed"]);
    assert.equal(rig.clock.monotonic(), 0);
  }));

Deno.test("start() takes up what was due before, after a tick at most", () =>
  withDeliveries(async (rig) => {
    await settle();
    const [id] = await tellMany(rig, CALLBACK_URL, 1);
    await rig.clock.advance(TICK);
    assert.deepEqual(rig.callbackSender.sentTo(CALLBACK_URL), [id]);
  }));

Deno.test("start() tries as the schedule says, the same body each time, then gives up", () =>
  withDeliveries(async (rig) => {
    rig.callbackSender.answers(CALLBACK_URL, answered(404));
    const { id } = await rig.told();
    for (let dueAt: number | undefined = 0; dueAt !== undefined;) {
      rig.clock.jump(Math.max(0, dueAt - rig.clock.now()));
      await rig.clock.advance(TICK);
      dueAt = (await rig.callback(id)).dueAt;
    }
    const { state, deathReason, tries } = await rig.callback(id);
    assert.deepEqual([state, deathReason, tries.length], ["dead", "gave_up", 10]);
    for (const [n, wait] of SCHEDULE_MS.entries()) {
      const waited = n === 0 ? 0 : tries[n]!.at - tries[n - 1]!.at;
      assert.ok(waited >= wait && waited <= wait * 1.1 + TICK, `try ${n + 1}: ${waited}`);
    }
    assert.equal(new Set(rig.callbackSender.requests.map(({ body }) => body)).size, 1);
  }));

Deno.test("start() has 8 tries at a host and 64 in all under way, and no more", () =>
  withDeliveries(async (rig) => {
    const hosts = Array.from({ length: 10 }, (_, n) => `h${n}.example`);
    for (const host of hosts) {
      rig.callbackSender.holding.add(urlAt(host));
      await tellMany(rig, urlAt(host), 10);
    }
    await rig.clock.advance(TICK);
    const at = hosts.map((host) => rig.callbackSender.sentTo(urlAt(host)).length);
    assert.ok(at.every((count) => count >= 1 && count <= 8), `${at}`);
    const all = at.reduce((sum, count) => sum + count, 0);
    assert.ok(all >= 60 && all <= 64, `${all}`);
    assert.equal(rig.callbackSender.holds.size, all);
  }));

Deno.test("start() gives one busy host 8 places", () =>
  withDeliveries(async (rig) => {
    rig.callbackSender.holding.add(CALLBACK_URL);
    await tellMany(rig, CALLBACK_URL, 20);
    await rig.clock.advance(3 * TICK);
    assert.equal(rig.callbackSender.requests.length, 8);
  }));

Deno.test("start() delivers to every other host at once while one hangs", () =>
  withDeliveries(async (rig) => {
    const slow = urlAt("a.example");
    rig.callbackSender.holding.add(slow);
    await tellMany(rig, slow, 50);
    const others = ["b.example", "c.example"].map(urlAt);
    for (const url of others) await tellMany(rig, url, 40);
    await rig.clock.advance(TICK);
    for (const url of others) assert.equal(rig.callbackSender.sentTo(url).length, 40);
    assert.equal(rig.callbackSender.sentTo(slow).length, 8);
  }));

Deno.test("start() comes to every host before any has its next turn, when there are more than places", () =>
  withDeliveries(async (rig) => {
    const urls = Array.from({ length: 100 }, (_, n) => urlAt(`h${n}.example`));
    for (const url of urls) await tellMany(rig, url, 3);
    await rig.clock.advance(TICK);
    const sent = rig.callbackSender.requests.map(({ url }) => url);
    assert.equal(sent.length, 300);
    assert.equal(new Set(sent.slice(0, 100)).size, 100);
  }));

Deno.test("start() comes to a host past many that fail and have much due", () =>
  withDeliveries(async (rig) => {
    const failing = Array.from({ length: 110 }, (_, n) => urlAt(`h${n}.example`));
    for (const url of failing) {
      rig.callbackSender.answers(url, answered(500));
      await tellMany(rig, url, 8);
    }
    await rig.clock.advance(60_000);
    const last = urlAt("z.example");
    const ids = await tellMany(rig, last, 5);
    await rig.clock.advance(2 * TICK);
    assert.deepEqual(rig.callbackSender.sentTo(last), ids);
  }));

Deno.test("start() takes no more than its places when more hosts hang", () =>
  withDeliveries(async (rig) => {
    const urls = Array.from({ length: 70 }, (_, n) => urlAt(`h${n}.example`));
    for (const url of urls) {
      rig.callbackSender.holding.add(url);
      await tellMany(rig, url, 2);
    }
    await rig.clock.advance(3 * TICK);
    assert.equal(rig.callbackSender.requests.length, 64);
    const claimed = await Promise.all(urls.map((url) => {
      return rig.stores.callbacks.due(new URL(url).host, rig.clock.now(), 9);
    }));
    assert.equal(claimed.flat().length, 2 * 70 - 64);
  }));

Deno.test("start() tries a host that keeps failing less and less, and says so", () =>
  withDeliveries(async (rig) => {
    rig.callbackSender.answers(CALLBACK_URL, answered(500));
    await tellMany(rig, CALLBACK_URL, 200);
    await rig.clock.advance(60_000);
    const { length } = rig.callbackSender.requests;
    assert.ok(length >= 10 && length <= 25, `${length}`);
    const { ready, checks } = await rig.application.checkReadiness();
    const { reason } = checks.find(({ name }) => name === "callbacks")!;
    assert.deepEqual([ready, reason], [true, "hosts that keep failing are tried less often: 1"]);
  }));

Deno.test("start() delivers all that waited when a host recovers", () =>
  withDeliveries(async (rig) => {
    rig.callbackSender.answers(CALLBACK_URL, answered(500));
    const ids = await tellMany(rig, CALLBACK_URL, 100);
    await rig.clock.advance(60_000);
    rig.callbackSender.answers(CALLBACK_URL, answered(200));
    await rig.clock.advance(HOUR);
    for (const id of ids) assert.equal((await rig.callback(id)).state, "delivered");
    assert.equal(rig.log.of("callback_host_recovered").length, 1);
  }));

Deno.test("start() never tries two callbacks of one payment at once, and ends with all of them", () =>
  withDeliveries(async (rig) => {
    rig.callbackSender.holding.add(CALLBACK_URL);
    const { paymentId, id } = await rig.told();
    const later = [];
    for (const ordinal of [2, 3]) later.push((await rig.told({ paymentId, ordinal })).id);
    await rig.clock.advance(TICK);
    assert.deepEqual(rig.callbackSender.sentTo(CALLBACK_URL), [id]);
    rig.callbackSender.holding.clear();
    rig.callbackSender.holds.release();
    await settle();
    assert.deepEqual(rig.callbackSender.sentTo(CALLBACK_URL), [id, ...later]);
  }));

Deno.test("start() leaves a host's places to other payments while many callbacks of one wait", () =>
  withDeliveries(async (rig) => {
    rig.callbackSender.holding.add(CALLBACK_URL);
    const { paymentId } = await rig.told();
    for (let ordinal = 2; ordinal <= 5; ordinal++) await rig.told({ paymentId, ordinal });
    await rig.clock.advance(3 * TICK);
    await tellMany(rig, CALLBACK_URL, 7);
    await rig.clock.advance(TICK);
    assert.equal(rig.callbackSender.requests.length, 8);
  }));

Deno.test("two instances share the work and send no try twice", async () => {
  const one = openCallbackRig();
  const url = urlAt("shared.example");
  const ids = await tellMany(one, url, 60);
  const other = createApplication(one.ports, { ...one.settings, instance: "other" });
  one.workers.start();
  other.workers.start();
  await one.clock.advance(TICK);
  await Promise.all([one.workers.stop(), other.workers.stop()]);
  assert.deepEqual(one.callbackSender.sentTo(url).toSorted(), ids.toSorted());
});

Deno.test("start() goes on after a store that rejects, logs the outage once and says so", () =>
  withDeliveries(async (rig) => {
    await settle();
    rig.next.callbacks.dueHosts.push("before", "before");
    const { id } = await rig.told();
    await rig.clock.advance(2 * TICK);
    const { checks } = await rig.application.checkReadiness();
    const { reason } = checks.find(({ name }) => name === "callbacks")!;
    assert.match(reason ?? "", /due callbacks cannot be read: the store is away/);
    await rig.clock.advance(TICK);
    assert.equal((await rig.callback(id)).state, "delivered");
    assert.equal(rig.log.of("worker_failed").length, 1);
  }));

Deno.test("start() delivers what is healthy although many others always fail", () =>
  withDeliveries(async (rig) => {
    const poison = new Set(await tellMany(rig, CALLBACK_URL, 70));
    const { events } = rig.stores;
    const get = events.get.bind(events);
    events.get = (id) => {
      if (poison.has(id)) throw new TypeError("a bug");
      return get(id);
    };
    const { id } = await rig.told();
    await rig.clock.advance(60_000);
    assert.equal((await rig.callback(id)).state, "delivered");
  }));

Deno.test("stop() waits for the tries under way and begins no other", async () => {
  const rig = openCallbackRig();
  rig.callbackSender.holding.add(CALLBACK_URL);
  const ids = await tellMany(rig, CALLBACK_URL, 20);
  rig.workers.start();
  await settle();
  let stopped = false;
  const stopping = rig.workers.stop().then(() => stopped = true);
  await settle();
  assert.equal(stopped, false);
  rig.callbackSender.holds.release();
  await stopping;
  const states = await Promise.all(ids.map(async (id) => (await rig.callback(id)).state));
  assert.equal(states.filter((state) => state === "delivered").length, 8);
  assert.equal(rig.callbackSender.requests.length, 8);
});

Deno.test("start() sends nothing for payments without an address", () =>
  withDeliveries(async (rig) => {
    await rig.application.createPayment(CARD_COMMAND, BY_REQUEST);
    await rig.clock.advance(TICK);
    assert.deepEqual(rig.callbackSender.requests, []);
  }));
