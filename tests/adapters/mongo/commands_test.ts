// What the stores really send: bounded in time, majority with journal, and answered by an index.

import assert from "node:assert/strict";
import type { Document } from "mongodb";
import type { PageRequest } from "../../../application/ports.ts";
import { SUBMISSIONS } from "../../../domain/submission_table.ts";
import { inserted, type Stores } from "../../contracts/stores.ts";
import { anEvent, CALLBACK_URL } from "../../support/callbacks.ts";
import { anInvoice } from "../../support/invoices.ts";
import { inDatabase, mongoForTests } from "../../support/mongo_server.ts";
import { aPayment } from "../../support/payments.ts";
import { aWebhook } from "../../support/webhooks.ts";

const mongo = await mongoForTests();
const PAGE: PageRequest = { perPage: 20, page: 1, after: { createdAt: 5, id: "pay_5" } };
const NAMES = ["find", "aggregate", "insert", "update", "findAndModify", "delete"];
const WRITES = ["insert", "update", "findAndModify", "delete"];

/** Every call of every port, repeated inserts too. */
async function askAll(stores: Stores & { sweep(): Promise<void>; settled(): Promise<void> }) {
  const { payments, invoices, webhooks, events, callbacks, control } = stores;
  const before = await inserted(stores);
  const event = anEvent({ paymentId: before.id, callbackUrl: CALLBACK_URL });
  await payments.save(before, before, [event]);
  await stores.settled();
  await payments.insertOrGet(aPayment({ externalId: before.externalId }));
  await Promise.all([payments.get("id"), payments.getByKonsolId("k")]);
  await payments.getByExternalId("e");
  await payments.due(SUBMISSIONS, 9, 9);
  await payments.list({ status: "failed", currency: "USD" }, PAGE);
  await payments.listReviews(PAGE);
  const [invoice, webhook] = [anInvoice(), aWebhook()];
  for (const _twice of [1, 2]) {
    await invoices.insertOrGet(invoice);
    await webhooks.insertOrGet(webhook);
  }
  await invoices.save(invoice, invoice);
  await invoices.list({ userId: 7 }, PAGE);
  await webhooks.save(webhook, webhook);
  await webhooks.list({ konsolId: "k" }, PAGE);
  await webhooks.latestOf(webhook.konsolId, 1);
  await webhooks.due(9, 9);
  await webhooks.hasUnworked(9);
  await webhooks.countUnworked(9);
  await events.list(event.id, 9);
  await callbacks.dueHosts(Number.MAX_SAFE_INTEGER, 9);
  await callbacks.due("shop.example", 9, 9);
  await callbacks.firstPending(before.id);
  await callbacks.list({ state: "dead", paymentId: "pay_1" }, PAGE);
  await control.put("key", undefined, 1);
  await control.put("key", 1, 2);
  await control.get("key");
  await stores.storeHealth.check();
  await stores.sweep();
}

if (mongo !== undefined) {
  const sent = async () => {
    const commands: Document[] = [];
    const stores = await mongo.openStores({ onCommand: (command) => void commands.push(command) });
    commands.length = 0;
    await askAll(stores);
    const { url } = stores;
    const close = () => stores.close();
    return { commands: commands.filter((one) => NAMES.includes(nameOf(one))), url, close };
  };

  Deno.test("every command has a bound of time", async () => {
    const { commands, close } = await sent();
    assert.deepEqual(new Set(commands.map(nameOf)), new Set(NAMES.slice(0, 5)));
    assert.deepEqual(commands.filter(({ maxTimeMS }) => !(maxTimeMS > 0)).map(nameOf), []);
    await close();
  });

  Deno.test("every write is acknowledged by most members, from their journals, and can be retried", async () => {
    const { commands, close } = await sent();
    const writes = commands.filter((one) => WRITES.includes(nameOf(one)));
    assert.ok(writes.length > 8);
    for (const { writeConcern, txnNumber } of writes) {
      assert.equal(writeConcern?.w, "majority");
      assert.equal(writeConcern?.j, true);
      assert.ok(txnNumber !== undefined);
    }
    await close();
  });

  Deno.test("every read shows only what can never be rolled back", async () => {
    const { commands, close } = await sent();
    const reads = commands.filter((one) => ["find", "aggregate"].includes(nameOf(one)));
    const levels = new Set(reads.map(({ readConcern }) => readConcern?.level));
    assert.deepEqual(levels, new Set(["majority", "linearizable"]));
    await close();
  });

  // SecantusDB says COLLSCAN for what it finds by `_id`, for an `$or` in a cursor and beside any `$expr`.
  Deno.test("every query goes by an index", async () => {
    const { commands, url, close } = await sent();
    const queries = commands.filter(({ find, filter = {} }) =>
      find !== undefined && !("_id" in filter) && !("$and" in filter) &&
      Object.keys(filter).length > 0
    );
    assert.ok(queries.length > 10);
    await inDatabase(url, async (database) => {
      for (const { find, filter: { $expr: _, ...filter }, sort, limit } of queries) {
        const explain = { find, filter, ...(sort && { sort }), ...(limit && { limit }) };
        const { queryPlanner } = await database.command({ explain, verbosity: "queryPlanner" });
        const plan = JSON.stringify(queryPlanner.winningPlan);
        assert.match(plan, /IXSCAN|IDHACK|EXPRESS/, `${find} ${JSON.stringify(filter)} ${plan}`);
      }
    });
    await close();
  });
}

function nameOf(command: Document): string {
  return Object.keys(command)[0] ?? "";
}
