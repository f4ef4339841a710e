// Laws of KonsolPaymentGateway.listPayments(): what counts as a list, and that no row is lost in silence.

import assert from "node:assert/strict";
import { readPaymentList } from "../../../adapters/konsol/payments_dialect.ts";
import { ANSWER_BYTES_MAX } from "../../../adapters/konsol/read_answer.ts";
import { gatewayTo, wirePayment } from "./rig.ts";
import { httpAnswer, serveTcp, type TcpReply } from "./tcp_server.ts";

function answering(status: number, body: unknown): TcpReply {
  return { bytes: httpAnswer(status, body), then: "close" };
}

async function list(reply: TcpReply, timeoutMs = 10_000) {
  await using server = serveTcp(() => reply);
  using rig = gatewayTo(server.url, { timeoutMs });
  const outcome = await rig.gateway.listPayments({ page: 3, perPage: 98 });
  return { outcome, requests: server.requests };
}

Deno.test("listPayments() asks for one page of all payments, without a filter", async () => {
  const { requests } = await list(answering(200, { items: [] }));
  assert.deepEqual(requests.map(({ method, path }) => `${method} ${path}`), [
    "GET /api/payments?page=3&per_page=98",
  ]);
});

for (
  const [name, bodyOf] of [
    ["in items", (rows: unknown[]) => ({ items: rows, total: 9, page: 3, per_page: 98 })],
    ["as a bare array", (rows: unknown[]) => rows],
  ] as const
) {
  Deno.test(`listPayments() reads each row as a payment and counts what is none, ${name}`, async () => {
    const rows = [
      wirePayment({ id: "a" }),
      {},
      wirePayment({ id: "b", status: "manualpay", metadata: null }),
      wirePayment({ id: "c", amount: "a lot" }),
      null,
      "row",
      [wirePayment()],
    ];
    const { outcome } = await list(answering(200, bodyOf(rows)));
    assert.ok(outcome.kind === "listed");
    assert.deepEqual(outcome.payments.map(({ konsolId, status }) => [konsolId, status]), [
      ["a", "pending"],
      ["b", undefined],
    ]);
    assert.equal(outcome.unreadable, 5);
  });
}

Deno.test("listPayments() takes an empty list for one", async () => {
  const { outcome } = await list(answering(200, []));
  assert.deepEqual(outcome, { kind: "listed", payments: [], unreadable: 0 });
});

Deno.test("listPayments() is unavailable by anything that is no list", async () => {
  const row = wirePayment();
  for (
    const body of ["", "OK", "null", "{}", row, { items: null }, { items: row }, { data: [row] }]
  ) {
    const { outcome } = await list(answering(200, body));
    assert.deepEqual(outcome, { kind: "unavailable", reason: "failed", httpStatus: 200 });
  }
});

Deno.test("listPayments() is unavailable by any status but a 2xx, whatever is in it", async () => {
  for (const status of [302, 400, 401, 404, 429, 500, 503]) {
    const { outcome } = await list(answering(status, { items: [] }));
    assert.deepEqual(outcome, { kind: "unavailable", reason: "failed", httpStatus: status });
  }
});

Deno.test("listPayments() is unavailable when the answer ends early or does not come", async () => {
  const cut = httpAnswer(200, { items: [wirePayment()] }).slice(0, -9);
  assert.equal((await list({ bytes: cut, then: "close" })).outcome.kind, "unavailable");
  const late = await list({ then: "hold" }, 60);
  assert.deepEqual(late.outcome, { kind: "unavailable", reason: "timeout" });
});

Deno.test("listPayments() takes a full page of the largest payments that we create", async () => {
  const metadata = { payment_id: "pay_1", note: "\\u0416".repeat(4_000) };
  const rows = Array.from({ length: 100 }, (_, n) => wirePayment({ id: `p${n}`, metadata }));
  const body = JSON.stringify({ items: rows });
  assert.ok(body.length > 2 * ANSWER_BYTES_MAX);
  const { outcome } = await list(answering(200, body));
  assert.ok(outcome.kind === "listed" && outcome.payments.length === 100);
});

Deno.test("readPaymentList() counts every row, as a payment or as unreadable", () => {
  const rows = [wirePayment(), { id: 1 }, wirePayment({ amount: {} }), undefined, 0];
  const { payments, unreadable } = readPaymentList({ items: rows }) ?? assert.fail("no list");
  assert.equal(payments.length + unreadable, rows.length);
});
