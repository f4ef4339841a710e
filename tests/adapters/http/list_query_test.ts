// Laws of adapters/http/list_query.ts, cursor.ts and page_view.ts.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { cursorOf, parseCursor } from "../../../adapters/http/cursor.ts";
import { CARD_PAYMENT } from "../../support/fake_application.ts";
import { errorsOf, httpApi, jsonOf } from "../../support/http_api.ts";

const POSITION = { createdAt: 1_769_860_800_007, id: "pay_01" };
const FIRST_PAGE = { perPage: 10, page: 1 };

async function askedFor(query: string, list = "payments"): Promise<readonly unknown[] | undefined> {
  const api = httpApi();
  const response = await api.ask("GET", `/konsol/${list}?${query}`);
  assert.equal(response.status, 200, await response.text());
  return api.calls[0]?.args;
}

async function refused(query: string, list = "payments"): Promise<string[]> {
  const api = httpApi();
  const response = await api.ask("GET", `/konsol/${list}?${query}`);
  assert.deepEqual([response.status, api.calls], [422, []], query);
  return errorsOf(response);
}

Deno.test("parseCursor() gives back each position that cursorOf() was given", () => {
  const times = fc.nat({ max: 9_999_999_999_999 });
  const ids = fc.stringMatching(/^[!-~]{1,128}$/);
  fc.assert(fc.property(times, ids, (createdAt, id) => {
    const position = { createdAt, id };
    assert.deepEqual(parseCursor(cursorOf(position)), { ok: true, value: position });
  }));
});

Deno.test("parseCursor() takes only what cursorOf() made", () => {
  const encode = (text: string) => Buffer.from(text).toString("base64url");
  const texts = [
    "",
    "5",
    ":a",
    "05:a",
    "-1:a",
    "5:",
    "5:a b",
    "5:я",
    "1e3:a",
    `5:${"x".repeat(129)}`,
  ];
  const cursors = ["", "!", "=", `${cursorOf(POSITION)}=`, ` ${cursorOf(POSITION)}`];
  for (const cursor of [...cursors, ...texts.map(encode)]) {
    const answer = parseCursor(cursor);
    assert.equal(answer.ok ? answer.value : answer.code, "cursor_invalid", cursor);
  }
  fc.assert(fc.property(fc.string(), (cursor) => {
    const answer = parseCursor(cursor);
    assert.ok(!answer.ok || cursorOf(answer.value) === cursor);
  }));
});

Deno.test("GET /konsol/payments asks for the first ten of all when nothing is said", async () => {
  assert.deepEqual(await askedFor(""), [{}, FIRST_PAGE]);
});

Deno.test("GET /konsol/payments takes every filter", async () => {
  const query = new URLSearchParams({
    status: "completed",
    currency: "RUB",
    payment_type: "card_payment",
    user_id: "123456789",
    external_id: "claim_7",
    created_from: "2026-01-01",
    created_to: "2026-01-31T12:00:00.5+03:00",
    page: "3",
    per_page: "100",
  });
  assert.deepEqual(await askedFor(String(query)), [{
    status: "completed",
    currency: "RUB",
    userId: 123456789,
    externalId: "claim_7",
    createdFrom: Date.UTC(2026, 0, 1),
    createdTo: Date.UTC(2026, 0, 31, 9, 0, 0, 500),
    paymentType: "card_payment",
  }, { perPage: 100, page: 3 }]);
});

Deno.test("GET /konsol/payments takes payment_method for payment_type, and both if they agree", async () => {
  const phone = { paymentType: "phone_payment" };
  assert.deepEqual(await askedFor("payment_method=phone"), [phone, FIRST_PAGE]);
  const both = "payment_method=phone&payment_type=phone_payment";
  assert.deepEqual(await askedFor(both), [phone, FIRST_PAGE]);
  assert.deepEqual(await refused("payment_method=card&payment_type=phone_payment"), [
    "payment_method conflicting",
  ]);
});

Deno.test("GET /konsol/payments tells every wrong parameter at once", async () => {
  const query = "status=paid&currency=rub&payment_type=card&payment_method=cash&user_id=1.5" +
    "&external_id=%00&created_from=yesterday&created_to=2026-02-30&page=0&per_page=101&cursor=x" +
    "&sort=asc&status=failed";
  assert.deepEqual((await refused(query)).toSorted(), [
    "created_from time_invalid",
    "created_to time_invalid",
    "currency currency_unknown",
    "cursor conflicting",
    "cursor cursor_invalid",
    "external_id external_id_invalid",
    "page number_invalid",
    "payment_method invalid_value",
    "payment_type invalid_value",
    "per_page number_invalid",
    "sort unknown_field",
    "status duplicate",
    "user_id number_invalid",
  ]);
});

Deno.test("GET /konsol/payments bounds page and per_page", async () => {
  for (const page of ["0", "-1", "1.5", "", "01", "100001", "1e3", "99999999999999999999"]) {
    assert.deepEqual(await refused(`page=${page}`), ["page number_invalid"]);
  }
  await askedFor("page=100000&per_page=1");
  assert.deepEqual(await refused("per_page=0"), ["per_page number_invalid"]);
});

Deno.test("GET /konsol/payments goes on after a cursor, which page excludes", async () => {
  const cursor = cursorOf(POSITION);
  const after = { perPage: 10, page: 1, after: POSITION };
  assert.deepEqual(await askedFor(`cursor=${cursor}`), [{}, after]);
  assert.deepEqual(await refused(`cursor=${cursor}&page=1`), ["cursor conflicting"]);
  assert.deepEqual(await refused("cursor=abc"), ["cursor cursor_invalid"]);
});

Deno.test("pageView() answers items, total, page, per_page and the cursor of the next page", async () => {
  const view = await jsonOf(httpApi().ask("GET", "/konsol/payments?page=2&per_page=5"));
  const { items, next_cursor, ...rest } = view;
  assert.deepEqual(Object.keys(view), ["items", "total", "page", "per_page", "next_cursor"]);
  assert.deepEqual(rest, { total: 1, page: 2, per_page: 5 });
  assert.equal(items[0].card_number, "220070******1234");
  assert.deepEqual(parseCursor(next_cursor), { ok: true, value: POSITION });
});

Deno.test("pageView() leaves page out after a cursor, and next_cursor out on the last page", async () => {
  const last = { items: [CARD_PAYMENT], total: 1_000, totalIsLowerBound: true };
  const api = httpApi({ listPayments: () => Promise.resolve(last) });
  const view = await jsonOf(api.ask("GET", `/konsol/payments?cursor=${cursorOf(POSITION)}`));
  assert.deepEqual({ ...view, items: view.items.length }, {
    items: 1,
    total: 1_000,
    total_is_lower_bound: true,
    per_page: 10,
  });
});

Deno.test("GET /konsol/invoices takes the same filters but those of payments alone", async () => {
  const args = await askedFor("status=pending&user_id=7&created_to=2026-01-01", "invoices");
  const filter = { status: "pending", userId: 7, createdTo: Date.UTC(2026, 0, 1) };
  assert.deepEqual(args, [filter, FIRST_PAGE]);
  const errors = await refused("payment_type=card_payment&payment_method=card", "invoices");
  assert.deepEqual(errors, ["payment_type unknown_field", "payment_method unknown_field"]);
});

Deno.test("GET /konsol/webhooks filters by status, konsol_id and event", async () => {
  const query = "status=orphan&konsol_id=k-1&event=payment.completed&per_page=2";
  const filter = { state: "orphan", konsolId: "k-1", event: "payment.completed" };
  assert.deepEqual(await askedFor(query, "webhooks"), [filter, { perPage: 2, page: 1 }]);
  assert.deepEqual(await refused("status=completed&currency=RUB", "webhooks"), [
    "status invalid_value",
    "currency unknown_field",
  ]);
});

Deno.test("lists take hostile parameter names for what they are: unknown", async () => {
  assert.deepEqual(await refused("__proto__=1&toString=2&%ff=3&page%00=4"), [
    "__proto__ unknown_field",
    "toString unknown_field",
    "\ufffd unknown_field",
    "page\0 unknown_field",
  ]);
});
