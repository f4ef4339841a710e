// The stores in memory: for tests, simulation and trying the service out; nothing lasts.

import type { Ports, Position } from "../../application/ports.ts";
import { StoreUnavailable } from "../../application/store_unavailable.ts";
import type { Callback } from "../../domain/callback.ts";
import type { Invoice } from "../../domain/invoice.ts";
import type { Payment } from "../../domain/payment.ts";
import type { Webhook } from "../../domain/webhook.ts";
import { MemoryCallbackStore } from "./memory_callback_store.ts";
import { type ControlRow, MemoryControlStore } from "./memory_control_store.ts";
import { MemoryEventLog } from "./memory_event_log.ts";
import { MemoryInvoiceStore } from "./memory_invoice_store.ts";
import { MemoryPaymentStore } from "./memory_payment_store.ts";
import { MemoryTable, STORE_CLOSED } from "./memory_table.ts";
import { MemoryWebhookStore } from "./memory_webhook_store.ts";

export type MemoryStores =
  & Pick<
    Ports,
    "payments" | "invoices" | "webhooks" | "events" | "callbacks" | "control" | "storeHealth"
  >
  & {
    /** Nothing outlives the process, so nothing is ever brought back. */
    readonly restored: false;
    acceptRestore(): Promise<void>;
    close(): Promise<void>;
  };

export function createMemoryStores(): MemoryStores {
  const byCreation = ({ createdAt, id }: Position) => ({ createdAt, id });
  const payments = new MemoryTable<Payment>(byCreation);
  const invoices = new MemoryTable<Invoice>(byCreation);
  const webhooks = new MemoryTable<Webhook>(({ receivedAt, id }) => ({
    createdAt: receivedAt,
    id,
  }));
  const callbacks = new MemoryTable<Callback>(byCreation);
  const events = new MemoryEventLog(callbacks);
  const control = new MemoryTable<ControlRow>(({ id }) => ({ createdAt: 0, id }));
  const tables = [payments, invoices, webhooks, callbacks, events, control];
  let closed = false;
  return {
    payments: new MemoryPaymentStore(payments, events),
    invoices: new MemoryInvoiceStore(invoices),
    webhooks: new MemoryWebhookStore(webhooks),
    events,
    callbacks: new MemoryCallbackStore(callbacks),
    control: new MemoryControlStore(control),
    storeHealth: {
      check: () => closed ? Promise.reject(new StoreUnavailable(STORE_CLOSED)) : Promise.resolve(),
    },
    restored: false,
    acceptRestore: () => Promise.resolve(),
    close() {
      closed = true;
      for (const table of tables) table.close();
      return Promise.resolve();
    },
  };
}
