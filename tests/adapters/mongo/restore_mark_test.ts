// A database that a person marked as brought back from a backup is told at each start, until it is fenced.

import assert from "node:assert/strict";
import { openMongoStores } from "../../../adapters/mongo/open_mongo_stores.ts";
import { inDatabase, mongoForTests } from "../../support/mongo_server.ts";

const mongo = await mongoForTests();

if (mongo !== undefined) {
  Deno.test("openMongoStores() says restored after the step of docs/operations.md, until it is accepted", async () => {
    const url = mongo.ownDatabase();
    const opened = async () => {
      const stores = await openMongoStores(url);
      const { restored } = stores;
      return { stores, restored };
    };
    const fresh = await opened();
    await fresh.stores.close();
    const operations = await Deno.readTextFile(
      new URL("../../../docs/operations.md", import.meta.url),
    );
    const [, mark] = /db\.konsol_control\.insertOne\((\{.+?\})\)/.exec(operations) ?? [];
    await inDatabase(url, async (database) => {
      const document = JSON.parse((mark ?? "").replaceAll(/(\w+):/g, '"$1":'));
      await database.collection("konsol_control").insertOne(document);
    });
    const marked = await opened();
    await marked.stores.close();
    const again = await opened();
    await again.stores.acceptRestore();
    await again.stores.close();
    const accepted = await opened();
    await accepted.stores.close();
    assert.deepEqual(
      [fresh, marked, again, accepted].map(({ restored }) => restored),
      [false, true, true, false],
    );
  });
}
