// Records invoices of Konsol's, finds them and tells what changed of them.

import {
  changeInvoice,
  type Invoice,
  type InvoiceChanges,
  type InvoiceDetails,
  recordInvoice,
} from "../domain/invoice.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Ports } from "./ports.ts";

const RACES_MAX = 10;

/** `replayed`: the same konsol_id was recorded before with the same amount and currency. */
export async function createInvoice(
  ports: Pick<Ports, "invoices" | "ids" | "clock">,
  details: InvoiceDetails,
): Promise<{ invoice: Invoice; replayed: boolean }> {
  const invoice = recordInvoice(ports.ids.next("inv"), details, ports.clock.now());
  const stored = await ports.invoices.insertOrGet(invoice);
  if (stored.kind === "inserted") return { invoice: stored.invoice, replayed: false };
  const differing = differingFields(stored.invoice, invoice);
  if (differing.length === 0) return { invoice: stored.invoice, replayed: true };
  throw new Refusal(
    "konsol_id_reused",
    `Cannot record the invoice as its konsol_id is invoice ${stored.invoice.id}'s, ` +
      `which differs in: ${differing.join(", ")}`,
    {
      fields: differing.map((field) => ({
        field,
        code: "differs",
        message: "differs from the invoice that has this konsol_id",
      })),
    },
  );
}

/** The fields that no update can change. */
function differingFields(stored: Invoice, asked: Invoice): string[] {
  const fixed = [
    ["amount", stored.amountMinor === asked.amountMinor],
    ["currency", stored.currency === asked.currency],
    ["user_id", stored.userId === asked.userId],
    ["external_id", stored.externalId === asked.externalId],
  ] as const;
  return fixed.filter(([, same]) => !same).map(([field]) => field);
}

/** By our id or Konsol's. */
export async function getInvoice(ports: Pick<Ports, "invoices">, id: string): Promise<Invoice> {
  const invoice = await ports.invoices.get(id) ?? await ports.invoices.getByKonsolId(id);
  if (invoice === undefined) {
    throw new Refusal("invoice_not_found", "Cannot find the invoice as no invoice has this id");
  }
  return invoice;
}

export async function updateInvoice(
  ports: Pick<Ports, "invoices" | "clock">,
  id: string,
  changes: InvoiceChanges,
): Promise<Invoice> {
  for (let race = 0; race < RACES_MAX; race++) {
    const invoice = await getInvoice(ports, id);
    const changed = changeInvoice(invoice, changes, ports.clock.now());
    const saved = await ports.invoices.save(invoice, changed);
    if (saved.kind === "saved") return saved.item;
  }
  throw new Refusal(
    "changed_meanwhile",
    `Cannot change invoice ${id} as others keep changing it: try again`,
  );
}
