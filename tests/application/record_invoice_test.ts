// Laws of application/record_invoice.ts.

import assert from "node:assert/strict";
import type { InvoiceDetails } from "../../domain/invoice.ts";
import { Refusal } from "../../domain/refusal.ts";
import { openRig } from "../support/application_rig.ts";
import { NOW } from "../support/payment_states.ts";

const DETAILS: InvoiceDetails = {
  konsolId: "ki_1",
  amountMinor: 500_000,
  currency: "RUB",
  status: "pending",
  description: "Счёт за услуги",
  dueDate: "2026-02-28",
  userId: 123456789,
  externalId: "invoice_1",
  metadata: { shelf: 7 },
  invoiceUrl: "https://konsol.example/i/1",
};

Deno.test("createInvoice() records every field, with an id and times of its own", async () => {
  const { invoice, replayed } = await openRig().application.createInvoice(DETAILS);
  assert.deepEqual({ ...invoice, ...DETAILS }, invoice);
  assert.match(invoice.id, /^inv_/);
  assert.deepEqual([invoice.createdAt, replayed], [NOW, false]);
});

Deno.test("createInvoice() again answers the one that is recorded", async () => {
  const { application } = openRig();
  const first = await application.createInvoice(DETAILS);
  const again = await application.createInvoice({ ...DETAILS, description: "other words" });
  assert.deepEqual(again, { invoice: first.invoice, replayed: true });
});

Deno.test("createInvoice() many times at once records one", async () => {
  const { application } = openRig();
  const asked = Array.from({ length: 20 }, () => application.createInvoice(DETAILS));
  const ids = (await Promise.all(asked)).map(({ invoice }) => invoice.id);
  assert.equal(new Set(ids).size, 1);
});

Deno.test("createInvoice() refuses its konsol_id for another invoice, naming what differs", async () => {
  const { application } = openRig();
  await application.createInvoice(DETAILS);
  const other = { amountMinor: 1, currency: "USD", userId: 2, externalId: "invoice_2" };
  await assert.rejects(application.createInvoice({ ...DETAILS, ...other }), (error: unknown) => {
    assert.ok(error instanceof Refusal);
    assert.equal(error.code, "konsol_id_reused");
    const fields = error.details.fields?.map(({ field }) => field);
    assert.deepEqual(fields, ["amount", "currency", "user_id", "external_id"]);
    return true;
  });
});

Deno.test("getInvoice() finds one by our id and by Konsol's, and refuses another id", async () => {
  const { application } = openRig();
  const { invoice } = await application.createInvoice(DETAILS);
  assert.deepEqual(await application.getInvoice(invoice.id), invoice);
  assert.deepEqual(await application.getInvoice("ki_1"), invoice);
  await assert.rejects(application.getInvoice("inv_9"), { code: "invoice_not_found" });
});

Deno.test("listInvoices() lists by the fields of the filter", async () => {
  const { application } = openRig();
  await application.createInvoice(DETAILS);
  await application.createInvoice({ ...DETAILS, konsolId: "ki_2", userId: 2 });
  const { items } = await application.listInvoices({ userId: 2 }, { perPage: 10, page: 1 });
  assert.deepEqual(items.map(({ konsolId }) => konsolId), ["ki_2"]);
});

Deno.test("updateInvoice() goes forward, dates the payment and is stored", async () => {
  const { application, clock } = openRig();
  const { invoice } = await application.createInvoice(DETAILS);
  await clock.advance(1_000);
  const paid = await application.updateInvoice("ki_1", { status: "completed" });
  assert.deepEqual([paid.status, paid.paidAt, paid.updatedAt], [
    "completed",
    NOW + 1_000,
    NOW + 1_000,
  ]);
  assert.deepEqual(await application.getInvoice(invoice.id), paid);
});

Deno.test("updateInvoice() refuses to go back, and stores nothing of it", async () => {
  const { application } = openRig();
  const { invoice } = await application.createInvoice({ ...DETAILS, status: "failed" });
  const change = { status: "processing", description: "other words" } as const;
  await assert.rejects(application.updateInvoice(invoice.id, change), {
    code: "invoice_status_not_forward",
  });
  assert.deepEqual(await application.getInvoice(invoice.id), invoice);
});

Deno.test("updateInvoice() keeps what another change raced with", async () => {
  const { application, next, stores } = openRig();
  const { invoice } = await application.createInvoice(DETAILS);
  next.invoices.save.push(() =>
    stores.invoices.save(invoice, { ...invoice, dueDate: "2026-03-01" })
  );
  const changed = await application.updateInvoice(invoice.id, { status: "processing" });
  assert.deepEqual([changed.status, changed.dueDate], ["processing", "2026-03-01"]);
});

Deno.test("updateInvoice() sees the end that another change set first", async () => {
  const { application, next, stores } = openRig();
  const { invoice } = await application.createInvoice(DETAILS);
  next.invoices.save.push(() => stores.invoices.save(invoice, { ...invoice, status: "cancelled" }));
  await assert.rejects(application.updateInvoice(invoice.id, { status: "completed" }), {
    code: "invoice_status_not_forward",
  });
});

Deno.test("updateInvoice() refuses an id that no invoice has", async () => {
  await assert.rejects(openRig().application.updateInvoice("inv_9", {}), {
    code: "invoice_not_found",
  });
});
