// Builds invoices for tests: valid, each with its own ids, changed where the test says so.

import { type Invoice, recordInvoice } from "../../domain/invoice.ts";
import { NOW } from "./payments.ts";

let made = 0;

export function anInvoice(overrides: Partial<Invoice> = {}): Invoice {
  const n = String(++made).padStart(12, "0");
  const details = {
    konsolId: `konsol-invoice-${n}`,
    amountMinor: 99_000,
    currency: "RUB",
    status: "pending" as const,
  };
  const id = `inv_01977000-0000-7000-8000-${n}`;
  return { ...recordInvoice(id, details, overrides.createdAt ?? NOW), ...overrides };
}
