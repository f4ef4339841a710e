// Each magic amount does what the table in adapters/sandbox/README.md says, for cards and phones alike.
import assert from "node:assert/strict";
import { magicByKopecks, magicOf } from "../../../adapters/sandbox/magic_amounts.ts";
import { eventually } from "../../support/eventually.ts";
import { cardPayment, never, phonePayment, Rig } from "./rig.ts";
import { WebhookReceiver } from "./webhook_receiver.ts";

Deno.test("magicOf() goes by the kopecks alone", () => {
  assert.equal(magicOf(100_001), magicByKopecks[1]);
  assert.equal(magicOf(1), magicByKopecks[1]);
  assert.deepEqual(magicOf(100_100), {});
});

Deno.test("magicByKopecks has a row in the README for each of its keys", async () => {
  const readme = await Deno.readTextFile(
    new URL("../../../adapters/sandbox/README.md", import.meta.url),
  );
  for (const kopecks of Object.keys(magicByKopecks)) {
    const row = new RegExp(`^\| \`\.${kopecks.padStart(2, "0")}\` +\|`, "m");
    assert.match(readme, row);
  }
});

for (const base of [cardPayment, phonePayment]) {
  const kind = base.payment_method;

  Deno.test(`POST /api/payments of .01 by ${kind} fails after processing`, async () => {
    await using receiver = new WebhookReceiver();
    await using rig = await Rig.open({ stepMs: 20 });
    const before = await rig.balance();
    const id = await rig.createdId({ ...base, amount: "10.01", callback_url: receiver.url });
    await eventually(() => receiver.received.length === 3);
    assert.deepEqual(receiver.eventsByTime(), [
      "payment.created",
      "payment.updated",
      "payment.failed",
    ]);
    assert.equal(typeof (await rig.get(id)).body.error_message, "string");
    assert.equal(await rig.balance(), before);
  });

  Deno.test(`POST /api/payments of .02 by ${kind} stays processing`, async () => {
    await using rig = await Rig.open();
    const id = await rig.createdId({ ...base, amount: "10.02" });
    await eventually(async () => await rig.statusOf(id) === "processing");
    const later = await rig.createdId({ ...base });
    await eventually(async () => await rig.statusOf(later) === "completed");
    assert.equal(await rig.statusOf(id), "processing");
  });

  Deno.test(`POST /api/payments of .03 by ${kind} is answered late`, async () => {
    await using rig = await Rig.open({ slowMs: 100, stepMs: never });
    const startedAt = performance.now();
    assert.equal((await rig.create({ ...base, amount: "10.03" })).status, 201);
    assert.ok(performance.now() - startedAt >= 95);
  });

  Deno.test(`POST /api/payments of .03 by ${kind} is made before it is answered`, async () => {
    await using rig = await Rig.open({ slowMs: never, stepMs: never });
    const leaving = new AbortController();
    const answer = rig.create({ ...base, amount: "10.03" }, { signal: leaving.signal });
    await eventually(async () => (await rig.witness()).creates_executed === 1);
    leaving.abort();
    await assert.rejects(answer, { name: "AbortError" });
  });

  Deno.test(`POST /api/payments of .04 by ${kind} is rejected with 422`, async () => {
    await using rig = await Rig.open();
    const { status, body } = await rig.create({ ...base, amount: "10.04" });
    assert.equal(status, 422);
    assert.deepEqual(body, { success: false, errors: ["Получатель не может принять выплату"] });
    assert.equal((await rig.witness()).creates_executed, 0);
  });

  Deno.test(`POST /api/payments of .05 by ${kind} has no money, 402`, async () => {
    await using rig = await Rig.open();
    const { status, body } = await rig.create({ ...base, amount: "10.05" });
    assert.equal(status, 402);
    assert.deepEqual(body, { success: false, errors: ["Недостаточно средств на балансе"] });
    assert.equal((await rig.witness()).creates_executed, 0);
  });

  Deno.test(`POST /api/payments of .06 by ${kind} is completed in its answer`, async () => {
    await using receiver = new WebhookReceiver();
    await using rig = await Rig.open({ stepMs: never });
    const { body } = await rig.create({ ...base, amount: "10.06", callback_url: receiver.url });
    assert.equal(body.status, "completed");
    assert.equal(typeof body.paid_at, "string");
    await eventually(() => receiver.received.length === 2);
    assert.deepEqual(receiver.events.toSorted(), ["payment.completed", "payment.created"]);
  });
}
