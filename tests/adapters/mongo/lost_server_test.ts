// A server that freezes, is killed or has no connection left: every call ends in time, and all recovers by itself.

import assert from "node:assert/strict";
import { openMongoStores } from "../../../adapters/mongo/open_mongo_stores.ts";
import { StoreUnavailable } from "../../../application/store_unavailable.ts";
import { freePort } from "../../../tasks/local_stack.ts";
import { mongoProgram, startLocalMongo } from "../../../tasks/local_mongo.ts";
import { asStored, inserted } from "../../contracts/stores.ts";
import { eventually } from "../../support/eventually.ts";
import { mongoForTests } from "../../support/mongo_server.ts";
import { aPayment } from "../../support/payments.ts";
import { openFailing } from "./fail_command.ts";

const SOON = { timeoutMs: 20_000, everyMs: 50 };
/** The waits of the driver, shorter than in earnest. */
const HURRIED = {
  minHeartbeatFrequencyMS: 20,
  heartbeatFrequencyMS: 200,
  serverSelectionTimeoutMS: 500,
  connectTimeoutMS: 500,
};

const program = mongoProgram();
const mongo = await mongoForTests();

if (program !== undefined) {
  Deno.test("every call rejects in time while the server is gone, and works again once it is back", async () => {
    const storage = await Deno.makeTempDir();
    const port = freePort();
    const first = await startLocalMongo(program, storage, port);
    const stores = await openMongoStores(first.url, { driver: HURRIED, monotonic: everLater() });
    const payment = await inserted(stores);
    await first.kill();
    const calls = [
      stores.payments.insertOrGet(aPayment()),
      stores.payments.get(payment.id),
      stores.payments.save(payment, payment),
      stores.payments.due(["queued"], 9, 9),
      stores.storeHealth.check(),
    ];
    for (const answer of await Promise.allSettled(calls)) {
      assert.ok(answer.status === "rejected" && answer.reason instanceof StoreUnavailable);
    }
    const second = await startLocalMongo(program, storage, port);
    await eventually(() => stores.storeHealth.check().then(() => true, () => false), SOON);
    assert.deepEqual(await stores.payments.get(payment.id), payment);
    assert.equal((await stores.payments.insertOrGet(aPayment())).kind, "inserted");
    await stores.close();
    await second.kill();
    await Deno.remove(storage, { recursive: true });
  });

  Deno.test("every call rejects in time while the server is frozen, and works again once it goes on", async () => {
    const storage = await Deno.makeTempDir();
    const server = await startLocalMongo(program, storage);
    // The driver's own waits are those of earnest: they are longer than any machine is slow.
    const options = { callMsMax: 300, monotonic: everLater() };
    const stores = await openMongoStores(server.url, options);
    const payment = await inserted(stores);
    Deno.kill(server.pid, "SIGSTOP");
    const late = /did not answer in 300 ms/;
    await assert.rejects(stores.payments.insertOrGet(aPayment()), late);
    await assert.rejects(stores.payments.get(payment.id), late);
    await assert.rejects(stores.storeHealth.check(), late);
    Deno.kill(server.pid, "SIGCONT");
    await eventually(() => stores.storeHealth.check().then(() => true, () => false), SOON);
    assert.deepEqual(await stores.payments.get(payment.id), payment);
    await stores.close();
    await server.kill();
    await Deno.remove(storage, { recursive: true });
  });
}

if (mongo !== undefined) {
  const blocked = { blockConnection: true, blockTimeMS: 700 };

  Deno.test("a call that waits for a connection in vain rejects with StoreUnavailable", async () => {
    // Leaves a database whose collections are made: with one connection that takes long.
    await (await mongo.openStores()).close();
    const driver = { maxPoolSize: 1, waitQueueTimeoutMS: 1_000 };
    const { stores, fail } = await openFailing(mongo, { driver });
    const payment = await inserted(stores);
    await fail(["find"], { ...blocked, blockTimeMS: 2_500 }, 1);
    const slow = stores.payments.get(payment.id);
    await assert.rejects(stores.payments.get(payment.id), /connection pool|checking out/i);
    assert.deepEqual(await slow, payment);
    await stores.close();
  });

  Deno.test("a write that is answered too late rejects, and is there when it was done", async () => {
    const { stores, fail } = await openFailing(mongo, { callMsMax: 200 });
    const payment = aPayment();
    await fail(["insert"], blocked, 1);
    await assert.rejects(stores.payments.insertOrGet(payment), StoreUnavailable);
    await eventually(async () => await stores.payments.get(payment.id) !== undefined, SOON);
    assert.deepEqual(await stores.payments.get(payment.id), asStored(payment));
    await stores.close();
  });

  Deno.test("close() waits for no call longer than a caller would", async () => {
    const { stores, fail } = await openFailing(mongo, { callMsMax: 200 });
    await fail(["find"], blocked, 1);
    const slow = stores.payments.get("id").catch((error) => error);
    await stores.close();
    assert.ok(await slow instanceof StoreUnavailable);
  });
}

/** So that each check() writes. */
function everLater(): () => number {
  let now = 0;
  return () => now += 10_000;
}
