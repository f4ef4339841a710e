// Laws of adapters/konsol/konsol_payment_gateway.ts, against a server that answers what it is told to.

import assert from "node:assert/strict";
import { httpAnswer, refusedPort, serveTcp, type TcpReply } from "./tcp_server.ts";
import {
  CARD_NUMBER,
  claimedPayment,
  gatewayTo,
  NOW,
  OPEN_WINDOW,
  PHONE,
  PHONE_NUMBER,
  TOKEN,
  wirePayment,
} from "./rig.ts";
import type { KonsolPaymentGateway } from "../../../adapters/konsol/konsol_payment_gateway.ts";

const ID = wirePayment().id;
const REQUEST = { payment: claimedPayment(), cardNumber: CARD_NUMBER };
const HOOK = "https://pay.example.com/konsol/webhook";
const OWN_ERROR = { success: false, errors: [`Нельзя: ${CARD_NUMBER}`] };
const OWN_WORDS = { success: false, errors: ["Нельзя: 220220******0065"] };

function answering(status: number, body: unknown): TcpReply {
  return { bytes: httpAnswer(status, body), then: "close" };
}

/** What `call` gives when the server replies so, and what the server was asked. */
async function ask<T>(
  reply: TcpReply,
  call: (gateway: KonsolPaymentGateway) => Promise<T>,
  options = {},
) {
  await using server = serveTcp(() => reply);
  using rig = gatewayTo(server.url, { webhookUrl: HOOK, ...options });
  const outcome = await call(rig.gateway);
  return { outcome, requests: server.requests, lines: rig.lines };
}

Deno.test("createPayment() posts the payment once and gives what Konsol made of it", async () => {
  const { outcome, requests } = await ask(
    answering(201, wirePayment()),
    (gateway) => gateway.createPayment(REQUEST, OPEN_WINDOW),
  );
  assert.ok(outcome.kind === "accepted" && outcome.payment.konsolId === ID);
  assert.equal(requests.length, 1);
  const [request] = requests;
  assert.deepEqual([request?.method, request?.path], ["POST", "/api/payments"]);
  const { card_number, callback_url } = JSON.parse(request?.body ?? "");
  assert.deepEqual([card_number, callback_url], [CARD_NUMBER, HOOK]);
});

Deno.test("createPayment() calls a refused connection not executed", async () => {
  using rig = gatewayTo(`http://127.0.0.1:${refusedPort()}`);
  const outcome = await rig.gateway.createPayment(REQUEST, OPEN_WINDOW);
  const because = "not_connected";
  assert.deepEqual(outcome, { kind: "not_executed", because, reason: "tcp_connect_failed" });
});

Deno.test("createPayment() calls a connection unknown that closes without an answer", async () => {
  const { outcome, requests } = await ask(
    { then: "close" },
    (gateway) => gateway.createPayment(REQUEST, OPEN_WINDOW),
  );
  assert.deepEqual(outcome, { kind: "unknown", reason: "reset" });
  assert.equal(requests.length, 1);
});

Deno.test("createPayment() calls an answer unknown that does not come in time", async () => {
  const { outcome } = await ask(
    { then: "hold" },
    (gateway) => gateway.createPayment(REQUEST, OPEN_WINDOW),
    { timeoutMs: 60 },
  );
  assert.deepEqual(outcome, { kind: "unknown", reason: "timeout" });
});

Deno.test("createPayment() sends nothing past the window", async () => {
  const past = { ...OPEN_WINDOW, notAfter: NOW - 1 };
  const { outcome, requests } = await ask(
    answering(201, wirePayment()),
    (gateway) => gateway.createPayment(REQUEST, past),
  );
  const because = "not_begun";
  assert.deepEqual(outcome, { kind: "not_executed", because, reason: "send_window_passed" });
  assert.equal(requests.length, 0);
});

Deno.test("createPayment() sends nothing that it cannot build", async () => {
  const { outcome, requests } = await ask(
    answering(201, wirePayment()),
    (gateway) => gateway.createPayment({ payment: claimedPayment() }, OPEN_WINDOW),
  );
  const because = "not_begun";
  assert.deepEqual(outcome, { kind: "not_executed", because, reason: "request_cannot_be_built" });
  assert.equal(requests.length, 0);
});

Deno.test("getPayment() asks for the payment and gives it", async () => {
  const { outcome, requests } = await ask(
    answering(200, wirePayment({ status: "completed" })),
    (gateway) => gateway.getPayment(ID),
  );
  assert.ok(outcome.kind === "found" && outcome.payment.status === "completed");
  assert.deepEqual(requests.map(({ method, path }) => `${method} ${path}`), [
    `GET /api/payments/${ID}`,
  ]);
});

Deno.test("getPayment() believes no answer about another payment", async () => {
  const { outcome } = await ask(
    answering(200, wirePayment({ id: "another" })),
    (gateway) => gateway.getPayment(ID),
  );
  assert.deepEqual(outcome, { kind: "unavailable", reason: "failed", httpStatus: 200 });
});

Deno.test("getPayment() takes a payment for denied by 404 in Konsol's own words only", async () => {
  const get = (gateway: KonsolPaymentGateway) => gateway.getPayment(ID);
  assert.deepEqual((await ask(answering(404, OWN_ERROR), get)).outcome, { kind: "not_found" });
  for (const body of ["<html>404</html>", "", {}, []]) {
    const { outcome } = await ask(answering(404, body), get);
    assert.deepEqual(outcome, { kind: "unavailable", reason: "failed", httpStatus: 404 });
  }
});

Deno.test("getPayment() is unavailable by any other answer, in Konsol's words, masked", async () => {
  const get = (gateway: KonsolPaymentGateway) => gateway.getPayment(ID);
  for (const status of [302, 400, 401, 403, 410, 429, 500, 503]) {
    const { outcome } = await ask(answering(status, OWN_ERROR), get);
    const expected = { kind: "unavailable", reason: "failed", httpStatus: status };
    assert.deepEqual(outcome, { ...expected, words: OWN_WORDS });
  }
});

Deno.test("getPayment() tells a timeout from another failure", async () => {
  const get = (gateway: KonsolPaymentGateway) => gateway.getPayment(ID);
  const late = await ask({ then: "hold" }, get, { timeoutMs: 60 });
  assert.deepEqual(late.outcome, { kind: "unavailable", reason: "timeout" });
  const broken = await ask({ then: "close" }, get);
  assert.deepEqual(broken.outcome, { kind: "unavailable", reason: "failed" });
});

Deno.test("KonsolPaymentGateway() asks nothing about an id that is none of Konsol's", async () => {
  await using server = serveTcp(() => answering(200, wirePayment()));
  using rig = gatewayTo(server.url);
  for (
    const id of ["", ".", "..", "a/b", "../balance", "a b", "a?b", "%2e", "x".repeat(129), "ж"]
  ) {
    assert.deepEqual(await rig.gateway.getPayment(id), { kind: "not_found" });
    const failed = { kind: "unavailable", reason: "failed" };
    assert.deepEqual(await rig.gateway.cancelPayment(id), failed);
    assert.deepEqual(await rig.gateway.updatePayment(id, { status: "completed" }), failed);
  }
  assert.equal(server.connections, 0);
});

Deno.test("KonsolPaymentGateway() writes an id into a URL so that it stays one part of the path", async () => {
  const { requests } = await ask(answering(200, {}), (gateway) => gateway.getPayment("a:b.c-d_e"));
  assert.equal(requests[0]?.path, "/api/payments/a%3Ab.c-d_e");
});

Deno.test("updatePayment() puts only what changes, and takes any 2xx for an answer", async () => {
  for (const reply of [answering(200, wirePayment()), answering(204, ""), answering(200, "OK")]) {
    const { outcome, requests } = await ask(
      reply,
      (gateway) => gateway.updatePayment(ID, { description: "Новое" }),
    );
    assert.deepEqual(outcome, { kind: "answered" });
    const [request] = requests;
    assert.deepEqual([request?.method, request?.path], ["PUT", `/api/payments/${ID}`]);
    assert.deepEqual(Object.keys(JSON.parse(request?.body ?? "")), ["description"]);
  }
});

Deno.test("cancelPayment() deletes the payment, without a body", async () => {
  const { outcome, requests } = await ask(
    answering(200, wirePayment({ status: "cancelled" })),
    (gateway) => gateway.cancelPayment(ID),
  );
  assert.deepEqual(outcome, { kind: "answered" });
  const { method, path, body } = requests[0] ?? assert.fail();
  assert.deepEqual([method, path, body], ["DELETE", `/api/payments/${ID}`, ""]);
});

const CHANGES: readonly (readonly [
  name: string,
  call: (gateway: KonsolPaymentGateway) => Promise<unknown>,
])[] = [
  ["updatePayment", (gateway) => gateway.updatePayment(ID, { status: "completed" })],
  ["cancelPayment", (gateway) => gateway.cancelPayment(ID)],
];

for (const [name, call] of CHANGES) {
  Deno.test(`${name}() is refused by a 4xx in Konsol's own words, masked`, async () => {
    for (const status of [400, 404, 409, 422]) {
      const { outcome } = await ask(answering(status, OWN_ERROR), call);
      assert.deepEqual(outcome, { kind: "refused", httpStatus: status, words: OWN_WORDS });
    }
  });

  Deno.test(`${name}() is unavailable when Konsol refuses us or asks us to wait`, async () => {
    for (const httpStatus of [401, 403, 408, 429]) {
      const { outcome } = await ask(answering(httpStatus, OWN_ERROR), call);
      const words = OWN_WORDS;
      assert.deepEqual(outcome, { kind: "unavailable", reason: "failed", httpStatus, words });
    }
  });

  Deno.test(`${name}() is unavailable by anything else`, async () => {
    for (const status of [302, 400, 404, 500, 503]) {
      const { outcome } = await ask(answering(status, "<html>"), call);
      assert.deepEqual(outcome, { kind: "unavailable", reason: "failed", httpStatus: status });
    }
    const late = await ask({ then: "hold" }, call, { timeoutMs: 60 });
    assert.deepEqual(late.outcome, { kind: "unavailable", reason: "timeout" });
  });
}

Deno.test("getBalance() gives the balance, or says that it cannot", async () => {
  const get = (gateway: KonsolPaymentGateway) => gateway.getBalance();
  const found = await ask(answering(200, { balance: "1000.50", currency: "RUB", hold: 5 }), get);
  const balance = { amountMinor: 100_050, currency: "RUB", more: { hold: 5 } };
  assert.deepEqual(found.outcome, { kind: "found", balance });
  assert.equal(found.requests[0]?.path, "/api/balance");
  const none = await ask(answering(200, {}), get);
  assert.deepEqual(none.outcome, { kind: "unavailable", reason: "failed", httpStatus: 200 });
});

Deno.test("KonsolPaymentGateway() logs a line a call, by its route and never by its id", async () => {
  const { lines } = await ask(answering(500, "<html>"), async (gateway) => {
    await gateway.createPayment(REQUEST, OPEN_WINDOW);
    await gateway.getPayment(ID);
    await gateway.listPayments({ page: 2, perPage: 99 });
    await gateway.cancelPayment(ID);
    await gateway.getBalance();
  });
  const common = { status: 500, ms: 0, attempt: undefined, reason: undefined };
  const route = "/api/payments/{id}";
  assert.deepEqual(lines.map(({ fields }) => fields), [
    { ...common, method: "POST", route: "/api/payments", attempt: 1, outcome: "unknown" },
    { ...common, method: "GET", route, outcome: "unavailable" },
    { ...common, method: "GET", route: "/api/payments", outcome: "unavailable" },
    { ...common, method: "DELETE", route, outcome: "unavailable" },
    { ...common, method: "GET", route: "/api/balance", outcome: "unavailable" },
  ]);
  assert.ok(lines.every(({ level, event }) => level === "info" && event === "konsol_call"));
});

Deno.test("KonsolPaymentGateway() logs no card, phone, token or body, whatever comes back", async () => {
  const echo = { errors: [`${CARD_NUMBER} ${PHONE_NUMBER} Bearer ${TOKEN}`] };
  for (const reply of [answering(400, echo), answering(200, echo), { then: "close" } as const]) {
    const { lines } = await ask(reply, async (gateway) => {
      await gateway.createPayment(REQUEST, OPEN_WINDOW);
      await gateway.createPayment({ payment: claimedPayment({ recipient: PHONE }) }, OPEN_WINDOW);
      await gateway.updatePayment(ID, { description: CARD_NUMBER });
    });
    const text = JSON.stringify(lines);
    assert.equal(lines.length, 3);
    for (const secret of [CARD_NUMBER, PHONE_NUMBER, TOKEN, "errors"]) {
      assert.ok(!text.includes(secret));
    }
  }
});
