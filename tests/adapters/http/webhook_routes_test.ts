// Laws of adapters/http/webhook_routes.ts.

import assert from "node:assert/strict";
import { StoreUnavailable } from "../../../application/store_unavailable.ts";
import { httpApi, jsonOf } from "../../support/http_api.ts";

const VIEW = {
  id: "whk_01",
  event: "payment.completed",
  konsol_id: "k-1",
  payment_id: "pay_01",
  status: "processed",
  processed: true,
  signature: "unchecked",
  body: { event: "payment.completed" },
  received: 2,
  tries: 1,
  received_at: "2026-01-31T12:00:00.007Z",
  last_received_at: "2026-01-31T12:00:00.007Z",
  processed_at: "2026-01-31T12:00:00.007Z",
};

Deno.test("POST /konsol/webhook hands on the raw bytes of any content type, without a token", async () => {
  for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded", ""]) {
    const api = httpApi();
    const body = new Uint8Array([123, 0xff, 125]);
    const headers = { "Content-Type": type, Authorization: "" };
    const response = await api.ask("POST", "/konsol/webhook", { body, headers });
    assert.equal(response.status, 200);
    assert.deepEqual(await jsonOf(response), { received: true, id: "whk_01" });
    assert.deepEqual(api.calls, [{ name: "receiveWebhook", args: [body] }]);
  }
});

Deno.test("POST /konsol/webhook hands on an empty body as no bytes", async () => {
  const api = httpApi();
  await api.ask("POST", "/konsol/webhook");
  assert.deepEqual(api.calls[0]?.args, [new Uint8Array()]);
});

Deno.test("POST /konsol/webhook answers 503 with Retry-After at once when the store is out", async () => {
  const receiveWebhook = () => Promise.reject(new StoreUnavailable("the disk is full"));
  const api = httpApi({ receiveWebhook });
  const response = await api.ask("POST", "/konsol/webhook", { body: { data: { id: "k-1" } } });
  assert.deepEqual([response.status, response.headers.get("Retry-After")], [503, "1"]);
  assert.equal((await jsonOf(response)).code, "store_unavailable");
  assert.deepEqual(api.calls.map(({ name }) => name), ["receiveWebhook"]);
});

Deno.test("GET /konsol/webhooks and /{id} answer the log without its hashes", async () => {
  const api = httpApi();
  assert.deepEqual(await jsonOf(api.ask("GET", "/konsol/webhooks/whk_01")), VIEW);
  assert.deepEqual((await jsonOf(api.ask("GET", "/konsol/webhooks"))).items, [VIEW]);
  const unknown = await api.ask("GET", "/konsol/webhooks/%00");
  assert.deepEqual([unknown.status, (await jsonOf(unknown)).code], [404, "webhook_not_found"]);
});

Deno.test("POST /konsol/webhooks/{id}/replay works it off again and answers it, without a body", async () => {
  const api = httpApi();
  const response = await api.ask("POST", "/konsol/webhooks/whk_01/replay");
  assert.equal(response.status, 200);
  assert.deepEqual(await jsonOf(response), VIEW);
  assert.deepEqual(api.calls, [{ name: "replayWebhook", args: ["whk_01"] }]);
});
