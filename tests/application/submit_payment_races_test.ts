// Laws of application/submit_payment.ts for payments that are not what a worker took them for.

import assert from "node:assert/strict";
import { submitPayment } from "../../application/submit_payment.ts";
import { openRig } from "../support/application_rig.ts";
import { stepsOf } from "../support/instances.ts";
import { HOUR, NOW, queued } from "../support/payment_states.ts";
import { aWebhook } from "../support/webhooks.ts";

Deno.test("submitPayment() sends nothing that is not due at any time", async () => {
  const rig = openRig();
  const payment = await rig.put({ ...queued(), dueAt: undefined });
  assert.equal(await submitPayment(rig.ports, rig.settings, stepsOf(rig), payment), payment);
  assert.deepEqual(rig.gateway.calls, []);
});

Deno.test("submitPayment() sends nothing that is in no store", async () => {
  const rig = openRig();
  const { recipient, id } = await rig.put(queued());
  const gone = { ...queued(), id: "pay_gone", recipient };
  const sealed = rig.vault.seal("2200120000003456", gone.id);
  assert.ok(recipient.kind === "card" && id !== gone.id);
  const payment = { ...gone, recipient: { ...recipient, sealedNumber: sealed } };
  assert.equal(await submitPayment(rig.ports, rig.settings, stepsOf(rig), payment), payment);
  assert.deepEqual(rig.gateway.calls, []);
});

Deno.test("submitPayment() looks again before it sends once more while a webhook waits that may be its", async () => {
  const rig = openRig();
  const again = { ...queued(), attempt: 1, maybeSentAt: NOW - HOUR, cleanScanAt: NOW };
  const payment = await rig.put(again);
  await rig.stores.webhooks.insertOrGet(aWebhook({ receivedAt: NOW, dueAt: NOW + HOUR }));
  await submitPayment(rig.ports, rig.settings, stepsOf(rig), payment);
  assert.equal(rig.konsol.executed, 0);
  assert.ok(rig.gateway.calls.some((call) => call.startsWith("list")));
});
