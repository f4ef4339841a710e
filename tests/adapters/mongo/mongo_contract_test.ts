// The stores in MongoDB, over a socket, keep every contract.

import { callbackStoreContract } from "../../contracts/callback_store_contract.ts";
import { controlStoreContract } from "../../contracts/control_store_contract.ts";
import { eventLogContract } from "../../contracts/event_log_contract.ts";
import { invoiceStoreContract } from "../../contracts/invoice_store_contract.ts";
import { paymentStoreContract } from "../../contracts/payment_store_contract.ts";
import { storeHealthContract } from "../../contracts/store_health_contract.ts";
import { webhookStoreContract } from "../../contracts/webhook_store_contract.ts";
import { mongoForTests } from "../../support/mongo_server.ts";

const mongo = await mongoForTests();

/** Some laws ask hundreds of things at once, of a small server on a busy machine. */
const PATIENT = { callMsMax: 60_000, driver: { waitQueueTimeoutMS: 60_000 } };

if (mongo !== undefined) {
  const open = () => mongo.openStores(PATIENT);
  paymentStoreContract("MongoPaymentStore", open);
  invoiceStoreContract("MongoInvoiceStore", open);
  webhookStoreContract("MongoWebhookStore", open);
  eventLogContract("MongoEventLog", open);
  callbackStoreContract("MongoCallbackStore", open);
  controlStoreContract("MongoControlStore", open);
  storeHealthContract("MongoStores", open);
}
