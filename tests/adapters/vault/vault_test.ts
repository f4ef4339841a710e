// Laws of adapters/vault/vault.ts, and what must stay the same so that stored rows can be read.

import assert from "node:assert/strict";
import { createHmac, hkdfSync } from "node:crypto";
import { createVault } from "../../../adapters/vault/vault.ts";
import { vaultContract } from "../../contracts/vault_contract.ts";

const KEY = new Uint8Array(32).fill(1);
const OTHER_KEY = new Uint8Array(32).fill(2);

vaultContract("createVault()", () => createVault(KEY), () => createVault(OTHER_KEY));

Deno.test("createVault() refuses a key of another length, without showing it", () => {
  for (const length of [0, 16, 31, 33, 64]) {
    assert.throws(() => createVault(new Uint8Array(length)), {
      name: "RangeError",
      message: "Cannot make a vault as its key must have 32 bytes",
    });
  }
});

Deno.test("createVault() does not change its key", () => {
  const key = KEY.slice();
  createVault(key).seal("4111111111111111", "pay_1");
  assert.deepEqual(key, KEY);
});

Deno.test("seal() is v1 with nonce, ciphertext and tag", () => {
  const [version, body = ""] = createVault(KEY).seal("4111111111111111", "pay_1").split(".");
  assert.deepEqual([version, atob(body.replace(/-/g, "+").replace(/_/g, "/")).length], [
    "v1",
    12 + 16 + 16,
  ]);
});

Deno.test("open() reads what an earlier release sealed", () => {
  const sealed = "v1.edT8_9KffTl5-bjj8x6BuFEQWI2G64H-QdvaiZlHUqDXif9EGeT_8jqWx3M";
  assert.equal(createVault(KEY).open(sealed, "pay_1"), "4111111111111111");
});

Deno.test("fingerprint() is HMAC-SHA256 under a key derived for its purpose", () => {
  const key = hkdfSync("sha256", KEY, "", "konsol vault v1: fingerprint request_field", 32);
  const full = createHmac("sha256", new Uint8Array(key)).update("4111111111111111").digest();
  assert.equal(
    createVault(KEY).fingerprint("request_field", "4111111111111111"),
    full.subarray(0, 16).toString("base64url"),
  );
});
