// Laws of adapters/http/payment_routes.ts.

import assert from "node:assert/strict";
import type { Payment } from "../../../domain/payment.ts";
import { CARD_PAYMENT, PHONE_PAYMENT } from "../../support/fake_application.ts";
import { errorsOf, httpApi, jsonOf } from "../../support/http_api.ts";

const CAUSE = { kind: "request", id: "req-made" };
const BODY = {
  amount: 1,
  currency: "RUB",
  payment_type: "card_payment",
  card_number: "1234567890123456",
  external_id: "order_123",
};

const CARD_VIEW = {
  id: "pay_01",
  konsol_id: "k-1",
  external_id: "order_123",
  status: "processing",
  amount: 1000.1,
  currency: "RUB",
  description: "Оплата услуг",
  payment_type: "card_payment",
  card_number: "220070******1234",
  card_brand: "mir",
  user_id: 123456789,
  callback_url: "https://your-domain.com/webhook",
  metadata: { order_id: "123" },
  created_at: "2026-01-31T12:00:00.007Z",
  updated_at: "2026-01-31T12:00:01.007Z",
};

Deno.test("POST /konsol/payments answers 201 with the payment and its Location", async () => {
  const api = httpApi();
  const response = await api.ask("POST", "/konsol/payments", { body: BODY });
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("Location"), "/konsol/payments/pay_01");
  assert.equal(response.headers.get("Idempotent-Replayed"), null);
  assert.deepEqual(await jsonOf(response), CARD_VIEW);
  assert.deepEqual(api.calls.map(({ name, args }) => [name, args[1]]), [["createPayment", CAUSE]]);
});

Deno.test("POST /konsol/payments answers a repeat with 200 and Idempotent-Replayed", async () => {
  const replay = { payment: CARD_PAYMENT, replayed: true };
  const api = httpApi({ createPayment: () => Promise.resolve(replay) });
  for (const Prefer of ["", "respond-async"]) {
    const response = await api.ask("POST", "/konsol/payments", { body: BODY, headers: { Prefer } });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("Idempotent-Replayed"), "true");
    assert.deepEqual(await jsonOf(response), CARD_VIEW);
  }
});

Deno.test("POST /konsol/payments answers 202 at once when the client prefers so", async () => {
  const preferences = [
    "respond-async",
    "return=minimal, Respond-Async;x=1",
    "wait=5,respond-async",
  ];
  for (const Prefer of preferences) {
    const api = httpApi();
    const response = await api.ask("POST", "/konsol/payments", { body: BODY, headers: { Prefer } });
    assert.equal(response.status, 202, Prefer);
    assert.equal(response.headers.get("Preference-Applied"), "respond-async");
    assert.equal(response.headers.get("Location"), "/konsol/payments/pay_01");
    assert.equal((api.calls[0]?.args[0] as { respondAsync: boolean }).respondAsync, true);
  }
  const headers = { Prefer: "respond-asynchronously" };
  const other = await httpApi().ask("POST", "/konsol/payments", { body: BODY, headers });
  assert.equal(other.status, 201);
});

Deno.test("GET /konsol/payments/{id} answers the payment, fields in their documented order", async () => {
  const api = httpApi();
  const response = await api.ask("GET", "/konsol/payments/pay_01");
  assert.equal(await response.text(), JSON.stringify(CARD_VIEW));
  assert.deepEqual(api.calls, [{
    name: "getPayment",
    args: ["pay_01", { refresh: false }, CAUSE],
  }]);
});

Deno.test("GET /konsol/payments/{id} shows a phone in full, the bank's name, failure and detail", async () => {
  const payment: Payment = {
    ...PHONE_PAYMENT,
    providerDisagrees: true,
    paymentUrl: "https://konsol.pro/p/1",
    paidAt: CARD_PAYMENT.createdAt,
  };
  const api = httpApi({ getPayment: () => Promise.resolve(payment) });
  const view = await jsonOf(api.ask("GET", "/konsol/payments/pay_02"));
  assert.equal(view.phone_number, "+79123456789");
  assert.equal(view.bank, "Сбербанк");
  assert.equal(view.payment_type, "phone_payment");
  assert.equal(view.detail, "provider_disagrees");
  assert.equal(view.payment_url, "https://konsol.pro/p/1");
  assert.equal(view.paid_at, "2026-01-31T12:00:00.007Z");
  assert.deepEqual(view.failure, { code: "insufficient_funds", message: "Недостаточно средств" });
  assert.equal("konsol_id" in view, false);
});

Deno.test("GET /konsol/payments/{id} asks Konsol first with refresh=true, and takes nothing else", async () => {
  const api = httpApi();
  await api.ask("GET", "/konsol/payments/k-1?refresh=true");
  await api.ask("GET", "/konsol/payments/k-1?refresh=false");
  assert.deepEqual(api.calls.map(({ args }) => args[1]), [{ refresh: true }, { refresh: false }]);
  const errors = async (query: string) =>
    await errorsOf(api.ask("GET", `/konsol/payments/k-1?${query}`));
  assert.deepEqual(await errors("refresh=1"), ["refresh invalid_value"]);
  assert.deepEqual(await errors("x=1&refresh=true&refresh=true"), [
    "refresh duplicate",
    "x unknown_field",
  ]);
});

Deno.test("GET /konsol/payments/{id}/events answers the history, oldest first", async () => {
  const api = httpApi();
  const response = await api.ask("GET", "/konsol/payments/pay_01/events");
  assert.deepEqual(await jsonOf(response), {
    items: [
      {
        at: "2026-01-31T12:00:00.007Z",
        move: "T1",
        status: "pending",
        submission: "queued",
        attempt: 0,
        cause: { kind: "request", id: "req-1" },
      },
      {
        at: "2026-01-31T12:00:01.007Z",
        status: "processing",
        submission: "submitted",
        attempt: 1,
        note: "Konsol says: processing",
        cause: { kind: "poll" },
      },
    ],
  });
});

Deno.test("PUT /konsol/payments/{id} hands on what is to change and answers the payment", async () => {
  const api = httpApi();
  const changes = {
    status: "completed",
    description: "Обновленное описание",
    metadata: { a: [1] },
  };
  const response = await api.ask("PUT", "/konsol/payments/pay_01", { body: changes });
  assert.equal(response.status, 200);
  assert.deepEqual(await jsonOf(response), CARD_VIEW);
  assert.deepEqual(api.calls, [{ name: "updatePayment", args: ["pay_01", changes, CAUSE] }]);
});

Deno.test("PUT /konsol/payments/{id} refuses an empty change, other fields and unknown statuses", async () => {
  const errors = async (body: unknown) =>
    await errorsOf(httpApi().ask("PUT", "/konsol/payments/pay_01", { body }));
  assert.deepEqual(await errors({}), ["body empty"]);
  assert.deepEqual(await errors({ status: "paid", amount: 1, description: 1 }), [
    "status invalid_value",
    "description invalid_type",
    "amount unknown_field",
  ]);
});

Deno.test("DELETE /konsol/payments/{id} cancels and answers the payment", async () => {
  const api = httpApi();
  const response = await api.ask("DELETE", "/konsol/payments/pay_01");
  assert.equal(response.status, 200);
  assert.deepEqual(await jsonOf(response), CARD_VIEW);
  assert.deepEqual(api.calls, [{ name: "cancelPayment", args: ["pay_01", CAUSE] }]);
});

Deno.test("/konsol/payments/{id} is not found for an id that nothing can have", async () => {
  const ids = ["%00", "%20", "a%0Ab", "%E2%82%AC", "x".repeat(129), "a%09"];
  for (const id of ids) {
    const api = httpApi();
    for (const method of ["GET", "PUT", "DELETE"]) {
      const body = method === "PUT" ? { description: "x" } : undefined;
      const response = await api.ask(method, `/konsol/payments/${id}`, { body });
      assert.equal(response.status, 404, `${method} ${id}`);
      assert.equal((await jsonOf(response)).code, "payment_not_found");
    }
    assert.equal((await api.ask("GET", `/konsol/payments/${id}/events`)).status, 404);
    assert.deepEqual(api.calls, []);
  }
});

Deno.test("/konsol/payments/{id} decodes the id, and looks up what cannot be decoded as it is", async () => {
  const api = httpApi();
  for (const id of ["a%2Fb", "%41", "%ZZ", "%E0%A4%A", "%25"]) {
    await api.ask("GET", `/konsol/payments/${id}`);
  }
  const asked = api.calls.map(({ args }) => args[0]);
  assert.deepEqual(asked, ["a/b", "A", "%ZZ", "%E0%A4%A", "%"]);
});
