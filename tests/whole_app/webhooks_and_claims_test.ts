// Webhooks, claims and what must never show, through the whole service and a sandbox on a socket.

import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { openRig, seedCard, seedPhone } from "./rig.ts";

const seedWebhook = {
  event: "payment.completed",
  data: { id: "payment_123", amount: 1000.00, status: "completed" },
  timestamp: "2024-01-01T12:00:00Z",
  signature: "webhook_signature",
};

Deno.test("POST /konsol/webhook takes the seed's webhook and keeps it as an orphan", async () => {
  await using rig = await openRig();
  const taken = await rig.send("POST", "/konsol/webhook", seedWebhook);
  assert.equal(taken.status, 200);
  const logged = await eventually(async () => {
    const { json } = await rig.send("GET", `/konsol/webhooks/${taken.json.id}`);
    return json.status === "orphan" && json;
  });
  assert.equal(logged.event, "payment.completed");
  assert.equal(logged.konsol_id, "payment_123");
  assert.equal(logged.signature, "invalid");
});

Deno.test("A forged webhook completes nothing", async () => {
  await using rig = await openRig({ webhooks: false });
  const { json } = await rig.send("POST", "/konsol/payments", { ...seedCard, amount: 10.02 });
  const forged = { ...seedWebhook, data: { ...seedWebhook.data, id: json.konsol_id } };
  const taken = await rig.send("POST", "/konsol/webhook", forged);
  await eventually(async () => {
    const { json } = await rig.send("GET", `/konsol/webhooks/${taken.json.id}`);
    return json.status === "processed";
  });
  const shown = await rig.send("GET", `/konsol/payments/${json.id}`);
  assert.notEqual(shown.json.status, "completed");
});

Deno.test("POST /konsol/webhooks/{id}/replay asks Konsol again", async () => {
  await using rig = await openRig({ webhooks: false });
  const { json } = await rig.send("POST", "/konsol/payments", { ...seedCard, amount: 10.02 });
  const body = { ...seedWebhook, data: { id: json.konsol_id } };
  const taken = await rig.send("POST", "/konsol/webhook", body);
  await rig.control("POST", `/sandbox/payments/${json.konsol_id}/status`, { status: "completed" });
  const replayed = await rig.send("POST", `/konsol/webhooks/${taken.json.id}/replay`);
  assert.equal(replayed.status, 200);
  await rig.untilShown(json.id, { status: "completed" });
});

Deno.test("Lost and reordered webhooks end in the truth all the same", async () => {
  await using rig = await openRig();
  await rig.fault("drop_webhooks");
  await rig.fault("reorder_webhooks");
  const { json } = await rig.send("POST", "/konsol/payments", seedCard);
  await rig.untilShown(json.id, { status: "completed" });
});

Deno.test("POST /konsol/claims/{claim_id}/accept twenty times at once pays once", async () => {
  await using rig = await openRig();
  const claim = {
    amount: 1500.50,
    user_id: 123456789,
    payment_method: "phone",
    phone_number: "8 912 345-67-89",
    bank: "сбер",
  };
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => rig.send("POST", "/konsol/claims/77/accept", claim)),
  );
  assert.equal(new Set(answers.map(({ json }) => json.id)).size, 1);
  const [{ json }] = answers as [typeof answers[number]];
  assert.equal(json.external_id, "claim_77");
  assert.equal(json.description, "Оплата по заявке 77");
  assert.equal(json.currency, "RUB");
  assert.equal(await rig.executed(), 1);
  const other = await rig.send("POST", "/konsol/claims/77/accept", { ...claim, amount: 1 });
  assert.equal(other.status, 409);
});

Deno.test("POST /konsol/claims/{claim_id}/accept with retry_of pays anew after a failure", async () => {
  await using rig = await openRig();
  const claim = {
    amount: 10.04,
    user_id: 1,
    payment_method: "card",
    card_number: "2200000000000004",
  };
  const failed = await rig.send("POST", "/konsol/claims/78/accept", claim);
  assert.equal(failed.json.status, "failed", JSON.stringify(failed.json));
  const retry = { ...claim, amount: 10, retry_of: failed.json.id };
  const [once, twice] = await Promise.all([
    rig.send("POST", "/konsol/claims/78/accept", retry),
    rig.send("POST", "/konsol/claims/78/accept", retry),
  ]);
  assert.equal(once.json.external_id, "claim_78_r2");
  assert.equal(once.json.id, twice.json.id);
  assert.equal(await rig.executed(), 1);
});

Deno.test("POST /konsol/claims/{claim_id}/accept with retry_of asks Konsol first: paid after all is not paid anew", async () => {
  await using rig = await openRig({ webhooks: false });
  const claim = {
    amount: 10.01,
    user_id: 1,
    payment_method: "card",
    card_number: "2200000000000004",
  };
  const { json } = await rig.send("POST", "/konsol/claims/79/accept", claim);
  await rig.control("POST", `/sandbox/payments/${json.konsol_id}/status`, { status: "failed" });
  await rig.send("GET", `/konsol/payments/${json.id}?refresh=true`);
  await rig.control("POST", `/sandbox/payments/${json.konsol_id}/status`, { status: "completed" });
  const retry = await rig.send("POST", "/konsol/claims/79/accept", { ...claim, retry_of: json.id });
  assert.equal(retry.status, 409);
  assert.equal(retry.json.code, "claim_retry_not_allowed");
  assert.equal(await rig.executed(), 1);
});

Deno.test("No card number, phone or token reaches a log line", async () => {
  await using rig = await openRig();
  const card = await rig.send("POST", "/konsol/payments", seedCard);
  await rig.send("POST", "/konsol/payments", { ...seedPhone, external_id: "order_124" });
  await rig.untilShown(card.json.id, { status: "completed" });
  const logged = JSON.stringify(rig.log.entries);
  for (const secret of ["1234567890123456", "9123456789", "whole-app-token", "konsol_token"]) {
    assert.ok(!logged.includes(secret), secret);
  }
});
