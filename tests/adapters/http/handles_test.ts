// Laws of adapters/http/handles.ts: what a repeat is known by, and how an answer is wanted.

import assert from "node:assert/strict";
import { FINE, right } from "../../../adapters/http/checked.ts";
import { checkHandle, idempotencyKeyOf, prefersAsync } from "../../../adapters/http/handles.ts";

function keyOf(value: string) {
  return idempotencyKeyOf(new Headers({ "Idempotency-Key": value }));
}

Deno.test("idempotencyKeyOf() is fine with none", () => {
  assert.deepEqual(idempotencyKeyOf(new Headers()), FINE);
});

Deno.test("idempotencyKeyOf() takes a key as it is, and the same one in quotes", () => {
  for (const sent of ["key 1", '"key 1"']) assert.deepEqual(keyOf(sent), right("key 1"));
  assert.deepEqual(keyOf('"a\\"b\\\\c"'), right('a"b\\c'));
  assert.deepEqual(keyOf("k".repeat(255)), right("k".repeat(255)));
});

Deno.test("idempotencyKeyOf() refuses what is empty, too long, not ASCII or badly quoted", () => {
  for (const sent of ["", '""', "k".repeat(256), "clé", '"open', '"a"b"', '"a\\b"']) {
    const checked = keyOf(sent);
    const codes = checked.ok ? [] : checked.problems.map(({ code }) => code);
    assert.deepEqual(codes, ["idempotency_key_invalid"], sent);
  }
});

Deno.test("checkHandle() wants one of the two, and takes a wrong one for given", () => {
  const bad = keyOf('"open');
  assert.deepEqual(checkHandle(right("order_1"), FINE), FINE);
  assert.deepEqual(checkHandle(FINE, right("key_1")), FINE);
  assert.deepEqual(checkHandle(FINE, bad), FINE, "that it is wrong is told already");
  const neither = checkHandle(FINE, FINE);
  assert.ok(!neither.ok);
  assert.deepEqual(neither.problems.map(({ code }) => code), ["handle_required"]);
});

Deno.test("prefersAsync() finds respond-async alone or among others, and nothing that is like it", () => {
  const prefers = (value: string) => prefersAsync(new Headers({ Prefer: value }));
  for (const value of ["respond-async", "wait=10, Respond-Async; x=1"]) assert.ok(prefers(value));
  for (const value of ["", "respond-asynchronously", "x=respond-async"]) {
    assert.ok(!prefers(value), value);
  }
  assert.ok(!prefersAsync(new Headers()));
});
