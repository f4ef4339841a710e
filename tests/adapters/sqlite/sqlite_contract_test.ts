// The stores in SQLite, on a file, keep every contract.

import { openSqliteStores } from "../../../adapters/sqlite/open_sqlite_stores.ts";
import { callbackStoreContract } from "../../contracts/callback_store_contract.ts";
import { controlStoreContract } from "../../contracts/control_store_contract.ts";
import { eventLogContract } from "../../contracts/event_log_contract.ts";
import { invoiceStoreContract } from "../../contracts/invoice_store_contract.ts";
import { paymentStoreContract } from "../../contracts/payment_store_contract.ts";
import { storeHealthContract } from "../../contracts/store_health_contract.ts";
import type { Stores } from "../../contracts/stores.ts";
import { webhookStoreContract } from "../../contracts/webhook_store_contract.ts";

async function open(): Promise<Stores> {
  const folder = await Deno.makeTempDir();
  const stores = openSqliteStores(`${folder}/payments.db`);
  return {
    ...stores,
    async close() {
      await stores.close();
      await Deno.remove(folder, { recursive: true }).catch(() => {});
    },
  };
}

paymentStoreContract("SqlitePaymentStore", open);
invoiceStoreContract("SqliteInvoiceStore", open);
webhookStoreContract("SqliteWebhookStore", open);
eventLogContract("SqliteEventLog", open);
callbackStoreContract("SqliteCallbackStore", open);
controlStoreContract("SqliteControlStore", open);
storeHealthContract("SqliteStores", open);
