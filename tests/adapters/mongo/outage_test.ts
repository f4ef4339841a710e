// When the database fails: all rejects with StoreUnavailable within a bounded time, none is acknowledged, it recovers.

import assert from "node:assert/strict";
import type { Document } from "mongodb";
import { StoreUnavailable } from "../../../application/store_unavailable.ts";
import { asStored, inserted, type Stores } from "../../contracts/stores.ts";
import { anInvoice } from "../../support/invoices.ts";
import { mongoForTests } from "../../support/mongo_server.ts";
import { aPayment } from "../../support/payments.ts";
import { aWebhook } from "../../support/webhooks.ts";
import { openFailing } from "./fail_command.ts";

const mongo = await mongoForTests();
const ALL = { perPage: 100, page: 1 };

const NOT_REPLICATED = {
  writeConcernError: { code: 64, errmsg: "waiting for replication timed out" },
};
const CUT = { closeConnection: true };
const STEPPING_DOWN = { errorCode: 91, errorLabels: [] };
const TOO_SLOW = { errorCode: 50 };

const PAYMENT = aPayment();
const INVOICE = anInvoice();
const WEBHOOK = aWebhook();

type Call = (stores: Stores) => Promise<unknown>;

/** Every call that changes something, by the command that it sends. */
const WRITES: readonly (readonly [name: string, command: string, call: Call])[] = [
  ["payments.insertOrGet", "insert", ({ payments }) => payments.insertOrGet(aPayment())],
  ["payments.save", "findAndModify", ({ payments }) => payments.save(PAYMENT, PAYMENT)],
  ["invoices.insertOrGet", "insert", ({ invoices }) => invoices.insertOrGet(anInvoice())],
  ["invoices.save", "findAndModify", ({ invoices }) => invoices.save(INVOICE, INVOICE)],
  ["webhooks.insertOrGet", "insert", ({ webhooks }) => webhooks.insertOrGet(aWebhook())],
  ["webhooks.save", "findAndModify", ({ webhooks }) => webhooks.save(WEBHOOK, WEBHOOK)],
  ["control.put", "insert", ({ control }) => control.put("new", undefined, 1)],
  ["control.put (again)", "findAndModify", ({ control }) => control.put("key", 1, 2)],
  ["storeHealth.check", "update", ({ storeHealth }) => storeHealth.check()],
];

const READS: typeof WRITES = [
  ["payments.get", "find", ({ payments }) => payments.get("id")],
  ["payments.getByExternalId", "find", ({ payments }) => payments.getByExternalId("id")],
  ["payments.due", "find", ({ payments }) => payments.due(["queued"], 9, 9)],
  ["payments.list", "find", ({ payments }) => payments.list({}, ALL)],
  ["payments.list (count)", "aggregate", ({ payments }) => payments.list({}, ALL)],
  ["webhooks.hasUnworked", "aggregate", ({ webhooks }) => webhooks.hasUnworked(0)],
  ["control.get", "find", ({ control }) => control.get("key")],
];

const FAULTS: Readonly<Record<string, Document>> = {
  "is cut off": CUT,
  "meets a member that steps down": STEPPING_DOWN,
  "takes too long": TOO_SLOW,
};

if (mongo !== undefined) {
  for (const [name, command, call] of WRITES) {
    Deno.test(`${name}() rejects when its ${command} is not acknowledged`, async () => {
      const { stores, fail, mend } = await openFailing(mongo);
      await stores.control.put("key", undefined, 1);
      await stores.payments.insertOrGet(PAYMENT);
      await fail([command], NOT_REPLICATED, 1);
      await assert.rejects(call(stores), StoreUnavailable);
      await mend();
      await stores.close();
    });
  }

  for (const [fault, how] of Object.entries(FAULTS)) {
    Deno.test(`every call rejects with StoreUnavailable when its command ${fault}, then recovers`, async () => {
      const { stores, fail, mend } = await openFailing(mongo, {
        monotonic: everLater(),
        driver: { minHeartbeatFrequencyMS: 10, serverMonitoringMode: "poll" },
      });
      await stores.control.put("key", undefined, 1);
      for (const [name, command, call] of [...WRITES, ...READS]) {
        await fail([command], how);
        await assert.rejects(call(stores), StoreUnavailable, name);
        await mend();
        await assert.doesNotReject(call(stores), name);
      }
      await stores.close();
    });
  }

  Deno.test("a command that is cut off once is sent again by the driver and done once", async () => {
    const { stores, fail } = await openFailing(mongo);
    const before = await inserted(stores);
    await fail(["insert", "findAndModify", "find"], CUT, 1);
    assert.equal((await stores.payments.insertOrGet(aPayment())).kind, "inserted");
    await fail(["findAndModify"], CUT, 1);
    const saved = await stores.payments.save(before, { ...before, description: "once" });
    assert.ok(saved.kind === "saved" && saved.item.version === 2);
    await stores.close();
  });

  Deno.test("insertOrGet() that was not acknowledged is there when it is asked again", async () => {
    const { stores, fail } = await openFailing(mongo);
    const payment = aPayment();
    await fail(["insert"], NOT_REPLICATED, 1);
    await assert.rejects(stores.payments.insertOrGet(payment), StoreUnavailable);
    const { idempotencyKey } = payment;
    const again = await stores.payments.insertOrGet(aPayment({ idempotencyKey }));
    assert.ok(again.kind === "exists");
    assert.deepEqual(again.byIdempotencyKey, asStored(payment));
    await stores.close();
  });

  Deno.test("insertOrGet() tells nobody that it is there when the read of it cannot be trusted", async () => {
    const commands: Document[] = [];
    const onCommand = (command: Document) => void commands.push(command);
    const { stores, fail, mend } = await openFailing(mongo, { onCommand });
    const { idempotencyKey } = await inserted(stores);
    commands.length = 0;
    await fail(["find"], TOO_SLOW);
    const repeat = aPayment({ idempotencyKey });
    await assert.rejects(stores.payments.insertOrGet(repeat), StoreUnavailable);
    const read = commands.find((command) => "find" in command);
    assert.equal(read?.readConcern.level, "linearizable");
    assert.ok(read?.maxTimeMS > 0);
    await mend();
    await stores.close();
  });

  Deno.test("check() tells why the store takes no writes", async () => {
    const { stores, fail, mend } = await openFailing(mongo);
    await fail(["update"], STEPPING_DOWN);
    await assert.rejects(stores.storeHealth.check(), /Cannot use MongoDB as it failed: \w+ 91/);
    await mend();
    await stores.close();
  });

  Deno.test("no error quotes what is stored", async () => {
    const { stores } = await openFailing(mongo);
    const unstorable = { ...aPayment(), currency: 5 as unknown as string, description: "secret" };
    const refused = await stores.payments.insertOrGet(unstorable).catch((error) => error);
    assert.ok(refused instanceof Error && !(refused instanceof StoreUnavailable));
    assert.doesNotMatch(Deno.inspect(refused), /secret|79123456789|order-/);
    await stores.close();
  });
}

/** So that each check() writes. */
function everLater(): () => number {
  let now = 0;
  return () => now += 10_000;
}
