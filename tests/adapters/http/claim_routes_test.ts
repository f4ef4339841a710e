// Laws of adapters/http/claim_routes.ts.

import assert from "node:assert/strict";
import { PHONE_PAYMENT } from "../../support/fake_application.ts";
import { errorsOf, httpApi, jsonOf } from "../../support/http_api.ts";

const PHONE = {
  amount: 1500.5,
  user_id: 123456789,
  payment_method: "phone",
  phone_number: "+79123456789",
  bank: "100000000004",
};
const CARD = {
  amount: "10",
  user_id: 1,
  payment_method: "card",
  card_number: "1234-5678-9012-3456",
  retry_of: "pay_01",
};

Deno.test("POST /konsol/claims/{claim_id}/accept hands on the claim in RUB and answers 201", async () => {
  const api = httpApi();
  const response = await api.ask("POST", "/konsol/claims/A-7/accept", { body: PHONE });
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("Location"), "/konsol/payments/pay_02");
  assert.equal((await jsonOf(response)).bank, "Сбербанк");
  assert.deepEqual(api.calls, [{
    name: "acceptClaim",
    args: [{
      claimId: "A-7",
      amountMinor: 150_050,
      userId: 123456789,
      recipient: {
        kind: "phone",
        phoneNumber: "+79123456789",
        bank: {
          id: "100000000004",
          name: "Т-Банк",
          aliases: ["Тинькофф", "Tinkoff", "T-Bank"],
        },
      },
    }, { kind: "request", id: "req-made" }],
  }]);
});

Deno.test("POST /konsol/claims/{claim_id}/accept takes a card and what it is a retry of", async () => {
  const api = httpApi();
  const headers = { Prefer: "respond-async" };
  const response = await api.ask("POST", "/konsol/claims/7/accept", { body: CARD, headers });
  assert.equal(response.status, 202);
  assert.equal(response.headers.get("Preference-Applied"), "respond-async");
  assert.deepEqual(api.calls[0]?.args[0], {
    claimId: "7",
    amountMinor: 1_000,
    userId: 1,
    recipient: {
      kind: "card",
      card: {
        digits: "1234567890123456",
        brand: "unknown",
        first6: "123456",
        last4: "3456",
        length: 16,
      },
    },
    retryOf: "pay_01",
    respondAsync: true,
  });
});

Deno.test("POST /konsol/claims/{claim_id}/accept answers a second time with 200, replayed", async () => {
  const replay = { payment: PHONE_PAYMENT, replayed: true };
  const api = httpApi({ acceptClaim: () => Promise.resolve(replay) });
  const response = await api.ask("POST", "/konsol/claims/7/accept", { body: PHONE });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("Idempotent-Replayed"), "true");
});

Deno.test("POST /konsol/claims/{claim_id}/accept tells every wrong field at once, the claim's id too", async () => {
  const body = {
    amount: 0.001,
    user_id: "7",
    payment_method: "card",
    bank: "ВТБ",
    retry_of: "",
    currency: "RUB",
  };
  const errors = await errorsOf(httpApi().ask("POST", "/konsol/claims/7_r2/accept", { body }));
  assert.deepEqual(errors, [
    "claim_id claim_id_invalid",
    "amount amount_too_precise",
    "user_id invalid_type",
    "card_number required",
    "bank not_for_this_kind",
    "retry_of id_invalid",
    "currency unknown_field",
  ]);
  assert.deepEqual(await errorsOf(httpApi().ask("POST", "/konsol/claims/7/accept", { body: {} })), [
    "amount required",
    "user_id required",
    "payment_method required",
  ]);
});

Deno.test("POST /konsol/claims/{claim_id}/accept refuses with 422 an id that no claim can have", async () => {
  const ids = ["_7", "a_r2", "%00", "%2F", "a%20b", "%E0%A4%A", "x".repeat(101), "%D1%8F"];
  for (const id of ids) {
    const api = httpApi();
    const response = await api.ask("POST", `/konsol/claims/${id}/accept`, { body: PHONE });
    assert.equal(response.status, 422, id);
    assert.deepEqual(await errorsOf(response), ["claim_id claim_id_invalid"]);
    assert.deepEqual(api.calls, []);
  }
});

Deno.test("POST /konsol/claims/{claim_id}/accept holds to the amount limit", async () => {
  const api = httpApi({}, { amountLimit: "1500" });
  const errors = await errorsOf(api.ask("POST", "/konsol/claims/7/accept", { body: PHONE }));
  assert.deepEqual(errors, ["amount amount_over_limit"]);
});
