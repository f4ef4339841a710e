// Laws of adapters/http/authenticate.ts.

import assert from "node:assert/strict";
import { tokenCheck } from "../../../adapters/http/authenticate.ts";
import { httpApi, jsonOf, OTHER_TOKEN, TOKEN } from "../../support/http_api.ts";

const GUARDED = [
  ["POST", "/konsol/payments"],
  ["GET", "/konsol/payments"],
  ["GET", "/konsol/payments/pay_01"],
  ["PUT", "/konsol/payments/pay_01"],
  ["DELETE", "/konsol/payments/pay_01"],
  ["GET", "/konsol/payments/pay_01/events"],
  ["GET", "/konsol/reviews"],
  ["POST", "/konsol/payments/pay_01/review"],
  ["POST", "/konsol/submission/pause"],
  ["POST", "/konsol/submission/resume"],
  ["GET", "/konsol/balance"],
  ["GET", "/konsol/webhook"],
  ["GET", "/konsol/webhooks"],
  ["GET", "/konsol/webhooks/whk_01"],
  ["POST", "/konsol/webhooks/whk_01/replay"],
  ["POST", "/konsol/claims/7/accept"],
  ["POST", "/konsol/invoices"],
  ["GET", "/konsol/invoices"],
  ["GET", "/konsol/invoices/inv_01"],
  ["PUT", "/konsol/invoices/inv_01"],
] as const;

Deno.test("tokenCheck() knows each of its tokens and nothing else", () => {
  const isKnown = tokenCheck([TOKEN, OTHER_TOKEN]);
  const given = [TOKEN, OTHER_TOKEN, "", TOKEN.slice(0, -1), TOKEN + "x", TOKEN.toUpperCase()];
  assert.deepEqual(given.map(isKnown), [true, true, false, false, false, false]);
});

Deno.test("tokenCheck() knows nothing without tokens", () => {
  assert.equal(tokenCheck([])(""), false);
});

Deno.test("authenticate() refuses every route under /konsol without a token, before the use case", async () => {
  const api = httpApi();
  for (const [method, path] of GUARDED) {
    const response = await api.ask(method, path, { headers: { Authorization: "" } });
    assert.equal(response.status, 401, `${method} ${path}`);
    assert.equal(response.headers.get("WWW-Authenticate"), "Bearer");
    assert.equal((await jsonOf(response)).code, "unauthenticated");
  }
  assert.deepEqual(api.calls, []);
});

Deno.test("authenticate() takes each of several tokens, so that they can be rotated", async () => {
  const api = httpApi();
  for (const token of [TOKEN, OTHER_TOKEN]) {
    const headers = { Authorization: `bearer ${token}` };
    assert.equal((await api.ask("GET", "/konsol/balance", { headers })).status, 200);
  }
});

Deno.test("authenticate() refuses a wrong token, another scheme and no scheme", async () => {
  const api = httpApi();
  const given = [`Bearer ${TOKEN}x`, `Bearer ${TOKEN} x`, `Basic ${TOKEN}`, TOKEN, "Bearer"];
  for (const Authorization of given) {
    const response = await api.ask("GET", "/konsol/balance", { headers: { Authorization } });
    assert.equal(response.status, 401, Authorization);
  }
});

Deno.test("authenticate() comes before 404 and 405 under /konsol", async () => {
  const api = httpApi();
  const headers = { Authorization: "" };
  const paths = ["/konsol", "/konsol/", "/konsol/none", "/%6bonsol/payments", "/konsol/webhook/x"];
  for (const path of paths) {
    assert.equal((await api.ask("GET", path, { headers })).status, 401, path);
  }
  assert.equal((await api.ask("PATCH", "/konsol/payments", { headers })).status, 401);
});

Deno.test("authenticate() is not asked for the webhook and the health routes", async () => {
  const api = httpApi();
  const headers = { Authorization: "" };
  const webhook = await api.ask("POST", "/konsol/webhook", { headers, body: {} });
  assert.equal(webhook.status, 200);
  assert.equal((await api.ask("GET", "/healthz", { headers })).status, 200);
  assert.equal((await api.ask("GET", "/readyz", { headers })).status, 200);
});
