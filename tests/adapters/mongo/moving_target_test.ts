// A database in which a service was started once, and did nothing, can still be moved into.

import assert from "node:assert/strict";
import { MovingTarget } from "../../../adapters/mongo/moving_target.ts";
import { openMongoStores } from "../../../adapters/mongo/open_mongo_stores.ts";
import { createVault } from "../../../adapters/vault/vault.ts";
import { assertSameCardKey } from "../../../application/card_key_check.ts";
import { mongoForTests } from "../../support/mongo_server.ts";

const mongo = await mongoForTests();

if (mongo !== undefined) {
  Deno.test("MovingTarget counts no key of a service that only looked in, and takes it away", async () => {
    const url = mongo.ownDatabase();
    const stores = await openMongoStores(url);
    await assertSameCardKey({ ...stores, vault: createVault(new Uint8Array(32)) });
    await stores.close();
    const target = await MovingTarget.open(url);
    assert.deepEqual([await target.count("control"), await target.countOwn("control")], [1, 0]);
    await target.begin("lineage");
    assert.equal(await target.count("control"), 0);
    await target.close();
  });
}
