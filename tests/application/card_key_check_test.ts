// Laws of the key that a store belongs to.

import assert from "node:assert/strict";
import { createMemoryStores } from "../../adapters/memory/create_memory_stores.ts";
import { createVault } from "../../adapters/vault/vault.ts";
import { assertSameCardKey } from "../../application/card_key_check.ts";

const ONE = createVault(new Uint8Array(32).fill(1));
const OTHER = createVault(new Uint8Array(32).fill(2));

Deno.test("assertSameCardKey() takes the first key that a store meets, and no other after it", async () => {
  const { control } = createMemoryStores();
  for (let starts = 0; starts < 3; starts++) await assertSameCardKey({ control, vault: ONE });
  await assert.rejects(assertSameCardKey({ control, vault: OTHER }), /written with another one/);
  await assertSameCardKey({ control, vault: ONE });
});

Deno.test("assertSameCardKey() gives the store to one of two keys that come at once", async () => {
  const { control } = createMemoryStores();
  const starts = [ONE, OTHER].map((vault) => assertSameCardKey({ control, vault }));
  const ended = await Promise.allSettled(starts);
  assert.deepEqual(ended.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
});
