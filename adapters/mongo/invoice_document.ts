// An invoice as a document of konsol_invoices, with the seed's names where the seed has the field.

import type { Invoice } from "../../domain/invoice.ts";
import type { Metadata } from "../../domain/payment.ts";
import type { Status } from "../../domain/payment_status.ts";
import {
  datesOnly,
  exactTimes,
  type Fields,
  json,
  MINOR_UNITS,
  NUMBER,
  readFields,
  text,
  TIME,
  writeFields,
} from "./document_fields.ts";
import type { RecordMapping } from "./record_mapping.ts";

const FIELDS: Fields<Invoice> = {
  id: ["_id", text()],
  version: ["version", NUMBER],
  konsolId: ["konsol_id", text()],
  amountMinor: ["amount_minor", MINOR_UNITS],
  currency: ["currency", text()],
  status: ["status", text<Status>()],
  description: ["description", text()],
  dueDate: ["due_date", text()],
  userId: ["user_id", NUMBER],
  externalId: ["external_id", text()],
  metadata: ["metadata", json<Metadata>()],
  invoiceUrl: ["invoice_url", text()],
  createdAt: ["created_at", TIME],
  updatedAt: ["updated_at", TIME],
  paidAt: ["paid_at", TIME],
};

/** Searched and sorted by. */
const DATES = ["created_at"];

export const INVOICES: RecordMapping<Invoice> = {
  collection: "konsol_invoices",
  noun: "invoice",
  time: "created_at",
  positionOf: ({ createdAt, id }) => ({ createdAt, id }),
  toDocument: (invoice) => datesOnly(writeFields(FIELDS, invoice), DATES),
  fromDocument: (document) => readFields(FIELDS, exactTimes(document, DATES)),
};
