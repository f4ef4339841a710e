// Laws of adapters/http/balance_routes.ts and health_routes.ts.

import assert from "node:assert/strict";
import { httpApi, jsonOf } from "../../support/http_api.ts";

const ASKED_AT = Date.UTC(2026, 0, 31, 12, 0, 0, 7);

Deno.test("GET /konsol/balance answers the balance, what else Konsol says, and when", async () => {
  const more = { blocked: 5, name: "ООО", balance: -1, currency: "XXX", as_of: "never" };
  const balance = { amountMinor: -12_345, currency: "RUB", more, asOf: ASKED_AT };
  const api = httpApi({ getBalance: () => Promise.resolve(balance) });
  assert.deepEqual(await jsonOf(api.ask("GET", "/konsol/balance")), {
    balance: -123.45,
    currency: "RUB",
    as_of: "2026-01-31T12:00:00.007Z",
    blocked: 5,
    name: "ООО",
  });
});

Deno.test("GET /healthz answers that the process lives, asking nobody", async () => {
  const api = httpApi();
  const response = await api.ask("GET", "/healthz");
  assert.equal(response.status, 200);
  assert.deepEqual(await jsonOf(response), { status: "ok" });
  assert.deepEqual(api.calls, []);
});

Deno.test("GET /readyz answers 200 with each check when all is ready", async () => {
  const response = await httpApi().ask("GET", "/readyz");
  assert.equal(response.status, 200);
  const checks = [{ name: "store", ready: true }];
  assert.deepEqual(await jsonOf(response), { status: "ready", checks });
});

Deno.test("GET /readyz answers 200 while nothing is sent, and says why", async () => {
  const reason = "nothing is sent, paused: Anna: Konsol is down";
  const checks = [
    { name: "store" as const, ready: true },
    { name: "submission" as const, ready: true, reason },
  ];
  const api = httpApi({ checkReadiness: () => Promise.resolve({ ready: true, checks }) });
  const response = await api.ask("GET", "/readyz");
  assert.equal(response.status, 200);
  assert.deepEqual(await jsonOf(response), { status: "ready", checks });
});

Deno.test("GET /readyz answers 503 with the reason when something is not ready", async () => {
  const checks = [
    { name: "store" as const, ready: false, reason: "disk full" },
    { name: "workers" as const, ready: true },
  ];
  const api = httpApi({ checkReadiness: () => Promise.resolve({ ready: false, checks }) });
  const response = await api.ask("GET", "/readyz");
  assert.equal(response.status, 503);
  assert.deepEqual(await jsonOf(response), { status: "not_ready", checks });
});
