// Laws of application/receive_webhook.ts.

import assert from "node:assert/strict";
import { receiveWebhook } from "../../application/receive_webhook.ts";
import { StoreUnavailable } from "../../application/store_unavailable.ts";
import { Refusal } from "../../domain/refusal.ts";
import { finishWebhook, type Webhook } from "../../domain/webhook.ts";
import { openRig, type Rig, webhookBody } from "../support/application_rig.ts";
import { settle } from "../support/fake_clock.ts";
import { MINUTE, NOW } from "../support/payment_states.ts";
import { aWebhook } from "../support/webhooks.ts";

const BODY = webhookBody("konsol_1", "payment.completed");
const ALL = { perPage: 100, page: 1 };

function receive({ ports }: Rig, body = BODY): Promise<Webhook> {
  return receiveWebhook(ports, body);
}

async function finished(rig: Rig, webhook: Webhook): Promise<Webhook> {
  const saved = await rig.stores.webhooks.save(webhook, finishWebhook(webhook, "pay_1", NOW));
  return saved.kind === "saved" ? saved.item : assert.fail(saved.kind);
}

Deno.test("receiveWebhook() stores it, due at once", async () => {
  const rig = openRig();
  const webhook = await receive(rig);
  assert.deepEqual(await rig.stores.webhooks.get(webhook.id), webhook);
  const { event, konsolId, state, dueAt } = webhook;
  assert.deepEqual({ event, konsolId, state, dueAt }, {
    event: "payment.completed",
    konsolId: "konsol_1",
    state: "received",
    dueAt: NOW,
  });
});

Deno.test("receiveWebhook() rejects when it cannot be stored: Konsol must send it again", async () => {
  const rig = openRig();
  rig.next.webhooks.insertOrGet.push("before");
  await assert.rejects(receive(rig), StoreUnavailable);
});

Deno.test("receiveWebhook() takes events that are not known, as they came", async () => {
  const webhook = await receive(openRig(), webhookBody("konsol_1", "payment.returned"));
  assert.equal(webhook.event, "payment.returned");
});

Deno.test("receiveWebhook() refuses what is not JSON or names no payment, and stores nothing", async () => {
  const rig = openRig();
  const bytes = (text: string) => new TextEncoder().encode(text);
  await assert.rejects(receive(rig, bytes("<html>")), { code: "webhook_not_json" });
  await assert.rejects(receive(rig, bytes('{"data":{}}')), { code: "webhook_without_id" });
  assert.equal((await rig.stores.webhooks.list({}, ALL)).total, 0);
});

Deno.test("receiveWebhook() stores a repeat once, counts it and wants it again", async () => {
  const rig = openRig();
  const first = await finished(rig, await receive(rig));
  await rig.clock.advance(1_000);
  const again = await receive(rig);
  assert.deepEqual([again.id, again.received, again.state], [first.id, 2, "received"]);
  assert.deepEqual([again.wantedSince, again.dueAt], [NOW + 1_000, NOW + 1_000]);
  assert.equal((await rig.stores.webhooks.list({}, ALL)).total, 1);
});

Deno.test("receiveWebhook() stores another body for the same payment beside it", async () => {
  const rig = openRig();
  await receive(rig);
  await receive(rig, webhookBody("konsol_1", "payment.failed"));
  assert.equal((await rig.stores.webhooks.list({}, ALL)).total, 2);
});

Deno.test("receiveWebhook() wants a repeat again that comes while it is worked off", async () => {
  const rig = openRig();
  const first = await receive(rig);
  await rig.clock.advance(1_000);
  rig.next.webhooks.save.push(() => finished(rig, first));
  const again = await receive(rig);
  assert.deepEqual([again.state, again.received, again.dueAt], ["received", 2, NOW + 1_000]);
  assert.deepEqual(again, await rig.stores.webhooks.get(first.id));
});

Deno.test("receiveWebhook() counts every repeat that comes at once", async () => {
  const rig = openRig();
  await Promise.all(Array.from({ length: 5 }, () => receive(rig)));
  const [webhook] = (await rig.stores.webhooks.list({}, ALL)).items;
  assert.equal(webhook?.received, 5);
});

/** As many webhooks of unknown payments as may wait. */
async function fillInbox(rig: Rig): Promise<void> {
  for (let count = 0; count < 2_000; count++) {
    await rig.stores.webhooks.insertOrGet(aWebhook({ dueAt: NOW + MINUTE }));
  }
}

Deno.test("receiveWebhook() refuses those of unknown payments once 2,000 wait, until some are done", async () => {
  const rig = openRig();
  await fillInbox(rig);
  await assert.rejects(receive(rig), (error: unknown) => {
    assert.ok(error instanceof Refusal);
    assert.deepEqual([error.code, error.details.retryAfterMs], ["webhook_inbox_full", MINUTE]);
    return true;
  });
  const [waiting] = await rig.stores.webhooks.due(NOW + MINUTE, 1);
  assert.ok(waiting);
  await finished(rig, waiting);
  assert.equal((await receive(rig)).state, "received");
});

Deno.test("receiveWebhook() takes those of payments that we have past 2,000, too", async () => {
  const rig = openRig();
  await rig.create();
  await fillInbox(rig);
  assert.equal((await receive(rig)).konsolId, "konsol_1");
});

/** As many of this payment as are kept. */
async function fillUp(rig: Rig, konsolId: string): Promise<Webhook[]> {
  const kept = [];
  for (let n = 0; n < 100; n++) {
    await rig.clock.advance(1);
    kept.push(await receive(rig, webhookBody(konsolId, "payment.updated", { n })));
  }
  return kept;
}

for (const isKnown of [true, false]) {
  const whose = isKnown ? "a payment that we have" : "an unknown payment";

  Deno.test(`receiveWebhook() keeps 100 of ${whose}; what more comes asks through the latest`, async () => {
    const rig = openRig();
    if (isKnown) await rig.create();
    const kept = await fillUp(rig, "konsol_1");
    const last = await finished(rig, kept.at(-1) ?? assert.fail());
    await rig.clock.advance(1_000);
    const again = await receive(rig, webhookBody("konsol_1", "payment.failed"));
    assert.deepEqual([again.id, again.received, again.state], [last.id, 2, "received"]);
    assert.deepEqual([again.wantedSince, again.dueAt], [NOW + 1_100, NOW + 1_100]);
    assert.equal((await rig.stores.webhooks.list({}, ALL)).total, 100);
    const line = rig.log.of("webhook").at(-1);
    assert.deepEqual([line?.webhook_event, line?.kept], ["payment.failed", false]);
  });
}

Deno.test("receiveWebhook() keeps 100 of a payment that we have also while 2,000 wait", async () => {
  const rig = openRig();
  await rig.create();
  const last = (await fillUp(rig, "konsol_1")).at(-1);
  rig.stores.webhooks.countUnworked = (limit) => Promise.resolve(Math.min(limit, 2_000));
  assert.equal((await receive(rig, webhookBody("konsol_1", "payment.failed"))).id, last?.id);
  assert.equal((await rig.stores.webhooks.list({}, ALL)).total, 100);
});

Deno.test("receiveWebhook() goes on storing those of other payments when one has too many", async () => {
  const rig = openRig();
  await fillUp(rig, "konsol_1");
  await receive(rig, webhookBody("konsol_2"));
  assert.equal((await rig.stores.webhooks.list({ konsolId: "konsol_2" }, ALL)).total, 1);
});

Deno.test("receiveWebhook() loses no news of a payment of which too many are kept", async () => {
  const rig = openRig();
  const { id } = await rig.create();
  await fillUp(rig, "konsol_1");
  rig.konsol.setStatus("konsol_1", "completed");
  await rig.clock.advance(MINUTE);
  await rig.application.receiveWebhook(webhookBody("konsol_1", "payment.completed"));
  await settle();
  assert.equal((await rig.stored(id)).status, "completed");
});

Deno.test("receiveWebhook() stores no more once 20,000 wait, and asks through what is there", async () => {
  const rig = openRig();
  await rig.create();
  await rig.create({ externalId: "order_2" });
  const first = await receive(rig);
  // Counted to the limit and no further: so many wait as that, and more.
  rig.stores.webhooks.countUnworked = (limit) => Promise.resolve(limit);
  const again = await receive(rig, webhookBody("konsol_1", "payment.failed"));
  assert.deepEqual([again.id, again.received], [first.id, 2]);
  await assert.rejects(receive(rig, webhookBody("konsol_2")), { code: "webhook_inbox_full" });
  assert.equal((await rig.stores.webhooks.list({}, ALL)).total, 1);
});

Deno.test("receiveWebhook() logs it without its body", async () => {
  const rig = openRig();
  await receive(rig, webhookBody("konsol_1", "payment.failed", { phone: "+79123456789" }));
  const [line] = rig.log.of("webhook");
  assert.equal(line?.konsol_id, "konsol_1");
  assert.ok(!JSON.stringify(rig.log.entries).includes("9123456789"));
});

Deno.test("receiveWebhook() of the application works it off at once, and answers before that", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.konsol.setStatus("konsol_1", "completed");
  const webhook = await rig.application.receiveWebhook(BODY);
  assert.equal(webhook.state, "received");
  await settle();
  assert.equal((await rig.stored(payment.id)).status, "completed");
  assert.equal((await rig.stores.webhooks.get(webhook.id))?.state, "processed");
});
