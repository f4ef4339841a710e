// Invoices in MongoDB.

import type {
  InvoiceStore,
  Page,
  PageRequest,
  RecordFilter,
  Saved,
} from "../../application/ports.ts";
import type { Invoice } from "../../domain/invoice.ts";
import { recordConditions } from "./conditions.ts";
import { INVOICES } from "./invoice_document.ts";
import type { MongoConnection } from "./mongo_connection.ts";
import { takenField } from "./mongo_errors.ts";
import { MongoTable } from "./mongo_table.ts";

export class MongoInvoiceStore implements InvoiceStore {
  readonly #table: MongoTable<Invoice>;

  constructor(connection: MongoConnection) {
    this.#table = new MongoTable(connection, INVOICES);
  }

  async insertOrGet(invoice: Invoice): Promise<{ kind: "inserted" | "exists"; invoice: Invoice }> {
    const find = () => this.#table.findForGood("konsol_id", invoice.konsolId);
    const answer = await this.#table.insertOrFind(invoice, find);
    if ("found" in answer) return { kind: "exists", invoice: answer.found };
    return { kind: "inserted", invoice: answer.inserted };
  }

  get(id: string): Promise<Invoice | undefined> {
    return this.#table.find("_id", id);
  }

  getByKonsolId(konsolId: string): Promise<Invoice | undefined> {
    return this.#table.find("konsol_id", konsolId);
  }

  async save(before: Invoice, after: Invoice): Promise<Saved<Invoice>> {
    try {
      const item = await this.#table.replace(before, after);
      return item ? { kind: "saved", item } : { kind: "stale" };
    } catch (error) {
      if (takenField(error) === "konsol_id") return { kind: "konsol_id_taken" };
      throw error;
    }
  }

  list(filter: RecordFilter, page: PageRequest): Promise<Page<Invoice>> {
    return this.#table.list(recordConditions(filter), page);
  }
}
