// The law over all of adapters/http: whatever a client sends, the answer is never a 500.

import assert from "node:assert/strict";
import fc from "fast-check";
import { httpApi } from "../../support/http_api.ts";

const API = httpApi();
const RUNS = { numRuns: 400 };

const TARGETS = [
  ["POST", "/konsol/payments"],
  ["PUT", "/konsol/payments/pay_01"],
  ["POST", "/konsol/claims/7/accept"],
  ["POST", "/konsol/invoices"],
  ["PUT", "/konsol/invoices/inv_01"],
  ["POST", "/konsol/webhook"],
  ["POST", "/konsol/payments/pay_01/review"],
  ["POST", "/konsol/submission/pause"],
  ["POST", "/konsol/submission/resume"],
] as const;
const target = fc.constantFrom(...TARGETS);

const FIELDS = [
  "amount currency payment_type payment_method card_number phone_number bank description user_id",
  "external_id callback_url metadata status konsol_id due_date invoice_url retry_of __proto__",
  "attempt decision then reason by konsol_confirmation",
].join(" ").split(" ");

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.double(),
  fc.bigInt({ min: 0n, max: 10n ** 30n }).map(String),
  fc.constantFrom("\0", "\ud800", "claim_1", "RUB", "card_payment", "card", -0, 1e308, null, true),
  fc.jsonValue({ maxDepth: 8 }),
);
const hostileBody = fc.dictionary(
  fc.oneof(fc.constantFrom(...FIELDS), fc.string({ unit: "binary" })),
  hostile,
);

/** The answer's status; an error is also held to the shape of a problem. */
async function checkedStatus(method: string, path: string, body?: string | Uint8Array) {
  const response = await API.ask(method, path, { body });
  assert.notEqual(response.status, 500, `${method} ${path}`);
  if (response.status >= 400 && method !== "HEAD") {
    assert.equal(response.headers.get("Content-Type"), "application/problem+json");
    const problem = await response.json();
    assert.equal(problem.status, response.status);
    assert.equal(problem.type, `/problems/${problem.code}`);
  }
  return response.status;
}

Deno.test("createHttpApp() never answers 500 to any JSON fields", async () => {
  await fc.assert(
    fc.asyncProperty(target, hostileBody, async ([method, path], body) => {
      await checkedStatus(method, path, JSON.stringify(body));
    }),
    RUNS,
  );
});

Deno.test("createHttpApp() never answers 500 to one hostile field in a good body", async () => {
  const good = {
    amount: 1,
    currency: "RUB",
    payment_type: "card_payment",
    card_number: "1234567890123456",
    external_id: "order_1",
  };
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...FIELDS), hostile, async (field, value) => {
      const body = JSON.stringify(Object.fromEntries([...Object.entries(good), [field, value]]));
      const status = await checkedStatus("POST", "/konsol/payments", body);
      assert.ok([201, 422].includes(status), `${status}`);
    }),
    RUNS,
  );
});

Deno.test("createHttpApp() never answers 500 to one hostile field in a good decision", async () => {
  const good = { attempt: 1, decision: "not_paid", then: "fail", reason: "r", by: "Anna" };
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...FIELDS), hostile, async (field, value) => {
      const body = JSON.stringify(Object.fromEntries([...Object.entries(good), [field, value]]));
      const status = await checkedStatus("POST", "/konsol/payments/pay_01/review", body);
      assert.ok([200, 422].includes(status), `${status}`);
    }),
    RUNS,
  );
});

Deno.test("createHttpApp() never answers 500 to any bytes", async () => {
  await fc.assert(
    fc.asyncProperty(target, fc.uint8Array({ maxLength: 200 }), async ([method, path], bytes) => {
      await checkedStatus(method, path, bytes);
    }),
    RUNS,
  );
});

Deno.test("createHttpApp() never answers 500 to deep nesting", async () => {
  for (const [method, path] of TARGETS) {
    for (const open of ["[", '{"metadata":', '{"metadata":{"a":[', '{"a":']) {
      const close = [...open].reverse().map((c) => c === "[" ? "]" : c === "{" ? "}" : "").join("");
      const depth = Math.floor(60_000 / (open.length + close.length));
      await checkedStatus(method, path, open.repeat(depth) + "1" + close.repeat(depth));
    }
  }
});

Deno.test("createHttpApp() never answers 500 to any path, query and method", async () => {
  const junk = fc.oneof(
    fc.string({ unit: "binary" }).map((text) => encodeURIComponent(text.toWellFormed())),
    fc.array(fc.constantFrom("%", "%0", "%00", "%FF", "%E2%82", "a", "..", "+", "=", "&", ";", "/"))
      .map((parts) => parts.join("")),
  );
  const base = fc.constantFrom(
    "/",
    "/konsol/",
    "/konsol/payments",
    "/konsol/payments/",
    "/konsol/webhooks/",
    "/konsol/invoices/",
    "/konsol/claims/",
    "/konsol/reviews",
    "/konsol/submission/",
  );
  const name = fc.constantFrom("status", "page", "cursor", "created_from", "user_id", "refresh");
  const method = fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS");
  await fc.assert(
    fc.asyncProperty(method, base, junk, name, junk, async (verb, start, id, key, value) => {
      await checkedStatus(verb, `${start}${id}?${key}=${value}`);
      await checkedStatus(verb, `${start}?${key}=${value}&${value}&${key}=1`);
    }),
    RUNS,
  );
});

Deno.test("createHttpApp() never answers 500 to any header values", async () => {
  const value = fc.string({ unit: "binary-ascii" }).map((text) => text.replace(/[\0\r\n]/g, ""));
  const name = fc.constantFrom(
    "Authorization",
    "Content-Type",
    "Content-Length",
    "Idempotency-Key",
    "Prefer",
    "X-Request-Id",
  );
  await fc.assert(
    fc.asyncProperty(target, name, value, async ([method, path], header, text) => {
      const response = await API.ask(method, path, { body: "{}", headers: { [header]: text } });
      assert.notEqual(response.status, 500);
    }),
    RUNS,
  );
});

Deno.test("createHttpApp() logs nothing but requests while it is fuzzed", () => {
  assert.deepEqual([...new Set(API.log.map(({ event }) => event))], ["request"]);
});
