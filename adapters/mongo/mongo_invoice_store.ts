// Invoices in MongoDB.

import type {
  InvoiceStore,
  Page,
  PageRequest,
  RecordFilter,
  Saved,
} from "../../application/ports.ts";
import type { Invoice } from "../../domain/invoice.ts";
import { INVOICES } from "./invoice_document.ts";
import { LINEARIZABLE, type MongoConnection } from "./mongo_connection.ts";
import { takenField } from "./mongo_errors.ts";
import {
  findRecord,
  insertOrFind,
  listRecords,
  recordConditions,
  replaceRecord,
} from "./mongo_records.ts";

export class MongoInvoiceStore implements InvoiceStore {
  readonly #connection: MongoConnection;

  constructor(connection: MongoConnection) {
    this.#connection = connection;
  }

  async insertOrGet(invoice: Invoice): Promise<{ kind: "inserted" | "exists"; invoice: Invoice }> {
    const answer = await insertOrFind(
      this.#connection,
      INVOICES,
      INVOICES.toDocument(invoice),
      () => findRecord(this.#connection, INVOICES, "konsol_id", invoice.konsolId, LINEARIZABLE),
    );
    if ("found" in answer) return { kind: "exists", invoice: answer.found };
    return { kind: "inserted", invoice: answer.inserted };
  }

  get(id: string): Promise<Invoice | undefined> {
    return findRecord(this.#connection, INVOICES, "_id", id);
  }

  getByKonsolId(konsolId: string): Promise<Invoice | undefined> {
    return findRecord(this.#connection, INVOICES, "konsol_id", konsolId);
  }

  async save(before: Invoice, after: Invoice): Promise<Saved<Invoice>> {
    try {
      const item = await replaceRecord(this.#connection, INVOICES, before, after);
      return item ? { kind: "saved", item } : { kind: "stale" };
    } catch (error) {
      if (takenField(error) === "konsol_id") return { kind: "konsol_id_taken" };
      throw error;
    }
  }

  list(filter: RecordFilter, page: PageRequest): Promise<Page<Invoice>> {
    return listRecords(this.#connection, INVOICES, recordConditions(filter), page);
  }
}
