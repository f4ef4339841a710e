// Laws of adapters/system/system_ids.ts.

import assert from "node:assert/strict";
import { createIds } from "../../../adapters/system/system_ids.ts";
import { idsContract } from "../../contracts/ids_contract.ts";

const AT = Date.UTC(2026, 0, 15, 12);

function msOf(id: string): number {
  return Number.parseInt(id.slice(4).replaceAll("-", "").slice(0, 12), 16);
}

idsContract("createIds() on a clock that stands still", () => createIds({ now: () => AT }));
idsContract("createIds() on the machine's clock", () => createIds({ now: () => Date.now() }));
idsContract("createIds() on a clock that steps back", () => {
  let calls = 0;
  return createIds({ now: () => AT + ++calls - (calls % 5 === 0 ? 9_000 : 0) });
});

Deno.test("next() carries the clock's millisecond", () => {
  assert.equal(msOf(createIds({ now: () => AT + 0.75 }).next("pay")), AT);
});

Deno.test("next() runs ahead of the clock only by what one millisecond cannot count", () => {
  const ids = createIds({ now: () => AT });
  const made = Array.from({ length: 10_000 }, () => msOf(ids.next("pay")));
  assert.ok(made.at(-1)! - AT <= 4);
});

Deno.test("next() follows a clock that was set back by far", () => {
  let ms = AT;
  const ids = createIds({ now: () => ms });
  ids.next("pay");
  ms -= 3_600_000;
  assert.equal(msOf(ids.next("pay")), ms);
});

Deno.test("next() of two processes in one millisecond never meets", () => {
  const make = () => createIds({ now: () => AT });
  const [one, other] = [make(), make()];
  const made = Array.from({ length: 2_000 }, () => [one.next("pay"), other.next("pay")]).flat();
  assert.equal(new Set(made).size, made.length);
});
