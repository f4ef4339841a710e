// Laws of adapters/system/system_chance.ts.

import assert from "node:assert/strict";
import { systemChance } from "../../../adapters/system/system_chance.ts";

Deno.test("systemChance() is in [0, 1) and varies", () => {
  const drawn = Array.from({ length: 100 }, systemChance);
  assert.ok(drawn.every((chance) => chance >= 0 && chance < 1));
  assert.ok(new Set(drawn).size > 1);
});
