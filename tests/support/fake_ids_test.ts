// The fake ids are Ids, and the same in every run.

import assert from "node:assert/strict";
import { idsContract } from "../contracts/ids_contract.ts";
import { fakeIds } from "./fake_ids.ts";

idsContract("fakeIds()", fakeIds);

Deno.test("fakeIds() is the same in every run", () => {
  assert.equal(fakeIds().next("pay"), "pay_01900000-0000-7000-8000-000000000001");
});
