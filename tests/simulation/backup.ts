// A copy of the whole store, and a new store made of it: what an operator brings back from a backup.

import type { Invoice } from "../../domain/invoice.ts";
import type { Payment } from "../../domain/payment.ts";
import type { Webhook } from "../../domain/webhook.ts";
import type { Stores } from "./instance.ts";

const PAGE = { perPage: 1_000, page: 1 };

export interface Backup {
  readonly payments: readonly Payment[];
  readonly invoices: readonly Invoice[];
  readonly webhooks: readonly Webhook[];
  readonly control: readonly (readonly [key: string, value: unknown])[];
}

/** `controlKeys`: all that were ever put, as the store cannot be asked for them. */
export async function backUp(stores: Stores, controlKeys: Iterable<string>): Promise<Backup> {
  const control: (readonly [string, unknown])[] = [];
  for (const key of controlKeys) {
    const stored = await stores.control.get(key);
    if (stored !== undefined) control.push([key, stored.value]);
  }
  return {
    payments: (await stores.payments.list({}, PAGE)).items,
    invoices: (await stores.invoices.list({}, PAGE)).items,
    webhooks: (await stores.webhooks.list({}, PAGE)).items,
    control,
  };
}

export async function putBack(stores: Stores, backup: Backup): Promise<void> {
  for (const payment of backup.payments) await stores.payments.insertOrGet(payment);
  for (const invoice of backup.invoices) await stores.invoices.insertOrGet(invoice);
  for (const webhook of backup.webhooks) await stores.webhooks.insertOrGet(webhook);
  for (const [key, value] of backup.control) await stores.control.put(key, undefined, value);
}
