// Laws of application/webhook_log.ts.

import assert from "node:assert/strict";
import { openRig, webhookBody } from "../support/application_rig.ts";
import { settle } from "../support/fake_clock.ts";
import { DAY } from "../support/payment_states.ts";

const ALL = { perPage: 100, page: 1 };

Deno.test("getWebhook() finds one by its id and refuses another id", async () => {
  const { application } = openRig();
  const webhook = await application.receiveWebhook(webhookBody("konsol_1"));
  assert.equal((await application.getWebhook(webhook.id)).id, webhook.id);
  await assert.rejects(application.getWebhook("whk_9"), { code: "webhook_not_found" });
});

Deno.test("listWebhooks() lists by state, newest first", async () => {
  const { application, clock } = openRig();
  await application.receiveWebhook(webhookBody("konsol_1"));
  await clock.advance(1);
  await application.receiveWebhook(webhookBody("konsol_2"));
  await settle();
  const { items } = await application.listWebhooks({ state: "orphan" }, ALL);
  assert.deepEqual(items.map(({ konsolId }) => konsolId), ["konsol_2", "konsol_1"]);
});

Deno.test("replayWebhook() works it off again and answers how it was left", async () => {
  const rig = openRig();
  const payment = await rig.create();
  const webhook = await rig.application.receiveWebhook(webhookBody("konsol_1"));
  await settle();
  rig.konsol.setStatus("konsol_1", "completed");
  await rig.clock.advance(1);
  const replayed = await rig.application.replayWebhook(webhook.id);
  assert.equal(replayed.state, "processed");
  assert.equal((await rig.stored(payment.id)).status, "completed");
});

Deno.test("replayWebhook() gives an orphan that was given up another day", async () => {
  const rig = openRig();
  const webhook = await rig.application.receiveWebhook(webhookBody("konsol_9"));
  await rig.clock.advance(2 * DAY);
  const replayed = await rig.application.replayWebhook(webhook.id);
  assert.equal(replayed.state, "orphan");
  assert.notEqual(replayed.dueAt, undefined);
});

Deno.test("replayWebhook() refuses an id that no webhook has", async () => {
  await assert.rejects(openRig().application.replayWebhook("whk_9"), {
    code: "webhook_not_found",
  });
});
