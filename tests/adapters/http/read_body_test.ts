// Laws of adapters/http/read_body.ts.

import assert from "node:assert/strict";
import { readBody } from "../../../adapters/http/read_body.ts";
import { httpApi, jsonOf } from "../../support/http_api.ts";

const BODY_ROUTES = [
  ["POST", "/konsol/payments"],
  ["PUT", "/konsol/payments/pay_01"],
  ["POST", "/konsol/claims/7/accept"],
  ["POST", "/konsol/invoices"],
  ["PUT", "/konsol/invoices/inv_01"],
] as const;
const WEBHOOK = ["POST", "/konsol/webhook"] as const;
const LIMIT = 65_536;

/** Chunked: nobody says beforehand how long it is. */
function chunks(count: number, bytes: number, atEnd?: Error): ReadableStream<Uint8Array> {
  let left = count;
  return new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(new Uint8Array(bytes).fill(32));
      else if (atEnd) controller.error(atEnd);
      else controller.close();
    },
  });
}

Deno.test("readFields() refuses a field that is there twice: nobody knows which was meant", async () => {
  const api = httpApi();
  const twice = [
    '{"amount":1,"amount":1000}',
    '{"amount":1,"a":{"b":[{}]},"\\u0061mount" : 1}',
    '{"x":"\\"}{","amount":"a","amount":null}',
  ];
  for (const [method, path] of BODY_ROUTES) {
    for (const text of twice) {
      const response = await api.ask(method, path, { body: text });
      const { errors } = await jsonOf(response);
      assert.deepEqual(errors?.map((error: { code: string }) => error.code), ["duplicate"], text);
    }
  }
  assert.deepEqual(api.calls, []);
});

Deno.test("readFields() takes a name again in another object, and in a value", async () => {
  const body = '{"metadata":{"a":1,"b":{"a":[{"a":2},{"a":3}]}},"description":"\\"a\\":\\"a\\":"}';
  const response = await httpApi().ask("PUT", "/konsol/payments/pay_01", { body });
  assert.equal(response.status, 200);
});

Deno.test("readFields() refuses every content type but application/json with 415", async () => {
  const api = httpApi();
  for (const [method, path] of BODY_ROUTES) {
    for (const type of ["", "text/plain", "application/jsonp", "text/application/json"]) {
      const headers = { "Content-Type": type };
      const response = await api.ask(method, path, { body: new Uint8Array([123, 125]), headers });
      assert.equal(response.status, 415, `${path} ${type}`);
      assert.equal((await jsonOf(response)).code, "content_type_not_json");
    }
  }
});

Deno.test("readFields() takes application/json with any parameters and in any case", async () => {
  const types = ["application/json; charset=utf-8", "Application/JSON;x=y", "application/json ;"];
  for (const type of types) {
    const headers = { "Content-Type": type };
    const body = { description: "x" };
    const response = await httpApi().ask("PUT", "/konsol/payments/pay_01", { body, headers });
    assert.equal(response.status, 200, type);
  }
});

Deno.test("readFields() answers 400 for what is not JSON in UTF-8", async () => {
  const bodies = ["", "{", "{'a':1}", "undefined", new Uint8Array([34, 0xc3, 0x28, 34])];
  for (const body of bodies) {
    const response = await httpApi().ask("POST", "/konsol/payments", { body });
    assert.equal(response.status, 400);
    assert.equal((await jsonOf(response)).code, "body_not_json");
  }
  const api = httpApi();
  const bare = { headers: { "Content-Type": "application/json" } };
  assert.equal((await api.ask("POST", "/konsol/payments", bare)).status, 400);
});

Deno.test("readFields() answers 422 for JSON that is no object", async () => {
  for (const body of ["null", "1", '"a"', "[]", "[".repeat(5_000) + "]".repeat(5_000)]) {
    const response = await httpApi().ask("POST", "/konsol/payments", { body });
    const { status, errors } = await jsonOf(response);
    assert.equal(status, 422);
    assert.equal(errors[0].field + " " + errors[0].code, "body invalid_type");
  }
});

Deno.test("readBody() answers 413 past 64 KiB when Content-Length says so, unread", async () => {
  for (const [method, path] of [...BODY_ROUTES, WEBHOOK]) {
    const headers = { "Content-Length": String(LIMIT + 1) };
    const response = await httpApi().ask(method, path, { body: "{}", headers });
    assert.equal(response.status, 413, path);
    assert.equal((await jsonOf(response)).code, "body_too_large");
  }
});

Deno.test("readBody() answers 413 past 64 KiB of counted bytes, whatever the length is said to be", async () => {
  for (const [method, path] of [...BODY_ROUTES, WEBHOOK]) {
    const api = httpApi();
    const headers = { "Content-Length": "2" };
    const lied = await api.ask(method, path, { body: chunks(65, 1_024), headers });
    const long = await api.ask(method, path, { body: chunks(1_000, 1_024) });
    assert.deepEqual([lied.status, long.status], [413, 413], path);
    assert.deepEqual(api.calls, []);
  }
});

Deno.test("readBody() takes exactly 64 KiB, in one piece or many", async () => {
  const api = httpApi();
  await api.ask("POST", "/konsol/webhook", { body: chunks(64, 1_024) });
  await api.ask("POST", "/konsol/webhook", { body: new Uint8Array(LIMIT) });
  const sizes = api.calls.map(({ args }) => (args[0] as Uint8Array).byteLength);
  assert.deepEqual(sizes, [LIMIT, LIMIT]);
});

Deno.test("readBody() joins chunks in their order, across a character too", async () => {
  const bytes = new TextEncoder().encode('{"description":"Я"}');
  const body = ReadableStream.from([bytes.slice(0, 17), bytes.slice(17)]);
  const api = httpApi();
  await api.ask("PUT", "/konsol/payments/pay_01", { body });
  assert.deepEqual(api.calls[0]?.args[1], { description: "Я" });
});

Deno.test("readBody() answers 400 when the body breaks off, and it is no unexpected error", async () => {
  const api = httpApi();
  const body = chunks(1, 10, new Error("connection reset"));
  const response = await api.ask("POST", "/konsol/webhook", { body });
  assert.equal(response.status, 400);
  assert.equal((await jsonOf(response)).code, "body_incomplete");
  assert.deepEqual(api.log.map(({ event }) => event), ["request"]);
});

Deno.test("readBody() gives up on a body that does not end in time, and lets go of it", async () => {
  let letGo = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array([123])),
    cancel: () => void (letGo = true),
  });
  const request = new Request("http://localhost/", { method: "POST", body });
  await assert.rejects(readBody(request, 1), { code: "body_incomplete" });
  assert.ok(letGo);
});
