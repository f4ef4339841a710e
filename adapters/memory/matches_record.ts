// Whether a payment or an invoice passes the filter that both kinds of record share.

import type { RecordFilter } from "../../application/ports.ts";
import type { Invoice } from "../../domain/invoice.ts";
import type { Payment } from "../../domain/payment.ts";

const EQUAL = ["status", "currency", "userId", "externalId"] as const;

export function matchesRecord(record: Payment | Invoice, filter: RecordFilter): boolean {
  const { createdFrom = -Infinity, createdTo = Infinity } = filter;
  return record.createdAt >= createdFrom && record.createdAt < createdTo &&
    EQUAL.every((field) => filter[field] === undefined || filter[field] === record[field]);
}
