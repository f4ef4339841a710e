// Reads what clients send about invoices into the use cases' details and changes.

import type { InvoiceChanges, InvoiceDetails } from "../../domain/invoice.ts";
import { checkFields, notEmpty, noUnknownFields, type RawFields } from "./check_fields.ts";
import { type Checked, together, valueOrThrow } from "./checked.ts";
import {
  currency,
  dayOrTime,
  description,
  externalId,
  id,
  metadata,
  status,
  userId,
  webAddress,
} from "./fields.ts";
import { amount, checkAmount } from "./money_fields.ts";

const CHANGES = {
  status: status.optional(),
  description: description.optional(),
  due_date: dayOrTime.optional(),
  metadata: metadata.optional(),
  invoice_url: webAddress.optional(),
};

const DETAILS = {
  ...CHANGES,
  konsol_id: id,
  amount,
  currency,
  status: status.default("pending"),
  user_id: userId.optional(),
  external_id: externalId.optional(),
};

export function readInvoiceDetails(body: RawFields, amountLimit: string): InvoiceDetails {
  const fields = checkFields(DETAILS, body);
  const details: Checked<InvoiceDetails> = together({
    konsolId: fields.konsol_id,
    amountMinor: checkAmount(fields.amount, fields.currency, amountLimit),
    currency: fields.currency,
    status: fields.status,
    description: fields.description,
    dueDate: fields.due_date,
    userId: fields.user_id,
    externalId: fields.external_id,
    metadata: fields.metadata,
    invoiceUrl: fields.invoice_url,
  }, noUnknownFields(DETAILS, body));
  return valueOrThrow(details);
}

export function readInvoiceChanges(body: RawFields): InvoiceChanges {
  const { due_date: dueDate, invoice_url: invoiceUrl, ...fields } = checkFields(CHANGES, body);
  const changes: Checked<InvoiceChanges> = together(
    { ...fields, dueDate, invoiceUrl },
    noUnknownFields(CHANGES, body),
    notEmpty(body),
  );
  return valueOrThrow(changes);
}
