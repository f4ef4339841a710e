// Laws of application/process_webhook.ts: a webhook is a hint, and only a GET is believed.

import assert from "node:assert/strict";
import { createAskBudget } from "../../application/ask_budget.ts";
import { processWebhook } from "../../application/process_webhook.ts";
import { detailOf, type Payment } from "../../domain/payment.ts";
import { receiveWebhook, type Webhook } from "../../domain/webhook.ts";
import { openRig, type Rig, webhookBody } from "../support/application_rig.ts";
import { settle } from "../support/fake_clock.ts";
import {
  DAY,
  HOUR,
  inDoubt,
  inReview,
  NOW,
  queued,
  settled,
  submitting,
} from "../support/payment_states.ts";

let made = 0;

/** A webhook of its own, stored. */
async function hook(rig: Rig, konsolId = "konsol_1", event = "payment.updated"): Promise<Webhook> {
  const { ports, clock } = rig;
  const read = ports.webhookReader.read(webhookBody(konsolId, event, { n: ++made }));
  if (read.kind !== "notice") return assert.fail(read.code);
  const webhook = receiveWebhook(ports.ids.next("whk"), read.notice, clock.now());
  return (await rig.stores.webhooks.insertOrGet(webhook)).webhook;
}

/** A rig with one budget for all its webhooks, as the application has. */
function openInbox() {
  const rig = openRig();
  const budget = createAskBudget();
  const work = (webhook: Webhook) => processWebhook(rig.ports, budget, webhook);
  return { ...rig, work };
}

/** Works off what becomes due within `ms`, each when it does, as the worker does. */
async function workFor({ work, ...rig }: ReturnType<typeof openInbox>, ms: number): Promise<void> {
  const end = rig.clock.now() + ms;
  while (true) {
    const [next] = await rig.stores.webhooks.due(end, 1);
    await rig.clock.advance(Math.max(0, (next?.dueAt ?? end) - rig.clock.now()));
    if (next === undefined) return;
    await work(next);
  }
}

/** In doubt, while Konsol has it as konsol_1. */
async function doubtful(rig: Rig, from: Payment = inDoubt()): Promise<Payment> {
  const payment = await rig.put(from);
  rig.konsol.create(payment);
  return payment;
}

function getsOf({ gateway }: Rig, konsolId = "konsol_1"): number {
  return gateway.calls.filter((call) => call === `get ${konsolId}`).length;
}

function alarmsOf({ log }: Rig): unknown[] {
  return log.of("alarm").map(({ alarm }) => alarm);
}

Deno.test("processWebhook() applies what a GET says, with the webhook as its cause", async () => {
  const rig = openInbox();
  const payment = await rig.create();
  rig.konsol.setStatus("konsol_1", "failed");
  const webhook = await rig.work(await hook(rig, "konsol_1", "payment.completed"));
  const after = await rig.stored(payment.id);
  assert.equal(after.status, "failed");
  assert.deepEqual(after.history.at(-1)?.cause, { kind: "webhook", id: webhook.id });
  assert.deepEqual([webhook.state, webhook.paymentId], ["processed", payment.id]);
});

Deno.test("processWebhook() of a forgery changes nothing", async () => {
  const rig = openInbox();
  const payment = await rig.create();
  for (const event of ["payment.completed", "payment.failed", "payment.cancelled"]) {
    await rig.work(await hook(rig, "konsol_1", event));
  }
  assert.deepEqual(await rig.stored(payment.id), payment);
});

Deno.test("processWebhook() of any order ends at the same truth", async () => {
  const rig = openInbox();
  const payment = await rig.create();
  const [created, updated, completed] = [await hook(rig), await hook(rig), await hook(rig)];
  rig.konsol.setStatus("konsol_1", "completed");
  for (const webhook of [completed, created, updated]) await rig.work(webhook);
  const after = await rig.stored(payment.id);
  assert.deepEqual([after.status, detailOf(after)], ["completed", undefined]);
});

Deno.test("processWebhook() asks again for a repeat", async () => {
  const rig = openInbox();
  const payment = await rig.create();
  const body = webhookBody("konsol_1");
  await rig.application.receiveWebhook(body);
  await settle();
  rig.konsol.setStatus("konsol_1", "completed");
  await rig.clock.advance(1);
  await rig.application.receiveWebhook(body);
  await settle();
  assert.equal((await rig.stored(payment.id)).status, "completed");
});

Deno.test("processWebhook() tries again when Konsol could not be asked", async () => {
  const rig = openInbox();
  const payment = await rig.create();
  rig.konsol.setStatus("konsol_1", "completed");
  rig.gateway.next.get.push("timeout", "circuit_open", "failed");
  const { state, error, dueAt } = await rig.work(await hook(rig));
  assert.deepEqual([state, error], ["received", "Konsol could not be asked: timeout"]);
  assert.equal(dueAt, NOW + 1_000);
  await workFor(rig, 60_000);
  assert.equal((await rig.stored(payment.id)).status, "completed");
});

Deno.test("processWebhook() is processed only once Konsol answered, however often it failed", async () => {
  const rig = openInbox();
  await rig.create();
  rig.gateway.next.get.push("timeout", "timeout");
  let webhook = await rig.work(await hook(rig));
  for (let tried = 0; tried < 2; tried++) {
    assert.equal(webhook.state, "received");
    await rig.clock.advance((webhook.dueAt ?? 0) - rig.clock.now());
    webhook = await rig.work(webhook);
  }
  assert.deepEqual([webhook.state, getsOf(rig)], ["processed", 3]);
});

Deno.test("processWebhook() asks 3 times at once for a payment, then once in 10 s", async () => {
  const rig = openInbox();
  await rig.create();
  const hooks = [];
  for (let count = 0; count < 6; count++) hooks.push(await rig.work(await hook(rig)));
  assert.equal(getsOf(rig), 3);
  assert.deepEqual(hooks.map(({ state }) => state).slice(2), [
    "processed",
    "received",
    "received",
    "received",
  ]);
  assert.deepEqual([hooks[5]?.dueAt, hooks[5]?.tries], [NOW + 10_000, 0]);
});

Deno.test("processWebhook() asks for 10 made-up ids at once, then for 2 a second", async () => {
  const rig = openInbox();
  for (let forged = 0; forged < 50; forged++) await rig.work(await hook(rig, `made_up_${forged}`));
  assert.equal(rig.gateway.calls.length, 10);
  await workFor(rig, 1_000);
  assert.ok(rig.gateway.calls.length <= 12);
});

Deno.test("processWebhook() asks for payments that we have in the middle of a flood of made-up ids", async () => {
  const rig = openInbox();
  const payment = await rig.create();
  for (let forged = 0; forged < 50; forged++) await rig.work(await hook(rig, `made_up_${forged}`));
  rig.konsol.setStatus("konsol_1", "completed");
  assert.equal((await rig.work(await hook(rig))).state, "processed");
  assert.equal((await rig.stored(payment.id)).status, "completed");
});

Deno.test("processWebhook() finds a payment in doubt by a webhook, and a queued later attempt too (T8)", async () => {
  for (const from of [inReview(), { ...queued(), firstClaimedAt: NOW, maybeSentAt: NOW }]) {
    const rig = openInbox();
    const payment = await doubtful(rig, from);
    await rig.work(await hook(rig));
    assert.equal((await rig.stored(payment.id)).submission, "submitted");
  }
});

Deno.test("processWebhook() always asks once more after the last webhook of a burst", async () => {
  const rig = openInbox();
  const payment = await rig.create();
  for (let count = 0; count < 20; count++) await rig.work(await hook(rig));
  rig.konsol.setStatus("konsol_1", "completed");
  await workFor(rig, 11_000);
  assert.equal((await rig.stored(payment.id)).status, "completed");
  assert.equal(getsOf(rig), 4);
  assert.deepEqual(await rig.stores.webhooks.due(rig.clock.now() + DAY, 100), []);
});

Deno.test("processWebhook() takes an answer that was asked for later for its own", async () => {
  const rig = openInbox();
  await rig.create();
  const early = await hook(rig);
  await rig.clock.advance(1);
  await rig.work(await hook(rig));
  assert.equal((await rig.work(early)).state, "processed");
  assert.equal(getsOf(rig), 1);
});

Deno.test("processWebhook() adopts an orphan through metadata.payment_id (T8)", async () => {
  for (const from of [inDoubt(), submitting()]) {
    const rig = openInbox();
    const payment = await doubtful(rig, from);
    const webhook = await rig.work(await hook(rig));
    const after = await rig.stored(payment.id);
    assert.deepEqual([after.submission, after.konsolId], ["submitted", "konsol_1"]);
    assert.equal(after.history.at(-1)?.move, "T8");
    assert.deepEqual([webhook.state, webhook.paymentId], ["processed", payment.id]);
  }
});

Deno.test("processWebhook() adopts, and the create's own later answer changes nothing", async () => {
  const rig = openInbox();
  rig.gateway.next.create.push("accept_then_hold");
  const created = rig.create();
  await settle();
  await rig.work(await hook(rig));
  rig.gateway.release();
  const payment = await created;
  assert.deepEqual([payment.konsolId, detailOf(payment)], ["konsol_1", undefined]);
  assert.deepEqual(alarmsOf(rig), []);
});

Deno.test("processWebhook() asks at once again for an adopted one that has ended", async () => {
  const rig = openInbox();
  const payment = await doubtful(rig);
  rig.konsol.setStatus("konsol_1", "completed");
  await rig.work(await hook(rig));
  const after = await rig.stored(payment.id);
  assert.deepEqual([after.status, after.dueAt], ["processing", NOW]);
});

Deno.test("processWebhook() sends a queued payment that it adopted no second time", async () => {
  const rig = openInbox();
  const payment = await doubtful(rig, { ...queued(), attempt: 1, firstClaimedAt: NOW });
  await rig.work(await hook(rig));
  assert.equal((await rig.stored(payment.id)).submission, "submitted");
});

Deno.test("processWebhook() parks one in doubt that Konsol's payment names but does not fit", async () => {
  const rig = openInbox();
  const payment = await doubtful(rig);
  rig.gateway.next.get.push({ tell: { amountMinor: 1 } });
  await rig.work(await hook(rig));
  assert.equal((await rig.stored(payment.id)).submission, "review");
  assert.deepEqual(alarmsOf(rig), ["konsol_payment_does_not_fit"]);
});

Deno.test("processWebhook() flags a second Konsol payment for one of ours, and moves nothing", async () => {
  const rig = openInbox();
  const { id } = await doubtful(rig, { ...settled(), konsolId: "konsol_of_before" });
  await rig.work(await hook(rig));
  const after = await rig.stored(id);
  assert.deepEqual([after.status, detailOf(after)], ["completed", "provider_disagrees"]);
  assert.deepEqual(alarmsOf(rig), ["konsol_payment_does_not_fit"]);
});

Deno.test("processWebhook() flags a payment that Konsol has though we never sent it", async () => {
  const rig = openInbox();
  const payment = await doubtful(rig, { ...queued(), dueAt: NOW + HOUR });
  await rig.work(await hook(rig));
  const after = await rig.stored(payment.id);
  assert.deepEqual([after.submission, detailOf(after)], ["queued", "provider_disagrees"]);
});

Deno.test("processWebhook() of one that is none of ours is an orphan", async () => {
  const rig = openInbox();
  await doubtful(rig);
  rig.gateway.next.get.push({ tell: { paymentId: undefined } });
  const { state, error } = await rig.work(await hook(rig));
  assert.deepEqual([state, error], ["orphan", "Konsol has this payment, but it is none of ours"]);
  assert.deepEqual(alarmsOf(rig), []);
});

Deno.test("processWebhook() raises the alarm for Konsol's payment that names a row we lost", async () => {
  const rig = openInbox();
  rig.konsol.create(queued());
  assert.equal((await rig.work(await hook(rig))).state, "orphan");
  assert.deepEqual(alarmsOf(rig), ["konsol_payment_without_row"]);
});

Deno.test("processWebhook() tries an unknown one for a day, then leaves it an orphan", async () => {
  const rig = openInbox();
  const { id } = await rig.work(await hook(rig, "konsol_9"));
  await workFor(rig, DAY - HOUR);
  assert.notEqual((await rig.stores.webhooks.get(id))?.dueAt, undefined);
  await workFor(rig, 2 * HOUR);
  const left = await rig.stores.webhooks.get(id);
  assert.deepEqual([left?.state, left?.dueAt], ["orphan", undefined]);
  assert.match(JSON.stringify(left?.body), /dropped/);
});

Deno.test("processWebhook() finds the payment of an orphan that was only early", async () => {
  const rig = openInbox();
  const early = await rig.work(await hook(rig));
  assert.equal(early.state, "orphan");
  const payment = await rig.create();
  await rig.clock.advance((early.dueAt ?? 0) - NOW);
  const { state, paymentId } = await rig.work(early);
  assert.deepEqual([state, paymentId], ["processed", payment.id]);
});

Deno.test("processWebhook() leaves a repeat that came meanwhile due", async () => {
  const rig = openInbox();
  await rig.create();
  const webhook = await hook(rig);
  rig.next.webhooks.save.push(() =>
    rig.stores.webhooks.save(webhook, { ...webhook, received: 2, wantedSince: NOW + 1 })
  );
  await rig.work(webhook);
  const [due] = await rig.stores.webhooks.due(NOW, 1);
  assert.deepEqual([due?.received, due?.state], [2, "received"]);
});
