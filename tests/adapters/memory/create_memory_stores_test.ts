// The stores in memory keep every contract.

import { createMemoryStores } from "../../../adapters/memory/create_memory_stores.ts";
import { callbackStoreContract } from "../../contracts/callback_store_contract.ts";
import { controlStoreContract } from "../../contracts/control_store_contract.ts";
import { eventLogContract } from "../../contracts/event_log_contract.ts";
import { invoiceStoreContract } from "../../contracts/invoice_store_contract.ts";
import { paymentStoreContract } from "../../contracts/payment_store_contract.ts";
import { storeHealthContract } from "../../contracts/store_health_contract.ts";
import { webhookStoreContract } from "../../contracts/webhook_store_contract.ts";

const open = () => Promise.resolve(createMemoryStores());

paymentStoreContract("MemoryPaymentStore", open);
invoiceStoreContract("MemoryInvoiceStore", open);
webhookStoreContract("MemoryWebhookStore", open);
eventLogContract("MemoryEventLog", open);
callbackStoreContract("MemoryCallbackStore", open);
controlStoreContract("MemoryControlStore", open);
storeHealthContract("MemoryStores", open);
