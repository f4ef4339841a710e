// Collections are made at the start, by any number of instances; what is not as planned is refused, not mended in silence.

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Db, Document } from "mongodb";
import { COLLECTION_PLANS } from "../../../adapters/mongo/collection_plans.ts";
import { MovingTarget } from "../../../adapters/mongo/moving_target.ts";
import { OlderCollections } from "../../../adapters/mongo/older_collections.ts";
import { openMongoStores } from "../../../adapters/mongo/open_mongo_stores.ts";
import { PAYMENTS } from "../../../adapters/mongo/payment_document.ts";
import { prepareCollections } from "../../../adapters/mongo/prepare_collections.ts";
import { inDatabase, mongoForTests } from "../../support/mongo_server.ts";
import { aPayment } from "../../support/payments.ts";

const mongo = await mongoForTests();

if (mongo !== undefined) {
  const prepared = async () => {
    const url = mongo.ownDatabase();
    await inDatabase(url, (database) => prepareCollections(database, COLLECTION_PLANS));
    return url;
  };

  Deno.test("openMongoStores() makes every collection and index, however many start at once", async () => {
    const url = mongo.ownDatabase();
    const all = await Promise.all(Array.from({ length: 4 }, () => openMongoStores(url)));
    for (const stores of all) await stores.close();
    await inDatabase(url, async (database) => {
      for (const { name, indexes } of COLLECTION_PLANS) {
        const there = (await database.collection(name).listIndexes().toArray())
          .map((index) => index.name);
        assert.deepEqual(there.sort(), ["_id_", ...indexes.map(({ name }) => name)].sort(), name);
      }
    });
  });

  Deno.test("prepareCollections() builds a missing index of a small collection", async () => {
    const url = await prepared();
    await inDatabase(url, async (database) => {
      await database.collection("konsol_payments").dropIndex("due");
      await prepareCollections(database, COLLECTION_PLANS);
      const indexes = await database.collection("konsol_payments").listIndexes().toArray();
      assert.ok(indexes.some(({ name }) => name === "due"));
    });
  });

  Deno.test("prepareCollections() builds no index of a big collection, and tells the command", async () => {
    const url = await prepared();
    await inDatabase(url, async (database) => {
      const payments = database.collection("konsol_payments");
      await payments.insertMany([aPayment(), aPayment()].map(PAYMENTS.toDocument));
      await payments.dropIndex("due");
      await payments.dropIndex("konsol_id");
      const refused = prepareCollections(database, COLLECTION_PLANS, 1);
      await assert.rejects(refused, (error: Error) => {
        assert.match(error.message, /konsol_payments has about 2 documents and lacks indexes/);
        assert.match(error.message, /createIndex\({"konsol_id":1}, {"name":"konsol_id",.*unique/);
        assert.match(error.message, /"due_at":{"\$gte":ISODate\("0001-01-01T00:00:00.000Z"\)}/);
        return true;
      });
      await prepareCollections(database, COLLECTION_PLANS, 2);
    });
  });

  Deno.test("prepareCollections() refuses an index that has the name and is another one", async () => {
    const url = await prepared();
    await inDatabase(url, async (database) => {
      const payments = database.collection("konsol_payments");
      await payments.dropIndex("external_id");
      await payments.createIndex({ external_id: 1 }, { name: "external_id" });
      const refused = prepareCollections(database, COLLECTION_PLANS);
      await assert.rejects(refused, /its index external_id of konsol_payments is another one/);
    });
  });

  Deno.test("prepareCollections() puts a validator right that is another one", async () => {
    const url = await prepared();
    await inDatabase(url, async (database) => {
      await database.command({ collMod: "konsol_invoices", validator: {} });
      await prepareCollections(database, COLLECTION_PLANS);
      const wrong = { _id: "inv_1" as never, version: 1 };
      await assert.rejects(database.collection("konsol_invoices").insertOne(wrong), { code: 121 });
    });
  });

  Deno.test("openMongoStores() refuses a database with documents of the seed's own shape", async () => {
    const url = await prepared();
    await inDatabase(url, async (database) => {
      const old = { konsol_id: "payment_123", amount: 1000.5, currency: "RUB", user_id: 7 };
      await database.collection("konsol_payments")
        .insertOne(old, { bypassDocumentValidation: true });
    });
    await assert.rejects(openMongoStores(url), /of an older shape.*deno task migrate/);
  });

  Deno.test("openMongoStores() refuses Beanie's collections until they were migrated", async () => {
    const url = mongo.ownDatabase();
    const old = { konsol_id: "payment_123", amount: 1000.5, currency: "RUB", user_id: 7 };
    await inDatabase(url, async (database) => {
      await database.collection("KonsolPayment").insertOne(old);
    });
    await assert.rejects(openMongoStores(url), /KonsolPayment holds .*deno task migrate/);
    const older = await OlderCollections.open(url);
    await older.setAside();
    await older.finish();
    await older.close();
    await (await openMongoStores(url)).close();
  });

  for (const name of ["konsol_payments", "konsol_invoices", "konsol_webhook_logs"]) {
    Deno.test(`a refused start leaves the older service able to write to its ${name}`, async () => {
      const url = mongo.ownDatabase();
      const old = () => ({ konsol_id: crypto.randomUUID(), amount: 1000.5, currency: "RUB" });
      const put = () =>
        inDatabase(url, (database) => database.collection(name).insertOne(old()).then(() => {}));
      await put();
      await assert.rejects(openMongoStores(url), /of an older shape/);
      await assert.rejects(MovingTarget.open(url), /of an older shape/);
      await put();
    });
  }

  const WRONG: Readonly<Record<string, Document>> = {
    "a card number": { card_number: "2202200000000000" },
    "an amount that is a double": { amount_minor: 1000.5 },
    "an amount in the seed's field": { amount: 1000.5 },
    "a status that nobody knows": { status: "paid" },
    "a time that is a text": { created_at: "2025-06-15" },
    "a key that is null": { external_id: null },
  };
  for (const [what, fields] of Object.entries(WRONG)) {
    Deno.test(`konsol_payments takes no document with ${what}`, async () => {
      const url = await prepared();
      await inDatabase(url, async (database) => {
        const payments = database.collection("konsol_payments");
        const right = PAYMENTS.toDocument(aPayment());
        await assert.rejects(payments.insertOne({ ...right, ...fields }), { code: 121 });
        await payments.insertOne(right);
      });
    });
  }
}

Deno.test("prepareCollections() waits for a unique index whose build is under way, though it is listed", async () => {
  const built = Promise.withResolvers<void>();
  const asked: string[] = [];
  const collection = (name: string) => ({
    listIndexes: () => ({
      toArray: () => Promise.resolve(COLLECTION_PLANS.find((plan) => plan.name === name)?.indexes),
    }),
    createIndexes: (indexes: readonly { name: string }[]) => {
      asked.push(...indexes.map((index) => `${name}.${index.name}`));
      return built.promise;
    },
  });
  const listed = COLLECTION_PLANS.map(({ name, schema }) => {
    return { name, options: { validator: { $jsonSchema: schema } } };
  });
  const listCollections = () => ({ toArray: () => Promise.resolve(listed) });
  let isReady = false;
  const prepared = prepareCollections(
    { listCollections, collection } as unknown as Db,
    COLLECTION_PLANS,
  )
    .then(() => isReady = true);
  await delay(0);
  assert.equal(isReady, false);
  for (const handle of ["idempotency_key", "external_id", "konsol_id"]) {
    assert.ok(asked.includes(`konsol_payments.${handle}`), handle);
  }
  built.resolve();
  await prepared;
});
