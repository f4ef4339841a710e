// An invoice of Konsol's, recorded for whoever asks; its status only goes forward.

import type { Metadata } from "./payment.ts";
import { furtherStatus, isEnd, type Status } from "./payment_status.ts";
import { Refusal } from "./refusal.ts";

export interface InvoiceDetails {
  readonly konsolId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly status: Status;
  readonly description?: string;
  readonly dueDate?: string;
  readonly userId?: number;
  readonly externalId?: string;
  readonly metadata?: Metadata;
  readonly invoiceUrl?: string;
}

/** Times are milliseconds since the epoch; `dueDate` is a calendar day or an RFC 3339 time, as it was given. */
export interface Invoice extends InvoiceDetails {
  readonly id: string;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Set when it is completed, and never again. */
  readonly paidAt?: number;
}

/** What may still be told of an invoice; its amount, currency and konsol_id are fixed. */
export type InvoiceChanges = Partial<
  Pick<InvoiceDetails, "status" | "description" | "dueDate" | "metadata" | "invoiceUrl">
>;

export function recordInvoice(id: string, details: InvoiceDetails, now: number): Invoice {
  const paidAt = details.status === "completed" ? now : undefined;
  return { ...details, id, version: 1, createdAt: now, updatedAt: now, paidAt };
}

/** Refuses a status that is not further than the one it has; the same one is no change. */
export function changeInvoice(invoice: Invoice, changes: InvoiceChanges, now: number): Invoice {
  const status = changes.status ?? invoice.status;
  const forward = status === invoice.status || furtherStatus(invoice.status, status) === status;
  if (!forward || (isEnd(invoice.status) && status !== invoice.status)) {
    throw new Refusal(
      "invoice_status_not_forward",
      `Cannot set invoice ${invoice.id} to ${status} as its status only goes forward: ${invoice.status}`,
    );
  }
  const told = Object.fromEntries(
    Object.entries(changes).filter(([, value]) => value !== undefined),
  ) as InvoiceChanges;
  const paidAt = invoice.paidAt ?? (status === "completed" ? now : undefined);
  return { ...invoice, ...told, updatedAt: now, paidAt };
}
