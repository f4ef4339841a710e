// Invoices in SQLite.

import type {
  InvoiceStore,
  Page,
  PageRequest,
  RecordFilter,
  Saved,
} from "../../application/ports.ts";
import type { Invoice } from "../../domain/invoice.ts";
import type { GroupCommit } from "./group_commit.ts";
import {
  findRecord,
  insertRecord,
  listRecords,
  recordConditions,
  type RecordTable,
  replaceRecord,
} from "./records.ts";
import { isTaken, type SqliteConnection } from "./sqlite_connection.ts";

const INVOICES: RecordTable<Invoice> = {
  name: "invoices",
  time: "created_at",
  positionOf: ({ createdAt, id }) => ({ createdAt, id }),
};

type InsertedInvoice = { readonly kind: "inserted" | "exists"; readonly invoice: Invoice };

export class SqliteInvoiceStore implements InvoiceStore {
  readonly #connection: SqliteConnection;
  readonly #commit: GroupCommit;

  constructor(connection: SqliteConnection, commit: GroupCommit) {
    this.#connection = connection;
    this.#commit = commit;
  }

  insertOrGet(invoice: Invoice): Promise<InsertedInvoice> {
    return this.#commit.write(() => insertOrGet(this.#connection, invoice));
  }

  get(id: string): Promise<Invoice | undefined> {
    return Promise.try(() => findRecord(this.#connection, INVOICES, "id", id));
  }

  getByKonsolId(konsolId: string): Promise<Invoice | undefined> {
    return Promise.try(() => findRecord(this.#connection, INVOICES, "konsol_id", konsolId));
  }

  save(before: Invoice, after: Invoice): Promise<Saved<Invoice>> {
    return this.#commit.write(() => save(this.#connection, before, after));
  }

  list(filter: RecordFilter, page: PageRequest): Promise<Page<Invoice>> {
    const conditions = recordConditions(filter);
    return Promise.try(() => listRecords(this.#connection, INVOICES, conditions, page));
  }
}

function insertOrGet(connection: SqliteConnection, invoice: Invoice): InsertedInvoice {
  const inserted = insertRecord(connection, INVOICES, invoice);
  if (inserted) return { kind: "inserted", invoice: inserted };
  const stored = findRecord(connection, INVOICES, "konsol_id", invoice.konsolId);
  if (stored) return { kind: "exists", invoice: stored };
  throw new Error(`Cannot insert invoice ${invoice.id} as its id is another one's`);
}

function save(connection: SqliteConnection, before: Invoice, after: Invoice): Saved<Invoice> {
  try {
    const item = replaceRecord(connection, INVOICES, before, after);
    return item ? { kind: "saved", item } : { kind: "stale" };
  } catch (error) {
    if (isTaken(error, "invoices.konsol_id")) return { kind: "konsol_id_taken" };
    throw error;
  }
}
