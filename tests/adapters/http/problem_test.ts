// Laws of adapters/http/problem.ts.

import assert from "node:assert/strict";
import { StoreUnavailable } from "../../../application/store_unavailable.ts";
import { Refusal, REFUSAL_CODES, type RefusalDetails } from "../../../domain/refusal.ts";
import { httpApi, jsonOf } from "../../support/http_api.ts";

const STATUSES: Readonly<Record<(typeof REFUSAL_CODES)[number], number>> = {
  payment_not_found: 404,
  invoice_not_found: 404,
  webhook_not_found: 404,
  callback_not_found: 404,
  event_not_found: 404,
  idempotency_key_reused: 409,
  external_id_reused: 409,
  handles_name_two_payments: 409,
  too_many_repeats_differ: 429,
  claim_accepted_differently: 409,
  claim_retry_not_allowed: 409,
  payment_not_cancellable: 409,
  status_change_not_allowed: 409,
  provider_did_not_apply: 409,
  payment_not_in_review: 409,
  nothing_to_acknowledge: 409,
  review_outdated: 409,
  review_too_early: 409,
  review_resubmit_not_possible: 409,
  card_number_gone: 409,
  card_number_in_text: 422,
  restore_not_checked: 409,
  restore_lacks_payments: 409,
  konsol_payment_not_found: 409,
  konsol_payment_does_not_fit: 409,
  webhook_not_json: 400,
  webhook_without_id: 422,
  webhook_inbox_full: 503,
  konsol_id_reused: 409,
  invoice_status_not_forward: 409,
  changed_meanwhile: 409,
  provider_timeout: 504,
  provider_circuit_open: 503,
  provider_failed: 502,
  store_unavailable: 503,
};

const RETRYABLE = [
  "review_too_early",
  "restore_not_checked",
  "webhook_inbox_full",
  "changed_meanwhile",
  "too_many_repeats_differ",
  "provider_timeout",
  "provider_circuit_open",
  "provider_failed",
  "store_unavailable",
];

function failing(error: unknown) {
  return httpApi({ getBalance: () => Promise.reject(error) });
}

function refused(code: (typeof REFUSAL_CODES)[number], details?: RefusalDetails) {
  return failing(new Refusal(code, "Cannot x as y: z", details)).ask("GET", "/konsol/balance");
}

Deno.test("answerError() gives each refusal its status, type, code and message", async () => {
  for (const code of REFUSAL_CODES) {
    const response = await refused(code);
    assert.equal(response.status, STATUSES[code], code);
    assert.equal(response.headers.get("Content-Type"), "application/problem+json");
    const { title, ...problem } = await jsonOf(response);
    assert.ok(title.length > 0);
    assert.deepEqual(problem, {
      type: `/problems/${code}`,
      status: STATUSES[code],
      detail: "Cannot x as y: z",
      code,
      retryable: RETRYABLE.includes(code),
      request_id: "req-made",
    });
  }
});

Deno.test("answerError() passes the fields of a refusal on as errors", async () => {
  const fields = [{ field: "amount", code: "differs", message: "differs from the payment" }];
  const problem = await jsonOf(refused("external_id_reused", { fields }));
  assert.deepEqual(problem.errors, fields);
});

Deno.test("answerError() shows Konsol's own words, redacted", async () => {
  const provider = { message: "card 2200 7000 0000 0000", token: "s3cret", phone: "+79123456789" };
  const text = await (await refused("provider_failed", { provider })).text();
  assert.match(JSON.parse(text).provider.message, /^card /);
  assert.doesNotMatch(text, /2200 7000 0000 0000|s3cret|9123456789/);
});

Deno.test("answerError() says when to try again, in whole seconds and never in none", async () => {
  const after = async (retryAfterMs?: number) =>
    (await refused("provider_circuit_open", { retryAfterMs })).headers.get("Retry-After");
  assert.deepEqual([await after(), await after(1_001), await after(0)], [null, "2", "1"]);
});

Deno.test("answerError() says from when it is allowed, and in Retry-After not a moment earlier", async () => {
  const allowedFrom = Date.UTC(2026, 1, 1, 12, 0, 6, 7);
  const response = await refused("review_too_early", { allowedFrom });
  assert.equal((await jsonOf(response)).allowed_from, "2026-02-01T12:00:06.007Z");
  assert.equal(response.headers.get("Retry-After"), "Sun, 01 Feb 2026 12:00:07 GMT");
  assert.equal((await refused("review_too_early")).headers.get("Retry-After"), null);
});

Deno.test("answerError() answers 503 with Retry-After when the store is not available", async () => {
  const api = failing(new StoreUnavailable("disk /var/secret is full"));
  const response = await api.ask("GET", "/konsol/balance");
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("Retry-After"), "1");
  const text = await response.text();
  assert.equal(JSON.parse(text).code, "store_unavailable");
  assert.doesNotMatch(text, /secret/);
  assert.doesNotMatch(text, /nothing was done/, "a payment may be stored by then, or sent");
  assert.deepEqual(api.log.map(({ event }) => event), ["request"]);
});

Deno.test("answerError() answers a bug with 500, tells nothing of it and logs it once, redacted", async () => {
  const api = failing(new TypeError("cannot read 2200 7000 0000 0000 of undefined"));
  const response = await api.ask("GET", "/konsol/balance?card=2200700000000000");
  const text = await response.text();
  assert.equal(response.status, 500);
  assert.equal(JSON.parse(text).code, "unexpected_error");
  assert.equal(JSON.parse(text).request_id, "req-made");
  assert.doesNotMatch(text, /TypeError|undefined|2200|\.ts/);
  assert.deepEqual(api.log.map(({ event }) => event), ["unexpected_error", "request"]);
  const logged = JSON.stringify(api.log);
  assert.match(logged, /TypeError/);
  assert.match(logged, /problem_test\.ts/);
  assert.doesNotMatch(logged, /2200 ?7000 ?0000 ?0000/);
});
