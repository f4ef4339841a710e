// The gateway in memory keeps the contract of the port, and goes wrong exactly as it is told to.

import assert from "node:assert/strict";
import { MemoryKonsol } from "../../../adapters/memory/memory_konsol.ts";
import {
  type CreateBehaviour,
  type GetBehaviour,
  MemoryPaymentGateway,
} from "../../../adapters/memory/memory_payment_gateway.ts";
import {
  type Mishap,
  type OpenGateway,
  paymentGatewayContract,
} from "../../contracts/payment_gateway_contract.ts";
import { FakeClock, settle } from "../../support/fake_clock.ts";
import { submitting } from "../../support/payment_states.ts";

const CREATE: Readonly<Record<Mishap, CreateBehaviour>> = {
  lose_answer: "accept_then_lose_answer",
  lose_before_effect: "lose_before_effect",
  refuse: { refuse: "card_blocked" },
  hold_off: { notExecuted: "konsol_429", httpStatus: 429, retryAfterMs: 1_000 },
};

function open() {
  const clock = new FakeClock();
  const konsol = new MemoryKonsol({ clock });
  const gateway = new MemoryPaymentGateway({ konsol, clock });
  const window = { notAfter: Infinity, notAfterMonotonic: Infinity };
  const create = () => gateway.createPayment({ payment: submitting() }, window);
  return { clock, konsol, gateway, create };
}

paymentGatewayContract("MemoryPaymentGateway", () => {
  const { clock, konsol, gateway } = open();
  const opened: OpenGateway = {
    gateway,
    clock,
    executed: () => Promise.resolve(konsol.executed),
    seedStatus: (konsolId, status) => Promise.resolve(konsol.setStatus(konsolId, status)),
    spoil(call, how) {
      if (call === "create") gateway.next.create.push(CREATE[how]);
      else if (call === "get" || call === "list" || call === "balance") {
        gateway.next[call].push("timeout");
      } else gateway.next[call].push(how === "lose_answer" ? "apply_then_lose_answer" : "timeout");
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  return Promise.resolve(opened);
});

Deno.test("MemoryPaymentGateway.createPayment() accept_then_hold answers when it is released", async () => {
  const { konsol, gateway, create } = open();
  gateway.next.create.push("accept_then_hold");
  const answer = create();
  await settle();
  assert.deepEqual([konsol.executed, gateway.held], [1, 1]);
  gateway.release();
  assert.equal((await answer).kind, "accepted");
});

Deno.test("MemoryPaymentGateway.createPayment() hold_then_accept takes effect when it is released", async () => {
  const { konsol, gateway, create } = open();
  gateway.next.create.push("hold_then_accept");
  const answer = create();
  await settle();
  assert.equal(konsol.executed, 0);
  gateway.release();
  assert.equal((await answer).kind, "accepted");
  assert.equal(konsol.executed, 1);
});

Deno.test("MemoryPaymentGateway.createPayment() tells another amount than it executed", async () => {
  const { konsol, gateway, create } = open();
  gateway.next.create.push({ tell: { amountMinor: 1 } });
  const answer = await create();
  assert.equal(answer.kind === "accepted" && answer.payment.amountMinor, 1);
  assert.equal(konsol.records[0]?.amountMinor, submitting().amountMinor);
});

Deno.test("MemoryPaymentGateway.createPayment() begins nothing past the window, and no call is noted", async () => {
  const { konsol, gateway, clock } = open();
  const window = { notAfter: clock.now() - 1, notAfterMonotonic: Infinity };
  gateway.next.create.push("lose_before_effect");
  await gateway.createPayment({ payment: submitting() }, window);
  assert.deepEqual([konsol.executed, gateway.calls, gateway.next.create.length], [0, [], 1]);
});

Deno.test("MemoryPaymentGateway.getPayment() held answers what was true when it was asked", async () => {
  const { konsol, gateway, create } = open();
  await create();
  gateway.next.get.push("hold");
  const asked = gateway.getPayment("konsol_1");
  konsol.setStatus("konsol_1", "completed");
  gateway.release();
  const answer = await asked;
  assert.equal(answer.kind === "found" && answer.payment.status, "processing");
});

Deno.test("MemoryPaymentGateway.getPayment() gives each reason, denial and other words as told", async () => {
  const { gateway, create } = open();
  await create();
  const behaviours: GetBehaviour[] = ["timeout", "circuit_open", "failed", "not_found"];
  gateway.next.get.push(...behaviours, { tell: { status: undefined, statusText: "manualpay" } });
  const answers = [];
  for (let asked = 0; asked < 6; asked++) answers.push(await gateway.getPayment("konsol_1"));
  assert.deepEqual(
    answers.map((answer) =>
      answer.kind === "unavailable"
        ? answer.reason
        : answer.kind === "found"
        ? answer.payment.statusText
        : answer.kind
    ),
    [...behaviours, "manualpay", "processing"],
  );
});

Deno.test("MemoryPaymentGateway.createPayment() executes nothing it is told not to, and says why", async () => {
  const { konsol, gateway, create } = open();
  const refused = { notExecuted: "konsol_401", httpStatus: 401 };
  gateway.next.create.push({ notExecuted: "tcp_connect_failed" }, refused);
  gateway.next.create.push({ doubt: "http_404", httpStatus: 404 });
  const answers = [];
  for (let asked = 0; asked < 3; asked++) {
    answers.push(JSON.parse(JSON.stringify(await create())));
  }
  const notExecuted = { kind: "not_executed", because: "not_connected" };
  assert.deepEqual(answers, [
    { ...notExecuted, reason: "tcp_connect_failed" },
    { ...notExecuted, because: "konsol_answered", reason: "konsol_401", httpStatus: 401 },
    { kind: "unknown", reason: "http_404", httpStatus: 404 },
  ]);
  assert.equal(konsol.executed, 0);
});

Deno.test("MemoryPaymentGateway.listPayments() is stale, unreadable or unavailable as told", async () => {
  const { gateway, create } = open();
  for (let n = 0; n < 3; n++) await create();
  gateway.next.list.push("stale", "unreadable_row", "failed");
  const answers = [];
  for (let asked = 0; asked < 4; asked++) {
    const answer = await gateway.listPayments({ page: 1, perPage: 2 });
    answers.push(
      answer.kind === "unavailable"
        ? answer.reason
        : [...answer.payments.map(({ konsolId }) => konsolId), answer.unreadable],
    );
  }
  assert.deepEqual(answers, [
    ["konsol_2", "konsol_1", 0],
    ["konsol_2", 1],
    "failed",
    ["konsol_3", "konsol_2", 0],
  ]);
});

Deno.test("MemoryPaymentGateway.listPayments() sorts by what Konsol says of the creation", async () => {
  const { konsol, gateway, clock, create } = open();
  for (let n = 0; n < 2; n++) await create();
  const record = konsol.records[0]!;
  konsol.plant({ ...record, konsolId: "old", createdAt: clock.now() - 1 });
  konsol.plant({ ...record, konsolId: "timeless", createdAt: undefined });
  const answer = await gateway.listPayments({ page: 1, perPage: 9 });
  assert.ok(answer.kind === "listed");
  const ids = answer.payments.map(({ konsolId }) => konsolId);
  assert.deepEqual(ids, ["konsol_2", "konsol_1", "old", "timeless"]);
});

Deno.test("MemoryKonsol.create() refuses more than the balance, and what failed comes back", () => {
  const { clock } = open();
  const konsol = new MemoryKonsol({ clock, balanceMinor: 150_000 });
  assert.equal(konsol.create(submitting())?.konsolId, "konsol_1");
  assert.equal(konsol.create(submitting()), undefined);
  konsol.setStatus("konsol_1", "failed");
  assert.equal(konsol.balanceMinor, 150_000);
  assert.equal(konsol.executed, 1);
});
