// Laws of adapters/system/secret.ts.

import assert from "node:assert/strict";
import { inspect } from "node:util";
import { Secret } from "../../../adapters/system/secret.ts";

Deno.test("reveal() gives the value", () => {
  assert.equal(new Secret("s3cr3t").reveal(), "s3cr3t");
});

Deno.test("Secret shows a mask however it is printed", () => {
  const secret = new Secret("s3cr3t");
  const shown = [
    String(secret),
    `${secret}`,
    "" + secret,
    JSON.stringify({ secret }),
    Deno.inspect({ secret }),
    inspect({ secret }, { showHidden: true }),
    Deno.inspect([secret], { depth: 10, showHidden: true }),
    new Error(`with ${secret}`).message,
  ];
  for (const text of shown) assert.match(text, /^(?!.*s3cr3t).*\[secret\]/s);
});

Deno.test("Secret has nothing to list or copy", () => {
  assert.deepEqual({ ...new Secret("s3cr3t") }, {});
});
