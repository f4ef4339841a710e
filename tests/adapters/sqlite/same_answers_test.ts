// The stores in memory and in SQLite give the same answers, whatever is asked in whatever order.

import { GroupCommit } from "../../../adapters/sqlite/group_commit.ts";
import { IN_MEMORY, openDatabase } from "../../../adapters/sqlite/open_database.ts";
import { SqliteCallbackStore } from "../../../adapters/sqlite/sqlite_callback_store.ts";
import { SqliteConnection } from "../../../adapters/sqlite/sqlite_connection.ts";
import { SqliteControlStore } from "../../../adapters/sqlite/sqlite_control_store.ts";
import { SqliteEventLog } from "../../../adapters/sqlite/sqlite_event_log.ts";
import { SqliteInvoiceStore } from "../../../adapters/sqlite/sqlite_invoice_store.ts";
import { SqlitePaymentStore } from "../../../adapters/sqlite/sqlite_payment_store.ts";
import { SqliteStoreHealth } from "../../../adapters/sqlite/sqlite_store_health.ts";
import { SqliteWebhookStore } from "../../../adapters/sqlite/sqlite_webhook_store.ts";
import { holdToMemory, storeSteps } from "../../contracts/same_answers.ts";
import type { Stores } from "../../contracts/stores.ts";

/** Of each of the five kinds of call: ten thousand in all. */
const SEQUENCES = 2_000;
const TABLES = ["payments", "invoices", "webhooks", "events", "callbacks", "control"];

const steps = storeSteps({ toFractions: true, toNewEventIds: true });

/** One database for all sequences, emptied before each: to make its tables takes longer than one. */
function reopened(): () => Promise<Stores> {
  const connection = new SqliteConnection(openDatabase(IN_MEMORY));
  const commit = new GroupCommit(connection);
  const stores: Stores = {
    payments: new SqlitePaymentStore(connection, commit),
    invoices: new SqliteInvoiceStore(connection, commit),
    webhooks: new SqliteWebhookStore(connection, commit),
    events: new SqliteEventLog(connection),
    callbacks: new SqliteCallbackStore(connection, commit),
    control: new SqliteControlStore(connection, commit),
    storeHealth: new SqliteStoreHealth(connection, commit, () => 0),
    close: () => Promise.resolve(),
  };
  return () => {
    for (const table of TABLES) connection.run(`DELETE FROM ${table}`);
    return Promise.resolve(stores);
  };
}

for (const [port, step] of Object.entries(steps)) {
  const title = `Memory${port} and Sqlite${port} give any calls the same answers`;
  Deno.test(`${title}, in ${SEQUENCES} random sequences`, async () => {
    await holdToMemory(step, reopened(), SEQUENCES);
  });
}
