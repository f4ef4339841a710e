// What every Ids does.

import assert from "node:assert/strict";
import type { Ids } from "../../application/ports.ts";

const ID = /^pay_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const MANY = 10_000;

export function idsContract(name: string, create: () => Ids): void {
  Deno.test(`${name} next() is the prefix and a UUIDv7 in its canonical form`, () => {
    assert.match(create().next("pay"), ID);
  });

  Deno.test(`${name} next() begins with the prefix that was asked for`, () => {
    const ids = create();
    const prefixes = ["pay", "inv", "whk"] as const;
    assert.deepEqual(prefixes.map((prefix) => ids.next(prefix).slice(0, 4)), [
      "pay_",
      "inv_",
      "whk_",
    ]);
  });

  Deno.test(`${name} next() grows with every call`, () => {
    const ids = create();
    const made = Array.from({ length: MANY }, () => ids.next("pay"));
    assert.ok(made.every((id, at) => at === 0 || id > made[at - 1]!));
  });
}
