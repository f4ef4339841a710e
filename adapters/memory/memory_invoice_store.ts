// Invoices in memory, under the same contract as the durable stores.

import type {
  InvoiceStore,
  Page,
  PageRequest,
  RecordFilter,
  Saved,
} from "../../application/ports.ts";
import type { Invoice } from "../../domain/invoice.ts";
import { matchesRecord } from "./matches_record.ts";
import type { MemoryTable } from "./memory_table.ts";

export class MemoryInvoiceStore implements InvoiceStore {
  readonly #table: MemoryTable<Invoice>;

  constructor(table: MemoryTable<Invoice>) {
    this.#table = table;
  }

  insertOrGet(invoice: Invoice): Promise<{ kind: "inserted" | "exists"; invoice: Invoice }> {
    return Promise.try(() => {
      const stored = this.#byKonsolId(invoice.konsolId);
      if (stored) return { kind: "exists", invoice: stored };
      return { kind: "inserted", invoice: this.#table.insert(invoice) };
    });
  }

  get(id: string): Promise<Invoice | undefined> {
    return Promise.try(() => this.#table.get(id));
  }

  getByKonsolId(konsolId: string): Promise<Invoice | undefined> {
    return Promise.try(() => this.#byKonsolId(konsolId));
  }

  save(before: Invoice, after: Invoice): Promise<Saved<Invoice>> {
    const takes = (other: Invoice) =>
      other.konsolId === after.konsolId ? "konsol_id_taken" as const : undefined;
    return Promise.try(() => this.#table.save(before, after, () => true, takes));
  }

  list(filter: RecordFilter, page: PageRequest): Promise<Page<Invoice>> {
    return Promise.try(() => this.#table.list((item) => matchesRecord(item, filter), page));
  }

  #byKonsolId(konsolId: string): Invoice | undefined {
    return this.#table.find((invoice) => invoice.konsolId === konsolId);
  }
}
