// Laws of adapters/http/invoice_routes.ts.

import assert from "node:assert/strict";
import { INVOICE } from "../../support/fake_application.ts";
import { errorsOf, httpApi, jsonOf } from "../../support/http_api.ts";

const VIEW = {
  id: "inv_01",
  konsol_id: "k-inv-1",
  amount: 5_000,
  currency: "JPY",
  status: "completed",
  due_date: "2026-02-28",
  created_at: "2026-01-31T12:00:00.007Z",
  updated_at: "2026-01-31T12:00:00.007Z",
  paid_at: "2026-01-31T12:00:00.007Z",
};

Deno.test("POST /konsol/invoices records all that is told and answers 201 with its Location", async () => {
  const api = httpApi();
  const body = {
    konsol_id: "k-inv-1",
    amount: 12.5,
    currency: "USD",
    status: "processing",
    description: "Счёт",
    due_date: "2026-02-28T10:00:00+03:00",
    user_id: 7,
    external_id: "claim_7",
    metadata: { a: 1 },
    invoice_url: "https://konsol.pro/i/1",
  };
  const response = await api.ask("POST", "/konsol/invoices", { body });
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("Location"), "/konsol/invoices/inv_01");
  assert.equal(await response.text(), JSON.stringify(VIEW));
  assert.deepEqual(api.calls, [{
    name: "createInvoice",
    args: [{
      konsolId: "k-inv-1",
      amountMinor: 1_250,
      currency: "USD",
      status: "processing",
      description: "Счёт",
      dueDate: "2026-02-28T10:00:00+03:00",
      userId: 7,
      externalId: "claim_7",
      metadata: { a: 1 },
      invoiceUrl: "https://konsol.pro/i/1",
    }],
  }]);
});

Deno.test("POST /konsol/invoices takes the status to be pending unless it is told", async () => {
  const api = httpApi();
  await api.ask("POST", "/konsol/invoices", {
    body: { konsol_id: "k", amount: 1, currency: "JPY" },
  });
  const details = { konsolId: "k", amountMinor: 1, currency: "JPY", status: "pending" };
  assert.deepEqual(api.calls[0]?.args, [details]);
});

Deno.test("POST /konsol/invoices answers a repeat with 200 and Idempotent-Replayed", async () => {
  const api = httpApi({
    createInvoice: () => Promise.resolve({ invoice: INVOICE, replayed: true }),
  });
  const response = await api.ask("POST", "/konsol/invoices", {
    body: { konsol_id: "k", amount: 1, currency: "JPY" },
  });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("Idempotent-Replayed"), "true");
});

Deno.test("POST /konsol/invoices tells every wrong field at once", async () => {
  const body = {
    konsol_id: "a b",
    amount: 1_000_001,
    currency: "RUB",
    status: "paid",
    due_date: "tomorrow",
    user_id: 0,
    invoice_url: "javascript:alert(1)",
    paid_at: "2026-01-01",
  };
  const errors = await errorsOf(httpApi().ask("POST", "/konsol/invoices", { body }));
  assert.deepEqual(errors, [
    "konsol_id id_invalid",
    "amount amount_over_limit",
    "status invalid_value",
    "due_date time_invalid",
    "user_id too_small",
    "invoice_url url_invalid",
    "paid_at unknown_field",
  ]);
  assert.deepEqual(await errorsOf(httpApi().ask("POST", "/konsol/invoices", { body: {} })), [
    "konsol_id required",
    "amount required",
    "currency required",
  ]);
});

Deno.test("GET /konsol/invoices and /{id} answer what is recorded", async () => {
  const api = httpApi();
  assert.deepEqual(await jsonOf(api.ask("GET", "/konsol/invoices/inv_01")), VIEW);
  const list = await jsonOf(api.ask("GET", "/konsol/invoices"));
  assert.deepEqual(list.items, [VIEW]);
  assert.deepEqual(api.calls[0], { name: "getInvoice", args: ["inv_01"] });
  const unknown = await api.ask("GET", "/konsol/invoices/%00");
  assert.deepEqual([unknown.status, (await jsonOf(unknown)).code], [404, "invoice_not_found"]);
});

Deno.test("PUT /konsol/invoices/{id} hands on what is told and nothing else", async () => {
  const api = httpApi();
  const body = { status: "completed", due_date: "2026-03-01", invoice_url: "http://k.pro/i" };
  assert.deepEqual(await jsonOf(api.ask("PUT", "/konsol/invoices/inv_01", { body })), VIEW);
  const changes = { status: "completed", dueDate: "2026-03-01", invoiceUrl: "http://k.pro/i" };
  assert.deepEqual(api.calls, [{ name: "updateInvoice", args: ["inv_01", changes] }]);
});

Deno.test("PUT /konsol/invoices/{id} refuses an empty change and what is fixed", async () => {
  const errors = async (body: unknown) =>
    await errorsOf(httpApi().ask("PUT", "/konsol/invoices/inv_01", { body }));
  assert.deepEqual(await errors({}), ["body empty"]);
  assert.deepEqual(await errors({ amount: 1, konsol_id: "x" }), [
    "amount unknown_field",
    "konsol_id unknown_field",
  ]);
});
