// Laws of domain/parsed.ts.

import assert from "node:assert/strict";
import fc from "fast-check";
import { parsed, unparsed } from "../../domain/parsed.ts";

Deno.test("parsed() answers ok with the very value that it got", () => {
  fc.assert(fc.property(fc.anything(), (value) => {
    assert.deepEqual(parsed(value), { ok: true, value });
  }));
});

Deno.test("unparsed() answers not ok with the code and the message", () => {
  assert.deepEqual(unparsed("amount_invalid", "Send a number."), {
    ok: false,
    code: "amount_invalid",
    message: "Send a number.",
  });
});
