// Laws of tellEvents(): each change that clients can see is stored with its event, and nothing else is.

import assert from "node:assert/strict";
import { fenceRestoredStore } from "../../application/fence_restored_store.ts";
import { tellEvents } from "../../application/tell_events.ts";
import { openRig, PHONE_COMMAND, type Rig } from "../support/application_rig.ts";
import { CALLBACK_URL } from "../support/callbacks.ts";
import { BY_REQUEST, queued, submitted } from "../support/payment_states.ts";

async function told(rig: Rig) {
  const events = await rig.stores.events.list(undefined, 100) ?? assert.fail();
  return events.map((event) => ({ ...event, body: JSON.parse(event.body) }));
}

const typesOf = async (rig: Rig) => (await told(rig)).map(({ type }) => type);

Deno.test("tellEvents() tells of a create, of its progress and of its end", async () => {
  const rig = openRig();
  const { id, konsolId } = await rig.create();
  rig.konsol.setStatus(konsolId!, "completed");
  await rig.application.getPayment(id, { refresh: true }, BY_REQUEST);
  const events = await told(rig);
  assert.deepEqual(events.map(({ type }) => type), [
    "payment.created",
    "payment.updated",
    "payment.completed",
  ]);
  assert.deepEqual(events.map(({ body }) => body.data.status), [
    "pending",
    "processing",
    "completed",
  ]);
  assert.deepEqual(new Set(events.map(({ paymentId }) => paymentId)), new Set([id]));
});

Deno.test("tellEvents() tells of a cancel", async () => {
  const rig = openRig();
  const { id } = await rig.put(queued());
  await rig.application.cancelPayment(id, BY_REQUEST);
  assert.deepEqual(await typesOf(rig), ["payment.cancelled"]);
});

Deno.test("tellEvents() writes the event's own id, type and time into its body", async () => {
  const rig = openRig();
  await rig.application.createPayment(PHONE_COMMAND, BY_REQUEST);
  for (const { id, type, createdAt, body } of await told(rig)) {
    const createdAtText = new Date(createdAt).toISOString();
    assert.deepEqual([body.id, body.type, body.created_at], [id, type, createdAtText]);
    assert.equal(body.data.phone_number, "+7912*****89");
  }
});

Deno.test("tellEvents() is silent about a repeat and about what clients cannot see", async () => {
  const rig = openRig();
  const { id } = await rig.create();
  const before = await typesOf(rig);
  await rig.create();
  await rig.application.updatePayment(id, { description: "Другое" }, BY_REQUEST);
  assert.equal((await rig.stored(id)).description, "Другое");
  assert.deepEqual(await typesOf(rig), before);
});

Deno.test("tellEvents() makes callbacks only for payments that name an address", async () => {
  const rig = openRig();
  const { id } = await rig.create({ callbackUrl: CALLBACK_URL, externalId: "with" });
  await rig.create({ externalId: "without" });
  const { items } = await rig.stores.callbacks.list({}, { perPage: 9, page: 1 });
  assert.deepEqual(items.map(({ type, ordinal }) => [type, ordinal]), [
    ["payment.updated", 3],
    ["payment.created", 1],
  ]);
  assert.deepEqual(new Set(items.map(({ paymentId }) => paymentId)), new Set([id]));
});

Deno.test("tellEvents() rings when a callback came to be, and only then", async () => {
  const rig = openRig();
  let rings = 0;
  const payments = tellEvents(rig.ports, () => rings++);
  const payment = { ...queued(), callbackUrl: CALLBACK_URL };
  await payments.insertOrGet(payment);
  assert.equal(rings, 1);
  await payments.insertOrGet(payment);
  const stored = await rig.stored(payment.id);
  await payments.save(stored, { ...stored, description: "silent" });
  await payments.save(stored, { ...stored, maybeSentAt: 1 });
  const { callbackUrl: _, ...nowhere } = queued();
  await payments.insertOrGet(nowhere);
  assert.equal(rings, 1);
  const current = await rig.stored(payment.id);
  await payments.save(current, { ...current, maybeSentAt: 1 });
  assert.equal(rings, 2);
});

Deno.test("tellEvents() answers every question as the store does", async () => {
  const rig = openRig();
  const payments = tellEvents(rig.ports, () => {});
  const payment = await rig.put(submitted());
  const { id, konsolId = "", externalId = "" } = payment;
  const page = { perPage: 9, page: 1 };
  assert.deepEqual(await payments.get(id), payment);
  assert.deepEqual(await payments.getByKonsolId(konsolId), payment);
  assert.deepEqual(await payments.getByExternalId(externalId), payment);
  assert.deepEqual((await payments.list({}, page)).items, [payment]);
  assert.deepEqual((await payments.listReviews(page)).items, []);
  assert.deepEqual(await payments.due(["submitted"], Number.MAX_SAFE_INTEGER, 9), [payment]);
});

Deno.test("fenceRestoredStore() tells clients of the payments that it puts in doubt", async () => {
  const rig = openRig();
  const { id } = await rig.put(queued());
  await fenceRestoredStore(rig.ports, "test");
  const [event, ...more] = await told(rig);
  assert.deepEqual([event?.type, event?.paymentId, more.length], ["payment.updated", id, 0]);
  assert.equal(event?.body.data.detail, "awaiting_confirmation");
});
