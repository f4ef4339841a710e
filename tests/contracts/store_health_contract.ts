// The contract of StoreHealth and of the end: a healthy store says so, a closed one does nothing.

import assert from "node:assert/strict";
import { StoreUnavailable } from "../../application/store_unavailable.ts";
import { anInvoice } from "../support/invoices.ts";
import { aPayment } from "../support/payments.ts";
import { aWebhook } from "../support/webhooks.ts";
import { lawOf, type OpenStores, type Stores } from "./stores.ts";

const PAGE = { perPage: 9, page: 1 };
const PAYMENT = aPayment();
const INVOICE = anInvoice();
const WEBHOOK = aWebhook();

const CALLS: Readonly<Record<string, (stores: Stores) => Promise<unknown>>> = {
  "payments.insertOrGet": ({ payments }) => payments.insertOrGet(PAYMENT),
  "payments.get": ({ payments }) => payments.get("id"),
  "payments.getByKonsolId": ({ payments }) => payments.getByKonsolId("id"),
  "payments.getByExternalId": ({ payments }) => payments.getByExternalId("id"),
  "payments.save": ({ payments }) => payments.save(PAYMENT, PAYMENT),
  "payments.list": ({ payments }) => payments.list({}, PAGE),
  "payments.listReviews": ({ payments }) => payments.listReviews(PAGE),
  "payments.due": ({ payments }) => payments.due(["queued"], 0, 9),
  "invoices.insertOrGet": ({ invoices }) => invoices.insertOrGet(INVOICE),
  "invoices.get": ({ invoices }) => invoices.get("id"),
  "invoices.getByKonsolId": ({ invoices }) => invoices.getByKonsolId("id"),
  "invoices.save": ({ invoices }) => invoices.save(INVOICE, INVOICE),
  "invoices.list": ({ invoices }) => invoices.list({}, PAGE),
  "webhooks.insertOrGet": ({ webhooks }) => webhooks.insertOrGet(WEBHOOK),
  "webhooks.get": ({ webhooks }) => webhooks.get("id"),
  "webhooks.save": ({ webhooks }) => webhooks.save(WEBHOOK, WEBHOOK),
  "webhooks.list": ({ webhooks }) => webhooks.list({}, PAGE),
  "webhooks.due": ({ webhooks }) => webhooks.due(0, 9),
  "webhooks.hasUnworked": ({ webhooks }) => webhooks.hasUnworked(0),
  "webhooks.countUnworked": ({ webhooks }) => webhooks.countUnworked(9),
  "control.get": ({ control }) => control.get("key"),
  "control.put": ({ control }) => control.put("key", undefined, 1),
  "control.put (again)": ({ control }) => control.put("key", 1, 1),
  "storeHealth.check": ({ storeHealth }) => storeHealth.check(),
};

export function storeHealthContract(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("check() resolves while writes are taken, however often it is asked", async (stores) => {
    await Promise.all(Array.from({ length: 20 }, () => stores.storeHealth.check()));
    await stores.payments.insertOrGet(aPayment());
    await stores.storeHealth.check();
  });

  for (const [call, ask] of Object.entries(CALLS)) {
    law(`close() makes ${call}() reject with StoreUnavailable`, async (stores) => {
      await stores.close();
      await assert.rejects(ask(stores), StoreUnavailable);
    });
  }

  law("close() makes check() reject, even right after it resolved", async (stores) => {
    await stores.storeHealth.check();
    await stores.close();
    await assert.rejects(stores.storeHealth.check(), StoreUnavailable);
  });

  law("close() keeps what was asked for before it", async (stores) => {
    const payment = aPayment();
    const asked = stores.payments.insertOrGet(payment);
    await stores.close();
    assert.equal((await asked).kind, "inserted");
  });

  law("close() can be repeated", async (stores) => {
    await stores.close();
    await stores.close();
  });
}
