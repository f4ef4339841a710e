// The contract of InvoiceStore: every law that a store of invoices keeps, whatever it is made of.

import assert from "node:assert/strict";
import type { RecordFilter } from "../../application/ports.ts";
import type { Invoice } from "../../domain/invoice.ts";
import { anInvoice } from "../support/invoices.ts";
import { listContract } from "./list_contract.ts";
import { asStored, lawOf, type OpenStores, type Stores, STRANGE_TEXTS, tamper } from "./stores.ts";

const ALL = { perPage: 100, page: 1 };
const EXACT = { totalIsLowerBound: false };

async function inserted({ invoices }: Stores, overrides: Partial<Invoice> = {}): Promise<Invoice> {
  const answer = await invoices.insertOrGet(anInvoice(overrides));
  assert.equal(answer.kind, "inserted");
  return answer.invoice;
}

export function invoiceStoreContract(name: string, open: OpenStores): void {
  insertLaws(name, open);
  saveLaws(name, open);
  filterLaws(name, open);
  listContract(name, open, {
    make: (createdAt) => anInvoice({ createdAt }),
    insert: ({ invoices }, invoice: Invoice) => invoices.insertOrGet(invoice),
    list: ({ invoices }, page) => invoices.list({}, page),
  });
}

function insertLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("insertOrGet() gives a new invoice back as it was stored", async ({ invoices }) => {
    const invoice = anInvoice();
    const answer = await invoices.insertOrGet(invoice);
    assert.deepEqual(answer, { kind: "inserted", invoice: asStored(invoice) });
    assert.deepEqual(await invoices.get(invoice.id), asStored(invoice));
    assert.deepEqual(await invoices.getByKonsolId(invoice.konsolId), asStored(invoice));
  });

  law("insertOrGet() gives the invoice that has the konsolId", async (stores) => {
    const first = await inserted(stores);
    const repeat = anInvoice({ konsolId: first.konsolId, amountMinor: 1 });
    const answer = await stores.invoices.insertOrGet(repeat);
    assert.deepEqual(answer, { kind: "exists", invoice: first });
    assert.equal(await stores.invoices.get(repeat.id), undefined);
  });

  law("insertOrGet() stores one of many that come at once with one konsolId", async (stores) => {
    const repeats = Array.from({ length: 50 }, () => anInvoice({ konsolId: "one" }));
    const answers = await Promise.all(repeats.map((one) => stores.invoices.insertOrGet(one)));
    assert.equal(answers.filter(({ kind }) => kind === "inserted").length, 1);
    assert.equal(new Set(answers.map(({ invoice }) => invoice.id)).size, 1);
  });

  law("insertOrGet() takes any number of invoices with one external id", async (stores) => {
    await inserted(stores, { externalId: "same" });
    await inserted(stores, { externalId: "same" });
    assert.equal((await stores.invoices.list({ externalId: "same" }, ALL)).total, 2);
  });

  law("insertOrGet() rejects an id that another invoice has", async (stores) => {
    const { id } = await inserted(stores);
    await assert.rejects(stores.invoices.insertOrGet(anInvoice({ id })), /Cannot insert/);
  });

  law("insertOrGet() tells konsolIds apart by every character", async (stores) => {
    for (const konsolId of STRANGE_TEXTS) await inserted(stores, { konsolId });
    for (const konsolId of STRANGE_TEXTS) {
      assert.equal((await stores.invoices.getByKonsolId(konsolId))?.konsolId, konsolId);
    }
  });

  law("get() gives undefined for what is not there", async ({ invoices }) => {
    assert.equal(await invoices.get("inv_none"), undefined);
    assert.equal(await invoices.getByKonsolId("none"), undefined);
  });

  law("get() gives a value that nobody else holds", async (stores) => {
    const { id } = await inserted(stores, { metadata: { shop: "one" } });
    const held = await stores.invoices.get(id);
    tamper(held?.metadata, { shop: "two" });
    assert.deepEqual((await stores.invoices.get(id))?.metadata, { shop: "one" });
  });
}

function saveLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("save() gives the changed invoice under the next version", async (stores) => {
    const before = await inserted(stores);
    const expected = asStored({ ...before, status: "processing", version: 2 });
    const answer = await stores.invoices.save(before, { ...before, status: "processing" });
    assert.deepEqual(answer, { kind: "saved", item: expected });
    assert.deepEqual(await stores.invoices.get(before.id), expected);
  });

  law("save() is stale when the invoice was saved meanwhile", async (stores) => {
    const before = await inserted(stores);
    await stores.invoices.save(before, { ...before, description: "first" });
    const answer = await stores.invoices.save(before, { ...before, description: "second" });
    assert.deepEqual(answer, { kind: "stale" });
    assert.equal((await stores.invoices.get(before.id))?.description, "first");
  });

  law("save() is stale for an invoice that was never stored", async ({ invoices }) => {
    const invoice = anInvoice();
    assert.deepEqual(await invoices.save(invoice, invoice), { kind: "stale" });
  });

  law("save() lets one of many that come at once win", async (stores) => {
    const before = await inserted(stores);
    const changes = Array.from({ length: 50 }, (_, n) => ({ ...before, description: `${n}` }));
    const answers = await Promise.all(changes.map((one) => stores.invoices.save(before, one)));
    assert.equal(answers.filter(({ kind }) => kind === "saved").length, 1);
  });

  law("save() refuses a konsolId that another invoice has", async (stores) => {
    const { konsolId } = await inserted(stores);
    const before = await inserted(stores);
    const answer = await stores.invoices.save(before, { ...before, konsolId });
    assert.deepEqual(answer, { kind: "konsol_id_taken" });
    assert.deepEqual(await stores.invoices.get(before.id), before);
  });
}

const CASES: readonly (readonly [RecordFilter, Partial<Invoice>, Partial<Invoice>])[] = [
  [{ status: "completed" }, { status: "completed" }, { status: "failed" }],
  [{ currency: "USD" }, { currency: "USD" }, { currency: "RUB" }],
  [{ userId: 0 }, { userId: 0 }, { userId: undefined }],
  [{ externalId: "Счёт 1" }, { externalId: "Счёт 1" }, { externalId: "Счёт 11" }],
  [{ createdFrom: 5 }, { createdAt: 5 }, { createdAt: 4 }],
  [{ createdTo: 5 }, { createdAt: 4 }, { createdAt: 5 }],
];

function filterLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  for (const [filter, passes, fails] of CASES) {
    law(`list() filters by ${Object.keys(filter)}`, async (stores) => {
      const passing = await inserted(stores, passes);
      await inserted(stores, fails);
      const expected = { items: [passing], total: 1, ...EXACT };
      assert.deepEqual(await stores.invoices.list(filter, ALL), expected);
    });
  }

  law("list() passes only what passes every filter", async (stores) => {
    const filter = Object.assign({}, ...CASES.map(([one]) => one), { createdFrom: 3 });
    const right = Object.assign({}, ...CASES.map(([, passes]) => passes));
    const passing = await inserted(stores, right);
    for (const [, , fails] of CASES.slice(0, 4)) await inserted(stores, { ...right, ...fails });
    await inserted(stores, { ...right, createdAt: 2 });
    await inserted(stores, { ...right, createdAt: 5 });
    const expected = { items: [passing], total: 1, ...EXACT };
    assert.deepEqual(await stores.invoices.list(filter, ALL), expected);
  });
}
