// The witness tells what happened, and the cabinet moves payments as people and banks do.
import assert from "node:assert/strict";
import { answerControl, type ControlParts } from "../../../adapters/sandbox/answer_control.ts";
import { eventually } from "../../support/eventually.ts";
import { never, phonePayment, Rig } from "./rig.ts";

Deno.test("GET /sandbox/state counts what arrived and lists what was executed", async () => {
  await using rig = await Rig.open({ stepMs: never });
  const first = await rig.createdId();
  const second = String((await rig.call("POST", "/api/payments", phonePayment)).body.id);
  await rig.create({ amount: "1.04" });
  await rig.call("POST", "/api/payments", {}, { bearer: "wrong" });
  const status = "pending";
  assert.deepEqual(await rig.witness(), {
    creates_received: 4,
    creates_executed: 2,
    executed: [
      { id: first, external_id: "order_123", payment_id: "ours_1", amount: 1000, status },
      { id: second, external_id: null, payment_id: null, amount: 1000.5, status },
    ],
    webhooks_sent: 0,
    webhooks_delivered: 0,
    balance: 9_997_999.5,
  });
});

Deno.test("POST /sandbox/payments/{id}/status returns even a completed payment", async () => {
  await using rig = await Rig.open({ balanceRoubles: "10.06" });
  const id = await rig.createdId({ amount: "10.06" });
  assert.equal(await rig.balance(), 0);
  const { status, body } = await rig.move(id, "failed");
  assert.equal(status, 200);
  assert.equal(body.status, "failed");
  assert.equal(await rig.statusOf(id), "failed");
  assert.equal(await rig.balance(), 10.06);
});

Deno.test("POST /sandbox/payments/{id}/status sets a reopened payment going again", async () => {
  await using rig = await Rig.open();
  const id = await rig.createdId({ amount: "10.06" });
  await rig.move(id, "pending");
  await eventually(async () => await rig.statusOf(id) === "completed");
});

Deno.test("POST /sandbox/payments/{id}/status refuses what it does not know", async () => {
  await using rig = await Rig.open();
  assert.equal((await rig.move("nobody", "failed")).status, 404);
  assert.equal((await rig.move(await rig.createdId(), "lost")).status, 400);
});

Deno.test("POST /sandbox/reset forgets payments, counts, faults and money spent", async () => {
  await using rig = await Rig.open();
  await rig.create();
  await rig.fault("timeout");
  assert.equal((await rig.call("POST", "/sandbox/reset")).status, 200);
  const fresh = {
    creates_received: 0,
    creates_executed: 0,
    executed: [],
    webhooks_sent: 0,
    webhooks_delivered: 0,
    balance: 10_000_000,
  };
  assert.deepEqual(await rig.witness(), fresh);
  assert.equal((await rig.create()).status, 201);
});

Deno.test("/sandbox/* is refused to any other machine", async () => {
  const url = new URL("http://sandbox/sandbox/state");
  const call = { method: "GET", url, body: "", fromLoopback: false };
  await assert.rejects(answerControl({} as ControlParts, call), { status: 403 });
});

Deno.test("/sandbox/* needs no token and has no other route", async () => {
  await using rig = await Rig.open();
  assert.equal((await rig.call("GET", "/sandbox/state", undefined, { bearer: "" })).status, 200);
  assert.equal((await rig.call("GET", "/sandbox/nothing")).status, 404);
});
