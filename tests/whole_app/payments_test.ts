// Payments through HTTP, use cases, SQLite and the gateway to a sandbox on a socket, and back.

import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { openRig, seedCard, seedPhone } from "./rig.ts";

Deno.test("POST /konsol/payments pays the seed's card once and its webhooks complete it", async () => {
  await using rig = await openRig();
  const made = await rig.send("POST", "/konsol/payments", seedCard);
  assert.equal(made.status, 201);
  assert.equal(made.headers.get("location"), `/konsol/payments/${made.json.id}`);
  assert.equal(made.json.card_number, "123456******3456");
  const shown = await rig.untilShown(made.json.id, { status: "completed" });
  assert.match(shown.paid_at, /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.equal(await rig.executed(), 1);
});

Deno.test("POST /konsol/payments pays the seed's phone and bank", async () => {
  await using rig = await openRig();
  const made = await rig.send("POST", "/konsol/payments", seedPhone);
  assert.equal(made.status, 201);
  assert.equal(made.json.bank, "Сбербанк");
  await rig.untilShown(made.json.id, { status: "completed" });
});

Deno.test("POST /konsol/payments answers external_id_reused to the seed's phone after its card", async () => {
  await using rig = await openRig();
  await rig.send("POST", "/konsol/payments", seedCard);
  const second = await rig.send("POST", "/konsol/payments", seedPhone);
  assert.equal(second.status, 409);
  assert.equal(second.json.code, "external_id_reused");
  assert.equal(await rig.executed(), 1);
});

Deno.test("POST /konsol/payments sent fifty times at once executes one create", async () => {
  await using rig = await openRig();
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => rig.send("POST", "/konsol/payments", seedCard)),
  );
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  assert.equal(answers.filter(({ status }) => status === 200).length, 49);
  assert.equal(new Set(answers.map(({ json }) => json.id)).size, 1);
  assert.equal(await rig.executed(), 1);
});

Deno.test("POST /konsol/payments with an Idempotency-Key replays for ever", async () => {
  await using rig = await openRig();
  const { external_id: _, ...body } = seedCard;
  const key = { "idempotency-key": "a-key" };
  const first = await rig.send("POST", "/konsol/payments", body, key);
  const again = await rig.send("POST", "/konsol/payments", body, key);
  assert.equal(first.status, 201);
  assert.equal(again.status, 200);
  assert.equal(again.headers.get("idempotent-replayed"), "true");
  assert.equal(again.json.id, first.json.id);
});

Deno.test("POST /konsol/payments tells Konsol's refusal as a failed payment", async () => {
  await using rig = await openRig();
  const made = await rig.send("POST", "/konsol/payments", { ...seedCard, amount: 10.04 });
  assert.equal(made.status, 201);
  assert.equal(made.json.status, "failed");
  assert.equal(made.json.failure.code, "konsol_422");
  assert.equal(await rig.executed(), 0);
});

Deno.test("POST /konsol/payments answers after SUBMIT_WAIT while Konsol is slow, and links it later", async () => {
  await using rig = await openRig({ submitWaitMs: 20, sandbox: { slowMs: 300 }, webhooks: false });
  const made = await rig.send("POST", "/konsol/payments", { ...seedCard, amount: 10.03 });
  assert.equal(made.status, 201);
  assert.equal(made.json.konsol_id, undefined);
  await eventually(async () => {
    const { json } = await rig.send("GET", `/konsol/payments/${made.json.id}`);
    return json.konsol_id !== undefined;
  });
  assert.equal(await rig.executed(), 1);
});

Deno.test("A webhook links a payment whose create is still on the wire", async () => {
  await using rig = await openRig({ sandbox: { slowMs: 200 } });
  const made = await rig.send("POST", "/konsol/payments", { ...seedCard, amount: 10.03 });
  assert.equal(made.json.detail, undefined);
  await rig.untilShown(made.json.id, { status: "completed" });
  const alarms = rig.log.of("alarm");
  assert.deepEqual(alarms, []);
  assert.equal(await rig.executed(), 1);
});

Deno.test("Prefer: respond-async answers 202 at once", async () => {
  await using rig = await openRig();
  const made = await rig.send("POST", "/konsol/payments", seedCard, { prefer: "respond-async" });
  assert.equal(made.status, 202);
  assert.equal(made.json.status, "pending");
  await rig.untilShown(made.json.id, { status: "completed" });
});

for (const when of ["before", "after"] as const) {
  Deno.test(`A create whose connection breaks ${when} its effect is in doubt and never sent again`, async () => {
    await using rig = await openRig({ webhooks: false });
    await rig.fault("reset", { when });
    const made = await rig.send("POST", "/konsol/payments", seedCard);
    assert.equal(made.status, 201);
    assert.equal(made.json.status, "processing");
    assert.equal(made.json.detail, "awaiting_confirmation");
    assert.equal(await rig.executed(), when === "after" ? 1 : 0);
    assert.equal((await rig.send("DELETE", `/konsol/payments/${made.json.id}`)).status, 409);
  });
}

Deno.test("A webhook links a payment whose answer was lost, once Konsol itself names it", async () => {
  await using rig = await openRig();
  await rig.fault("reset", { when: "after" });
  const made = await rig.send("POST", "/konsol/payments", seedCard);
  assert.equal(made.json.konsol_id, undefined);
  const shown = await rig.untilShown(made.json.id, { status: "completed" });
  assert.ok(shown.konsol_id);
  assert.equal(shown.detail, undefined);
  assert.equal(await rig.executed(), 1);
});

Deno.test("A create that times out after its effect is executed once", async () => {
  await using rig = await openRig({ konsolTimeoutMs: 100 });
  await rig.fault("accept_then_timeout");
  const made = await rig.send("POST", "/konsol/payments", seedCard);
  await rig.untilShown(made.json.id, { status: "completed" });
  assert.equal(await rig.executed(), 1);
});

Deno.test("Konsol's 429 fails nothing: the payment is sent again and executed once", async () => {
  await using rig = await openRig();
  await rig.fault("rate_limited", { retry_after_s: 0 });
  const made = await rig.send("POST", "/konsol/payments", seedCard);
  assert.equal(made.json.status, "pending");
  await rig.untilShown(made.json.id, { status: "completed" });
  assert.equal(await rig.executed(), 1);
});

Deno.test("GET /konsol/payments/{id} finds a payment by our id and by Konsol's", async () => {
  await using rig = await openRig();
  const { json } = await rig.send("POST", "/konsol/payments", seedCard);
  const byKonsols = await rig.send("GET", `/konsol/payments/${json.konsol_id}?refresh=true`);
  assert.equal(byKonsols.json.id, json.id);
});

Deno.test("PUT /konsol/payments/{id} applies the seed's status once Konsol shows it", async () => {
  await using rig = await openRig();
  const { json } = await rig.send("POST", "/konsol/payments", { ...seedCard, amount: 10.02 });
  const changes = { status: "completed", description: "Обновленное описание" };
  const updated = await rig.send("PUT", `/konsol/payments/${json.id}`, changes);
  assert.equal(updated.status, 200);
  assert.equal(updated.json.status, "completed");
  assert.equal(updated.json.description, changes.description);
});

Deno.test("PUT /konsol/payments/{id} is refused when Konsol answers and does not apply", async () => {
  await using rig = await openRig();
  const { json } = await rig.send("POST", "/konsol/payments", { ...seedCard, amount: 10.02 });
  await rig.fault("status", { call: "update", status: 200, body: "{}" });
  const updated = await rig.send("PUT", `/konsol/payments/${json.id}`, { status: "completed" });
  assert.equal(updated.status, 409);
  assert.equal(updated.json.code, "provider_did_not_apply");
});

Deno.test("DELETE /konsol/payments/{id} cancels through Konsol, and again it is cancelled already", async () => {
  await using rig = await openRig();
  const { json } = await rig.send("POST", "/konsol/payments", { ...seedCard, amount: 10.02 });
  const cancelled = await rig.send("DELETE", `/konsol/payments/${json.id}`);
  assert.equal(cancelled.status, 200);
  assert.equal(cancelled.json.status, "cancelled");
  assert.equal((await rig.send("DELETE", `/konsol/payments/${json.id}`)).status, 200);
});

Deno.test("GET /konsol/payments/{id}/events tells each change with its cause", async () => {
  await using rig = await openRig();
  const { json } = await rig.send("POST", "/konsol/payments", seedCard);
  await rig.untilShown(json.id, { status: "completed" });
  const events = await rig.send("GET", `/konsol/payments/${json.id}/events`);
  const moves = events.json.items.flatMap(({ move }: { move?: string }) => move ?? []);
  assert.deepEqual(moves, ["T1", "T3", "T5", "T12"]);
  assert.equal(events.json.items[0].cause.kind, "request");
  assert.equal(events.json.items.at(-1).cause.kind, "webhook");
});

Deno.test("GET /konsol/balance goes down with each payment", async () => {
  await using rig = await openRig();
  const before = await rig.send("GET", "/konsol/balance");
  await rig.send("POST", "/konsol/payments", seedCard);
  const after = await rig.send("GET", "/konsol/balance");
  assert.equal(before.json.balance - after.json.balance, 1000);
  assert.equal(after.json.currency, "RUB");
});

Deno.test("GET /konsol/balance is 504 when Konsol does not answer in time", async () => {
  await using rig = await openRig({ konsolTimeoutMs: 50 });
  await rig.fault("timeout", { call: "balance" });
  const answer = await rig.send("GET", "/konsol/balance");
  assert.equal(answer.status, 504);
  assert.equal(answer.json.code, "provider_timeout");
  assert.equal(answer.json.retryable, true);
});

Deno.test("DELETE /konsol/payments/{id} is 502 when Konsol refuses us and not the cancel", async () => {
  await using rig = await openRig();
  const { json } = await rig.send("POST", "/konsol/payments", { ...seedCard, amount: 10.02 });
  await rig.fault("status", { call: "cancel", status: 401, body: '{"errors":["нет доступа"]}' });
  const answer = await rig.send("DELETE", `/konsol/payments/${json.id}`);
  assert.equal(answer.status, 502);
  assert.equal(answer.json.code, "provider_failed");
});

Deno.test("GET /konsol/balance is 503 with Retry-After while the circuit is open", async () => {
  await using rig = await openRig();
  await rig.fault("reset", { when: "before", times: 3 });
  for (const n of [1, 2, 3]) {
    await rig.send("POST", "/konsol/payments", { ...seedCard, external_id: `open_${n}` });
  }
  const held = await rig.send("POST", "/konsol/payments", { ...seedCard, external_id: "held" });
  assert.equal(held.json.status, "pending");
  const answer = await rig.send("GET", "/konsol/balance");
  assert.equal(answer.status, 503);
  assert.equal(answer.json.code, "provider_circuit_open");
  assert.ok(Number(answer.headers.get("retry-after")) > 0);
  assert.equal(await rig.executed(), 0);
});
