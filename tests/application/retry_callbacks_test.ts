// Laws of retryCallback() and retryDeadCallbacks(): a person has callbacks brought again, each once.

import assert from "node:assert/strict";
import { answered } from "../../adapters/memory/memory_callback_sender.ts";
import { deliverCallback } from "../../application/deliver_callback.ts";
import { isStopped } from "../../application/stopped_urls.ts";
import type { Callback } from "../../domain/callback.ts";
import type { NewEvent } from "../../domain/payment_news.ts";
import { Refusal } from "../../domain/refusal.ts";
import { type CallbackRig, openCallbackRig, withDeliveries } from "../support/callback_rig.ts";
import { CALLBACK_URL } from "../support/callbacks.ts";
import { settle } from "../support/fake_clock.ts";

async function put(
  rig: CallbackRig,
  changes: Partial<Callback>,
  event: Partial<NewEvent> = {},
): Promise<Callback> {
  const made = await rig.told(event);
  const saved = await rig.stores.callbacks.save(made, { ...made, ...changes });
  return saved.kind === "saved" ? saved.item : assert.fail(saved.kind);
}

const DEAD = { state: "dead", deathReason: "gave_up", dueAt: undefined, tried: 10 } as const;

Deno.test("retryCallback() has a dead one delivered at once", () =>
  withDeliveries(async (rig) => {
    const { id } = await put(rig, DEAD);
    await settle();
    const { state, dueAt } = await rig.application.retryCallback(id);
    assert.deepEqual([state, dueAt], ["pending", rig.clock.now()]);
    await settle();
    assert.deepEqual(rig.callbackSender.sentTo(CALLBACK_URL), [id]);
    assert.equal((await rig.callback(id)).state, "delivered");
  }));

Deno.test("retryCallback() brings a delivered one again, the same body", () =>
  withDeliveries(async (rig) => {
    const { id } = await rig.told();
    await rig.clock.advance(500);
    await rig.application.retryCallback(id);
    await settle();
    assert.equal(rig.callbackSender.requests.length, 2);
    assert.deepEqual(rig.callbackSender.requests[0], rig.callbackSender.requests[1]);
  }));

Deno.test("retryCallback() opens a stopped URL again", async () => {
  const rig = openCallbackRig();
  rig.callbackSender.answers(CALLBACK_URL, answered(410), answered(200));
  await deliverCallback(rig.ports, "test", await rig.told());
  const later = await rig.told();
  await deliverCallback(rig.ports, "test", later);
  assert.equal((await rig.callback(later.id)).deathReason, "url_gone");
  const again = await rig.application.retryCallback(later.id);
  assert.equal(await isStopped(rig.ports, CALLBACK_URL), false);
  await deliverCallback(rig.ports, "test", again);
  assert.equal((await rig.callback(later.id)).state, "delivered");
});

Deno.test("retryCallback() decides anew when the callback was changed meanwhile", async () => {
  const rig = openCallbackRig();
  const { id } = await put(rig, DEAD);
  rig.next.callbacks.save.push(async () => {
    const current = await rig.callback(id);
    await rig.stores.callbacks.save(current, { ...current, tried: 11 });
  });
  const { state, tried } = await rig.application.retryCallback(id);
  assert.deepEqual([state, tried], ["pending", 11]);
});

Deno.test("retryCallback() says when others keep changing it", async () => {
  const rig = openCallbackRig();
  const { id } = await put(rig, DEAD);
  const change = async () => {
    const current = await rig.callback(id);
    await rig.stores.callbacks.save(current, { ...current });
  };
  rig.next.callbacks.save.push(...Array(10).fill(change));
  const refused = (error: Error) => error instanceof Refusal && error.code === "changed_meanwhile";
  await assert.rejects(rig.application.retryCallback(id), refused);
});

Deno.test("getCallback() and retryCallback() refuse an id that none has", async () => {
  const { application } = openCallbackRig();
  const refused = (error: Error) => error instanceof Refusal && error.code === "callback_not_found";
  await assert.rejects(application.getCallback("evt_none"), refused);
  await assert.rejects(application.retryCallback("evt_none"), refused);
});

Deno.test("retryDeadCallbacks() takes up every dead one in the range, however many, and no other", () =>
  withDeliveries(async (rig) => {
    const wanted: string[] = [];
    for (let n = 0; n < 250; n++) wanted.push((await put(rig, DEAD, { createdAt: 10 + n })).id);
    const early = await put(rig, DEAD, { createdAt: 9 });
    const late = await put(rig, DEAD, { createdAt: 260 });
    await put(rig, { state: "delivered", dueAt: undefined }, { createdAt: 20 });
    const answer = await rig.application.retryDeadCallbacks({ createdFrom: 10, createdTo: 260 });
    assert.deepEqual(answer, { retried: 250, hasMore: false });
    await rig.clock.advance(1_000);
    assert.deepEqual(rig.callbackSender.sentTo(CALLBACK_URL).toSorted(), wanted.toSorted());
    for (const { id } of [early, late]) assert.equal((await rig.callback(id)).state, "dead");
  }));

Deno.test("retryDeadCallbacks() opens every URL that was stopped, and counts what it took up", async () => {
  const rig = openCallbackRig();
  rig.callbackSender.answers(CALLBACK_URL, answered(410));
  await deliverCallback(rig.ports, "test", await rig.told());
  const { id } = await put(rig, DEAD);
  rig.next.callbacks.save.push(async () => {
    const current = await rig.callback(id);
    await rig.stores.callbacks.save(current, { ...current, state: "delivered" });
  });
  assert.deepEqual(await rig.application.retryDeadCallbacks({}), { retried: 1, hasMore: false });
  assert.equal(await isStopped(rig.ports, CALLBACK_URL), false);
});
