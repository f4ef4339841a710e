// What no money is kept with: URIs that ask for less than majority, servers that are too old or alone.

import assert from "node:assert/strict";
import { connectMongo, databaseOf } from "../../../adapters/mongo/connect_mongo.ts";
import { openMongoStores } from "../../../adapters/mongo/open_mongo_stores.ts";
import { assertServer } from "../../../adapters/mongo/server_rules.ts";
import { StoreUnavailable } from "../../../application/store_unavailable.ts";
import { freePort } from "../../../tasks/local_stack.ts";

const UNSAFE: readonly (readonly [option: string, reason: RegExp])[] = [
  ["w=0", /its w must be majority, or a failover loses payments: 0/],
  ["w=1", /its w must be majority, .*: 1/],
  ["w=2", /its w must be majority, .*: 2/],
  ["w=somewhere", /its w must be majority, .*: somewhere/],
  ["journal=false", /its journal must not be false/],
  ["readPreference=secondaryPreferred", /its readPreference must be primary/],
  ["readConcernLevel=local", /its readConcernLevel must be majority: local/],
  ["retryWrites=false", /its retryWrites must not be false/],
];

for (const [option, reason] of UNSAFE) {
  Deno.test(`openMongoStores() refuses ${option}, before it connects`, async () => {
    const opened = openMongoStores(`mongodb://u:password-of-u@127.0.0.1:9/pay?${option}`);
    const error = await opened.then(() => assert.fail("it opened"), (error) => error);
    assert.match(error.message, reason);
    assert.doesNotMatch(Deno.inspect(error), /password-of-u/);
    assert.ok(!(error instanceof StoreUnavailable), "a restart cannot help");
  });
}

Deno.test("openMongoStores() rejects a URI that it cannot read, without telling it", async () => {
  for (const url of ["mongodb://u:password-of-u@", "mongodb://u:password-of-u@h/?nonsense=1"]) {
    const error = await openMongoStores(url).then(() => assert.fail("it opened"), (error) => error);
    assert.ok(!(error instanceof StoreUnavailable));
    assert.doesNotMatch(Deno.inspect(error), /password-of-u/);
  }
});

Deno.test("openMongoStores() says within seconds that nobody answers", async () => {
  const url = `mongodb://127.0.0.1:${freePort()}/pay`;
  const hurried = { driver: { serverSelectionTimeoutMS: 200 } };
  await assert.rejects(openMongoStores(url, hurried), (error) => error instanceof StoreUnavailable);
});

Deno.test("connectMongo() rejects as openMongoStores() does and leaves no connection", async () => {
  const hurried = { driver: { serverSelectionTimeoutMS: 50 } };
  await assert.rejects(connectMongo(`mongodb://127.0.0.1:${freePort()}/pay`, hurried));
});

const REPLICA = { setName: "rs" };

Deno.test("assertServer() takes replica sets and sharded clusters from 7.0 on", () => {
  for (const version of ["7.0.0", "7.0.14", "8.0.4", "8.2.11", "10.0.0"]) {
    assertServer(REPLICA, { version });
    assertServer({ msg: "isdbgrid" }, { version });
  }
});

Deno.test("assertServer() refuses servers before 7.0", () => {
  for (const version of ["4.4.29", "5.0.31", "6.0.20", "6.3.0"]) {
    assert.throws(() => assertServer(REPLICA, { version }), /must be at least MongoDB 7.0: /);
  }
});

Deno.test("assertServer() refuses a server alone: it has no retryable writes and no majority", () => {
  assert.throws(() => assertServer({}, { version: "8.0.4" }), /must be a replica set/);
});

Deno.test("databaseOf() is the URI's database, or konsol", () => {
  assert.equal(databaseOf("mongodb://h/pay?w=majority"), "pay");
  assert.equal(databaseOf("mongodb://u:p@a:1,b:2/pay"), "pay");
  assert.equal(databaseOf("mongodb+srv://h/p%20y"), "p y");
  for (const url of ["mongodb://h", "mongodb://h/", "mongodb://h/?replicaSet=r"]) {
    assert.equal(databaseOf(url), "konsol");
  }
});
