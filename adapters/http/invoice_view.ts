// An invoice as clients see it; what is undefined is left out of the JSON.

import type { Invoice } from "../../domain/invoice.ts";
import { amountNumber } from "../../domain/money.ts";
import { timeView } from "./payment_view.ts";

export function invoiceView(invoice: Invoice) {
  return {
    id: invoice.id,
    konsol_id: invoice.konsolId,
    amount: amountNumber(invoice.amountMinor, invoice.currency),
    currency: invoice.currency,
    status: invoice.status,
    description: invoice.description,
    due_date: invoice.dueDate,
    user_id: invoice.userId,
    external_id: invoice.externalId,
    metadata: invoice.metadata,
    invoice_url: invoice.invoiceUrl,
    created_at: timeView(invoice.createdAt),
    updated_at: timeView(invoice.updatedAt),
    paid_at: timeView(invoice.paidAt),
  };
}
