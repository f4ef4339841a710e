// Callbacks through the whole service: a client's receiver on a socket hears of a payment from its creation to its end.

import assert from "node:assert/strict";
import { idsOf } from "../contracts/stores.ts";
import { eventually } from "../support/eventually.ts";
import { openReceiver } from "./receiver.ts";
import { openRig, seedCard, seedPhone } from "./rig.ts";

type Rig = Awaited<ReturnType<typeof openRig>>;

/** Stays in processing at Konsol until it is told: both steps are shown, and make an event each. */
const STEP_BY_STEP = 10.02;

async function pay(rig: Rig, fields: Record<string, unknown>): Promise<string> {
  const request = { ...seedCard, amount: STEP_BY_STEP, ...fields };
  const { json } = await rig.send("POST", "/konsol/payments", request);
  await rig.untilShown(json.id, { status: "processing" });
  await rig.control("POST", `/sandbox/payments/${json.konsol_id}/status`, { status: "completed" });
  await rig.untilShown(json.id, { status: "completed" });
  return json.id;
}

async function callbacksOf(rig: Rig, paymentId: string, status: string) {
  const path = `/konsol/callbacks?payment_id=${paymentId}&status=${status}`;
  return (await rig.send("GET", path)).json.items;
}

Deno.test("a receiver hears created, updated and completed of a payment, signed, in order", async () => {
  await using rig = await openRig();
  await using receiver = openReceiver();
  const phone = { ...seedPhone, amount: STEP_BY_STEP, card_number: undefined };
  const id = await pay(rig, { ...phone, callback_url: receiver.url });
  const { deliveries } = receiver;
  await eventually(() => deliveries.length === 3);
  assert.deepEqual(deliveries.map(({ json }) => [json.type, json.data.status]), [
    ["payment.created", "pending"],
    ["payment.updated", "processing"],
    ["payment.completed", "completed"],
  ]);
  assert.ok(deliveries.every(({ isSigned, id, json }) => isSigned && json.id === id));
  assert.ok(deliveries.every(({ json }) => json.data.id === id));
  assert.ok(deliveries.every(({ body }) => !body.includes("79123456789")));
  const shown = await eventually(async () => {
    const items = await callbacksOf(rig, id, "delivered");
    return items.length === 3 && items;
  });
  const { tries } = shown[0];
  assert.deepEqual([tries.length, tries[0].status, tries[0].answer], [1, 200, "heard"]);
});

Deno.test("a failing receiver is tried again, the same id and body, before it hears anything later", async () => {
  await using rig = await openRig();
  await using receiver = openReceiver();
  receiver.status = 500;
  const id = await pay(rig, { callback_url: receiver.url });
  await eventually(() => receiver.deliveries.length > 0);
  const pending = await eventually(async () => {
    const items = await callbacksOf(rig, id, "pending");
    return items.length === 3 && items;
  });
  const tries = pending.map((item: { tries_total: number }) => item.tries_total);
  assert.deepEqual(tries.slice(0, 2), [0, 0]);
  receiver.status = 200;
  const retried = await rig.send("POST", `/konsol/callbacks/${receiver.deliveries[0]!.id}/retry`);
  assert.equal(retried.status, 200);
  await eventually(() => receiver.deliveries.at(-1)?.json.type === "payment.completed");
  // On a slow machine it was tried by itself as well.
  const heard = receiver.deliveries.slice(0, -2);
  assert.ok(heard.length > 1);
  assert.equal(new Set(heard.map(({ id, body }) => `${id} ${body}`)).size, 1);
  assert.deepEqual(receiver.deliveries.slice(-3).map(({ json }) => json.type), [
    "payment.created",
    "payment.updated",
    "payment.completed",
  ]);
});

Deno.test("dead letters of a receiver that was gone are brought when somebody retries them", async () => {
  await using rig = await openRig();
  await using receiver = openReceiver();
  receiver.status = 410;
  const id = await pay(rig, { callback_url: receiver.url });
  const dead = await eventually(async () => {
    const items = await callbacksOf(rig, id, "dead");
    return items.length === 3 && items;
  });
  const reasons = dead.map(({ reason }: { reason: string }) => reason);
  assert.deepEqual(reasons, ["url_gone", "url_gone", "gone"]);
  assert.equal(receiver.deliveries.length, 1);
  receiver.status = 200;
  const retried = await rig.send("POST", "/konsol/callbacks/retry", { status: "dead" });
  assert.deepEqual(retried.json, { retried: 3, has_more: false });
  await eventually(async () => (await callbacksOf(rig, id, "delivered")).length === 3);
  assert.equal(receiver.deliveries.length, 4);
});

Deno.test("GET /konsol/events pages through everything that was pushed, byte for byte", async () => {
  await using rig = await openRig();
  await using receiver = openReceiver();
  for (const external_id of ["one", "two"]) {
    await pay(rig, { external_id, callback_url: receiver.url });
  }
  await eventually(() => receiver.deliveries.length === 6);
  const pushed = new Map(receiver.deliveries.map(({ id, json }) => [id, json]));
  const listed: { id: string }[] = [];
  let after = "";
  for (let more = true; more;) {
    const { json } = await rig.send("GET", `/konsol/events?per_page=4${after}`);
    listed.push(...json.items);
    after = `&after=${json.next_after}`;
    more = json.has_more;
  }
  assert.deepEqual(idsOf(listed).toSorted(), [...pushed.keys()].toSorted());
  for (const event of listed) assert.deepEqual(event, pushed.get(event.id));
  const end = (await rig.send("GET", `/konsol/events?per_page=4${after}`)).json;
  assert.deepEqual(end, { items: [], next_after: listed.at(-1)?.id, has_more: false });
});

Deno.test("a payment whose receiver has no address completes all the same", async () => {
  await using rig = await openRig();
  const id = await pay(rig, {});
  const [, , created] = await eventually(async () => {
    const items = await callbacksOf(rig, id, "pending");
    return items.length === 3 && items[2].tries.length > 0 && items;
  });
  assert.equal(created.tries[0].error, "name_not_resolved");
});

Deno.test("no log line holds the address of a receiver", async () => {
  await using rig = await openRig();
  await using receiver = openReceiver();
  await pay(rig, { callback_url: receiver.url });
  await eventually(() => rig.log.of("callback").length === 3);
  assert.ok(!JSON.stringify(rig.log.entries).includes("of-the-client"));
});
