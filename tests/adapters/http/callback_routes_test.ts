// Laws of adapters/http/callback_routes.ts and event_routes.ts.

import assert from "node:assert/strict";
import { Refusal } from "../../../domain/refusal.ts";
import { CALLBACK, EVENT } from "../../support/fake_application.ts";
import { errorsOf, httpApi, jsonOf } from "../../support/http_api.ts";

const SHOWN = {
  id: "evt_01",
  type: "payment.completed",
  payment_id: "pay_01",
  url: "https://your-domain.com/webhook",
  status: "dead",
  reason: "gone",
  tries: [
    { at: "2026-01-31T12:00:00.007Z", ms: 15_000, error: "timed_out" },
    { at: "2026-01-31T12:00:05.007Z", status: 410, ms: 12.5, answer: "gone; call +7912*****89" },
  ],
  tries_total: 2,
  created_at: "2026-01-31T12:00:00.007Z",
  updated_at: "2026-01-31T12:00:05.007Z",
};

Deno.test("GET /konsol/callbacks/{id} shows every try, numbers in answers masked", async () => {
  const api = httpApi();
  assert.deepEqual(await jsonOf(api.ask("GET", "/konsol/callbacks/evt_01")), SHOWN);
  assert.deepEqual(api.calls, [{ name: "getCallback", args: ["evt_01"] }]);
});

Deno.test("GET /konsol/callbacks/{id} shows when a pending one is tried next", async () => {
  const pending = { ...CALLBACK, state: "pending" as const, dueAt: Date.UTC(2026, 1, 1) };
  const api = httpApi({ getCallback: () => Promise.resolve(pending) });
  const shown = await jsonOf(api.ask("GET", "/konsol/callbacks/evt_01"));
  assert.deepEqual([shown.status, shown.next_try_at], ["pending", "2026-02-01T00:00:00.000Z"]);
});

Deno.test("GET /konsol/callbacks passes every filter on and answers a page", async () => {
  const api = httpApi();
  const query = "status=dead&payment_id=pay_01&created_from=2026-01-01&created_to=2026-02-01" +
    "&page=2&per_page=5";
  const shown = await jsonOf(api.ask("GET", `/konsol/callbacks?${query}`));
  assert.deepEqual(shown.items, [SHOWN]);
  assert.deepEqual([shown.total, shown.page, shown.per_page], [1, 2, 5]);
  const filter = {
    state: "dead",
    paymentId: "pay_01",
    createdFrom: Date.UTC(2026, 0, 1),
    createdTo: Date.UTC(2026, 1, 1),
  };
  const page = { perPage: 5, page: 2 };
  assert.deepEqual(api.calls, [{ name: "listCallbacks", args: [filter, page] }]);
});

Deno.test("GET /konsol/callbacks refuses what is no filter of it", async () => {
  const api = httpApi();
  const response = await api.ask("GET", "/konsol/callbacks?status=failed&host=a&page=0");
  assert.equal(response.status, 422);
  const wrong = ["page number_invalid", "status invalid_value", "host unknown_field"];
  assert.deepEqual((await errorsOf(response)).toSorted(), wrong.toSorted());
  assert.deepEqual(api.calls, []);
});

Deno.test("POST /konsol/callbacks/{id}/retry answers the callback as it is then", async () => {
  const api = httpApi();
  const response = await api.ask("POST", "/konsol/callbacks/evt_01/retry");
  assert.equal(response.status, 200);
  assert.deepEqual(await jsonOf(response), SHOWN);
  assert.deepEqual(api.calls, [{ name: "retryCallback", args: ["evt_01"] }]);
});

for (const path of ["/konsol/callbacks/none", "/konsol/callbacks/none/retry"]) {
  Deno.test(`${path} answers 404 for an id that none has`, async () => {
    const refuse = () => Promise.reject(new Refusal("callback_not_found", "Cannot find it"));
    const api = httpApi({ getCallback: refuse, retryCallback: refuse });
    const response = await api.ask(path.endsWith("retry") ? "POST" : "GET", path);
    assert.equal(response.status, 404);
    assert.equal((await jsonOf(response)).code, "callback_not_found");
  });
}

Deno.test("POST /konsol/callbacks/retry answers how many it will send", async () => {
  const api = httpApi();
  const body = { status: "dead", created_from: "2026-01-01T00:00:00Z", created_to: "2026-02-01" };
  const response = await api.ask("POST", "/konsol/callbacks/retry", { body });
  assert.deepEqual(await jsonOf(response), { retried: 3, has_more: false });
  const range = { createdFrom: Date.UTC(2026, 0, 1), createdTo: Date.UTC(2026, 1, 1) };
  assert.deepEqual(api.calls, [{ name: "retryDeadCallbacks", args: [range] }]);
});

Deno.test("POST /konsol/callbacks/retry takes all dead ones when no time is given", async () => {
  const api = httpApi();
  await api.ask("POST", "/konsol/callbacks/retry", { body: { status: "dead" } });
  assert.deepEqual(api.calls, [{ name: "retryDeadCallbacks", args: [{}] }]);
});

Deno.test("POST /konsol/callbacks/retry wants the status said, and no other than dead", async () => {
  const api = httpApi();
  const retry = (body: unknown) => api.ask("POST", "/konsol/callbacks/retry", { body });
  assert.deepEqual(await errorsOf(retry({})), ["status required"]);
  assert.deepEqual(await errorsOf(retry({ status: "delivered" })), ["status invalid_value"]);
  assert.deepEqual(await errorsOf(retry({ status: "dead", from: "2026-01-01", created_to: "x" })), [
    "created_to time_invalid",
    "from unknown_field",
  ]);
  assert.deepEqual(api.calls, []);
});

Deno.test("GET /konsol/events gives each event as it was pushed, byte for byte", async () => {
  const other = { ...EVENT, id: "evt_02", body: '{ "id":"evt_02" , "n":1.0}' };
  const listEvents = () => Promise.resolve({ items: [EVENT, other], hasMore: true });
  const api = httpApi({ listEvents });
  const response = await api.ask("GET", "/konsol/events?after=evt_00&per_page=2");
  assert.match(response.headers.get("Content-Type") ?? "", /^application\/json/);
  assert.equal(
    await response.text(),
    `{"items":[${EVENT.body},${other.body}],"next_after":"evt_02","has_more":true}`,
  );
  assert.deepEqual(api.calls, [{ name: "listEvents", args: ["evt_00", 2] }]);
});

Deno.test("GET /konsol/events gives the cursor back when nothing came after it", async () => {
  const api = httpApi({ listEvents: () => Promise.resolve({ items: [], hasMore: false }) });
  const at = (query: string) => jsonOf(api.ask("GET", `/konsol/events${query}`));
  const end = { items: [], next_after: "evt_09", has_more: false };
  assert.deepEqual(await at("?after=evt_09"), end);
  assert.deepEqual(await at(""), { items: [], has_more: false });
});

Deno.test("GET /konsol/events answers 404 after an event that is not there, 422 for wrong fields", async () => {
  const refuse = () => Promise.reject(new Refusal("event_not_found", "Cannot list"));
  const api = httpApi({ listEvents: refuse });
  const gone = await api.ask("GET", "/konsol/events?after=evt_none");
  assert.deepEqual([gone.status, (await jsonOf(gone)).code], [404, "event_not_found"]);
  const wrong = ["after id_invalid", "per_page number_invalid", "page unknown_field"];
  const asked = api.ask("GET", "/konsol/events?after=%20&per_page=101&page=1");
  assert.deepEqual(await errorsOf(asked), wrong);
});
