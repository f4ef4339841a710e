// Laws of deliverCallback(): one claim a try, the stored body, first tries in order, and stopped URLs.

import assert from "node:assert/strict";
import { answered } from "../../adapters/memory/memory_callback_sender.ts";
import { deliverCallback } from "../../application/deliver_callback.ts";
import { isStopped } from "../../application/stopped_urls.ts";
import type { Callback } from "../../domain/callback.ts";
import { claimCallback, LEASE_MS, retryCallback } from "../../domain/callback_tries.ts";
import { type CallbackRig, openCallbackRig } from "../support/callback_rig.ts";
import { anEvent, CALLBACK_URL } from "../support/callbacks.ts";

const deliver = (rig: CallbackRig, callback: Callback) =>
  deliverCallback(rig.ports, "test", callback);

/** Two callbacks of one payment; the second one waits for the first. */
async function tellTwice(rig: CallbackRig): Promise<[Callback, Callback]> {
  const first = await rig.told();
  const { paymentId } = first;
  return [first, await rig.told({ paymentId, ordinal: 2, type: "payment.completed" })];
}

Deno.test("deliverCallback() sends the stored body to the URL, and records the delivery", async () => {
  const rig = openCallbackRig();
  const event = anEvent({ body: '{"id":"evt_1","data":{"amount":1.50}}' });
  const callback = await rig.told(event);
  assert.deepEqual(await deliver(rig, callback), answered(200));
  const request = { url: CALLBACK_URL, eventId: callback.id, body: event.body };
  assert.deepEqual(rig.callbackSender.requests, [request]);
  const { state, tried, lease, dueAt } = await rig.callback(callback.id);
  assert.deepEqual([state, tried, lease, dueAt], ["delivered", 1, undefined, undefined]);
});

Deno.test("deliverCallback() claims before it sends, and does not send what it could not claim", async () => {
  for (const how of ["before", "after"] as const) {
    const rig = openCallbackRig();
    const callback = await rig.told();
    rig.next.callbacks.save.push(how);
    await assert.rejects(deliver(rig, callback));
    assert.deepEqual(rig.callbackSender.requests, []);
  }
});

Deno.test("deliverCallback() leaves alone what another instance has claimed", async () => {
  const rig = openCallbackRig();
  const callback = await rig.told();
  const claimed = claimCallback(callback, "other", rig.clock.now());
  rig.next.callbacks.save.push(() => rig.stores.callbacks.save(callback, claimed));
  assert.equal(await deliver(rig, callback), undefined);
  assert.equal(await deliver(rig, await rig.callback(callback.id)), undefined);
  assert.deepEqual(rig.callbackSender.requests, []);
  assert.equal((await rig.callback(callback.id)).lease?.owner, "other");
});

Deno.test("deliverCallback() sends nothing when its process slept after the claim", async () => {
  const rig = openCallbackRig();
  const callback = await rig.told();
  rig.next.callbacks.save.push(() => rig.clock.jump(30_000));
  assert.equal(await deliver(rig, callback), undefined);
  assert.deepEqual(rig.callbackSender.requests, []);
});

Deno.test("deliverCallback() tries again what nobody answered for, once the lease is over", async () => {
  const rig = openCallbackRig();
  const callback = await rig.told();
  rig.next.callbacks.save.push(() => {}, "before");
  await assert.rejects(deliver(rig, callback));
  await rig.clock.advance(LEASE_MS);
  await deliver(rig, await rig.callback(callback.id));
  const { state, tries } = await rig.callback(callback.id);
  assert.deepEqual([state, tries.map(({ error }) => error)], ["delivered", [
    "interrupted",
    undefined,
  ]]);
  assert.deepEqual(rig.callbackSender.sentTo(CALLBACK_URL), [callback.id, callback.id]);
});

Deno.test("deliverCallback() counts a delivery whose callback was taken over meanwhile", async () => {
  const rig = openCallbackRig();
  const callback = await rig.told();
  rig.next.callbacks.save.push(() => {}, async () => {
    const held = await rig.callback(callback.id);
    const taken = claimCallback(held, "other", rig.clock.now() + LEASE_MS);
    await rig.stores.callbacks.save(held, taken);
  });
  await deliver(rig, callback);
  assert.equal((await rig.callback(callback.id)).state, "delivered");
});

Deno.test("deliverCallback() leaves a failure to whoever took the callback over", async () => {
  const rig = openCallbackRig();
  rig.callbackSender.answers(CALLBACK_URL, answered(500));
  const callback = await rig.told();
  rig.next.callbacks.save.push(() => {}, async () => {
    const held = await rig.callback(callback.id);
    const taken = claimCallback(held, "other", rig.clock.now() + LEASE_MS);
    await rig.stores.callbacks.save(held, taken);
  });
  await deliver(rig, callback);
  const { lease, tries } = await rig.callback(callback.id);
  assert.equal(lease?.owner, "other");
  assert.deepEqual(tries.map(({ error }) => error), ["interrupted"]);
});

Deno.test("deliverCallback() rejects and claims nothing when the event cannot be read", async () => {
  const rig = openCallbackRig();
  const callback = await rig.told();
  const events = { ...rig.stores.events, get: () => Promise.resolve(undefined) };
  const list = rig.stores.events.list.bind(rig.stores.events);
  const ports = { ...rig.ports, events: { ...events, list } };
  await assert.rejects(deliverCallback(ports, "test", callback), /its event must be there/);
  assert.equal((await rig.callback(callback.id)).lease, undefined);
});

Deno.test("deliverCallback() makes no first try before all earlier ones have ended", async () => {
  const rig = openCallbackRig();
  const [first, second] = await tellTwice(rig);
  rig.callbackSender.answers(CALLBACK_URL, answered(500));
  await deliver(rig, first);
  const { dueAt = 0 } = await rig.callback(first.id);
  assert.equal(await deliver(rig, second), undefined);
  assert.deepEqual(rig.callbackSender.sentTo(CALLBACK_URL), [first.id]);
  const waiting = await rig.callback(second.id);
  assert.deepEqual([waiting.tried, waiting.dueAt], [0, dueAt + 1_000]);
});

Deno.test("deliverCallback() wakes the next one when it ends, delivered or given up", async () => {
  for (const answer of [answered(200), answered(410)]) {
    const rig = openCallbackRig();
    const [first, second] = await tellTwice(rig);
    await deliver(rig, second);
    assert.ok((await rig.callback(second.id)).dueAt! > rig.clock.now());
    rig.callbackSender.answers(CALLBACK_URL, answer);
    await deliver(rig, first);
    assert.equal((await rig.callback(second.id)).dueAt, rig.clock.now());
  }
});

Deno.test("deliverCallback() wakes itself when the earlier one ended while it began to wait", async () => {
  const rig = openCallbackRig();
  const [first, second] = await tellTwice(rig);
  rig.next.callbacks.save.push(async () => {
    await rig.stores.callbacks.save(first, { ...first, state: "delivered", dueAt: undefined });
  });
  await deliver(rig, second);
  assert.equal((await rig.callback(second.id)).dueAt, rig.clock.now());
});

Deno.test("deliverCallback() lets a later one that was tried already go on by itself", async () => {
  const rig = openCallbackRig();
  const [first, second] = await tellTwice(rig);
  await deliver(rig, first);
  await deliver(rig, second);
  const now = rig.clock.now();
  for (const { id } of [first, second]) {
    const ended = await rig.callback(id);
    await rig.stores.callbacks.save(ended, retryCallback(ended, now));
  }
  assert.ok(await deliver(rig, await rig.callback(second.id)));
});

Deno.test("deliverCallback() stops a URL that answered 410, and no other", async () => {
  const rig = openCallbackRig();
  rig.callbackSender.answers(CALLBACK_URL, answered(410));
  await deliver(rig, await rig.told());
  assert.equal(await isStopped(rig.ports, CALLBACK_URL), true);
  const later = await rig.told();
  assert.equal(await deliver(rig, later), undefined);
  const { state, deathReason, tried } = await rig.callback(later.id);
  assert.deepEqual([state, deathReason, tried], ["dead", "url_gone", 0]);
  assert.equal(rig.callbackSender.requests.length, 1);
  const other = await rig.told({ callbackUrl: `${CALLBACK_URL}2` });
  assert.ok(await deliver(rig, other));
});

Deno.test("deliverCallback() logs each try in one line, without the URL", async () => {
  const rig = openCallbackRig();
  const callback = await rig.told();
  const { id, paymentId } = callback;
  const failed = { kind: "failed", reason: "timed_out", ms: 15_000 } as const;
  rig.callbackSender.answers(CALLBACK_URL, failed, answered(204));
  await deliver(rig, callback);
  await deliver(rig, await rig.callback(id));
  const about = { id, payment_id: paymentId, host: "shop.example" };
  assert.deepEqual(rig.log.of("callback"), [
    { ...about, reason: "timed_out", ms: 15_000, try: 1, state: "pending" },
    { ...about, status: 204, ms: 1, try: 2, state: "delivered" },
  ]);
  assert.ok(!JSON.stringify(rig.log.entries).includes("of-the-shop"));
});
