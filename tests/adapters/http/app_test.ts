// Laws of adapters/http/app.ts and of what stands around every route.

import assert from "node:assert/strict";
import { httpApi, jsonOf } from "../../support/http_api.ts";

Deno.test("createHttpApp() answers 404 for an unknown path, as a problem", async () => {
  const response = await httpApi().ask("GET", "/nowhere");
  assert.equal(response.status, 404);
  assert.equal((await jsonOf(response)).code, "path_not_found");
  assert.equal((await httpApi().ask("GET", "/konsol/payments/")).status, 404);
});

Deno.test("createHttpApp() answers 405 with Allow for a method that a path has not", async () => {
  const allowed = [
    ["PATCH", "/konsol/payments", "POST, GET, HEAD"],
    ["POST", "/konsol/payments/pay_01", "GET, HEAD, PUT, DELETE"],
    ["DELETE", "/konsol/payments/pay_01/events", "GET, HEAD"],
    ["POST", "/konsol/balance", "GET, HEAD"],
    ["POST", "/konsol/reviews", "GET, HEAD"],
    ["GET", "/konsol/payments/pay_01/review", "POST"],
    ["GET", "/konsol/submission/pause", "POST"],
    ["DELETE", "/konsol/submission/resume", "POST"],
    ["GET", "/konsol/webhook", "POST"],
    ["HEAD", "/konsol/webhook", "POST"],
    ["PUT", "/konsol/webhooks", "GET, HEAD"],
    ["GET", "/konsol/webhooks/whk_01/replay", "POST"],
    ["GET", "/konsol/claims/7/accept", "POST"],
    ["OPTIONS", "/konsol/invoices", "POST, GET, HEAD"],
    ["PURGE", "/konsol/invoices/inv_01", "GET, HEAD, PUT"],
    ["POST", "/healthz", "GET, HEAD"],
  ] as const;
  const api = httpApi();
  for (const [method, path, allow] of allowed) {
    const response = await api.ask(method, path);
    assert.equal(response.status, 405, `${method} ${path}`);
    assert.equal(response.headers.get("Allow"), allow);
  }
  assert.deepEqual(api.calls, []);
});

Deno.test("createHttpApp() answers HEAD wherever GET is, without a body", async () => {
  const api = httpApi();
  const paths = [
    "/healthz",
    "/readyz",
    "/konsol/payments",
    "/konsol/payments/x",
    "/konsol/balance",
  ];
  for (const path of paths) {
    const response = await api.ask("HEAD", path);
    assert.equal(response.status, 200, path);
    assert.equal(await response.text(), "");
  }
  assert.equal((await api.ask("HEAD", "/nowhere")).status, 404);
});

Deno.test("createHttpApp() lets nothing be cached or sniffed, errors included", async () => {
  const api = httpApi();
  for (const path of ["/healthz", "/nowhere", "/konsol/payments", "/konsol/none"]) {
    const { headers } = await api.ask("GET", path);
    assert.equal(headers.get("Cache-Control"), "no-store");
    assert.equal(headers.get("X-Content-Type-Options"), "nosniff");
  }
});

Deno.test("createHttpApp() takes over a well-formed X-Request-Id and hands it on as the cause", async () => {
  const api = httpApi();
  for (const [index, given] of ["A-1_b.2", "a2200120000003456b12345678901234"].entries()) {
    const response = await api.ask("DELETE", "/konsol/payments/pay_01", {
      headers: { "X-Request-Id": given },
    });
    assert.equal(response.headers.get("X-Request-Id"), given);
    assert.deepEqual(api.calls[index]?.args[1], { kind: "request", id: given });
  }
});

Deno.test("createHttpApp() makes a request id when there is none or another kind of text", async () => {
  const api = httpApi();
  for (const given of ["", "a b", "<x>", "x".repeat(129), "é", "2200700012345678", "79123456789"]) {
    const response = await api.ask("GET", "/nowhere", { headers: { "X-Request-Id": given } });
    assert.equal(response.headers.get("X-Request-Id"), "req-made");
    assert.equal((await jsonOf(response)).request_id, "req-made");
  }
});

Deno.test("createHttpApp() logs one line a request: the route's template, no path, query or body", async () => {
  const times = [10, 12.34];
  const api = httpApi({}, { now: () => times.shift() ?? 0 });
  await api.ask("GET", "/konsol/payments/pay_77?refresh=true");
  assert.deepEqual(api.log, [{
    event: "request",
    fields: {
      method: "GET",
      route: "/konsol/payments/:id",
      status: 200,
      ms: 2.3,
      request_id: "req-made",
    },
  }]);
});

Deno.test("createHttpApp() logs the template of a refused request too", async () => {
  const api = httpApi();
  await api.ask("GET", "/konsol/webhook");
  await api.ask("GET", "/konsol/payments/x", { headers: { Authorization: "" } });
  await api.ask("GET", "/card/2200700012345678");
  await api.ask("GET", "/konsol/card/2200700012345678");
  const lines = api.log.map(({ fields }) => `${fields.route} ${fields.status}`);
  assert.deepEqual(lines, [
    "/konsol/webhook 405",
    "/konsol/payments/:id 401",
    "unmatched 404",
    "unmatched 404",
  ]);
});
