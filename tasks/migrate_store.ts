// Brings every document of the seed's shape over: stored in the new one for good, and only then removed.

import type { OlderCollections, OlderKind } from "../adapters/mongo/older_collections.ts";
import { OLDER_KINDS } from "../adapters/mongo/older_collections.ts";
import { NotUnderstood } from "../adapters/mongo/older_fields.ts";
import {
  olderId,
  readOlderInvoice,
  readOlderPayment,
  readOlderWebhook,
} from "../adapters/mongo/older_shape.ts";
import { importOlderPayment } from "../application/import_payment.ts";
import type { Ports, Vault } from "../application/ports.ts";
import type { Payment } from "../domain/payment.ts";

/** How many are on their way at once. */
const AT_ONCE = 16;

type OlderDocument = Parameters<typeof readOlderPayment>[0];
type Stores = Pick<Ports, "payments" | "invoices" | "webhooks">;

export interface MigrateOptions {
  readonly vault: Vault;
  readonly now: number;
  /** Absent in a dry run: everything is read and understood, nothing is stored or removed. */
  readonly stores?: Stores;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Left {
  readonly source: string;
  readonly id: string;
  readonly reason: string;
}

export interface Migrated {
  /** What became of each: "invoice", "webhook", or "payment " and where its money request is now. */
  readonly became: Readonly<Record<string, number>>;
  /** Could not be understood, or stands in another's way: untouched. */
  readonly left: readonly Left[];
}

export async function migrateStore(
  older: OlderCollections,
  { onProgress = () => {}, ...options }: MigrateOptions,
): Promise<Migrated> {
  const became: Record<string, number> = {};
  const left: Left[] = [];
  const handles = new Set<string>();
  const counts = await Promise.all(OLDER_KINDS.map((kind) => older.count(kind)));
  const total = counts.reduce((sum, count) => sum + count, 0);
  let done = 0;
  for (const kind of OLDER_KINDS) {
    for (const source of await older.sources(kind)) {
      for await (const batch of batches(older.documents(kind, source))) {
        await Promise.all(batch.map(async (document) => {
          try {
            const what = await bringOver(kind, document, options, handles);
            if (options.stores !== undefined) await older.remove(source, document._id);
            became[what] = (became[what] ?? 0) + 1;
          } catch (error) {
            if (!(error instanceof NotUnderstood)) throw error;
            left.push({ source, id: String(document._id), reason: error.message });
          }
          onProgress(++done, total);
        }));
      }
    }
  }
  return { became, left };
}

async function* batches(documents: AsyncIterable<OlderDocument>): AsyncIterable<OlderDocument[]> {
  let batch: OlderDocument[] = [];
  for await (const document of documents) {
    batch.push(document);
    if (batch.length < AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Resolves once it is stored for good; what it became. */
async function bringOver(
  kind: OlderKind,
  document: OlderDocument,
  { vault, now, stores }: MigrateOptions,
  handles: Set<string>,
): Promise<string> {
  if (kind === "payments") {
    const command = readOlderPayment(document);
    const payment = importOlderPayment({ vault }, olderId("pay", document), command, now);
    if (stores === undefined) takeHandles(payment, handles);
    else await storePayment(stores, payment);
    return `payment ${payment.submission}`;
  }
  if (kind === "invoices") {
    const invoice = readOlderInvoice(document);
    const answer = await stores?.invoices.insertOrGet(invoice);
    if (answer !== undefined && answer.invoice.id !== invoice.id) {
      throw new NotUnderstood(`its konsol_id is ${answer.invoice.id}'s`);
    }
    return "invoice";
  }
  await stores?.webhooks.insertOrGet(readOlderWebhook(document, vault));
  return "webhook";
}

/** An earlier run may have stored it and not come to remove the old one. */
async function storePayment({ payments }: Stores, payment: Payment): Promise<void> {
  const { id, konsolId } = payment;
  if (await payments.get(id) !== undefined) return;
  const holder = konsolId === undefined ? undefined : await payments.getByKonsolId(konsolId);
  if (holder !== undefined) throw new NotUnderstood(`its konsol_id is ${holder.id}'s`);
  try {
    const answer = await payments.insertOrGet(payment);
    if (answer.kind === "inserted" || answer.byExternalId?.id === id) return;
    throw new NotUnderstood(`its external_id is ${answer.byExternalId?.id}'s`);
  } catch (error) {
    // Another of this batch was first.
    if (!(error instanceof Error) || !/its konsol_?id is/i.test(error.message)) throw error;
    throw new NotUnderstood("its konsol_id is another payment's", { cause: error });
  }
}

/** In a dry run nothing is stored that two could collide in. */
function takeHandles({ konsolId, externalId }: Payment, handles: Set<string>): void {
  const own = Object.entries({ konsol_id: konsolId, external_id: externalId })
    .filter(([, value]) => value !== undefined);
  for (const [name, value] of own) {
    if (handles.has(`${name} ${value}`)) {
      throw new NotUnderstood(`its ${name} is another payment's`);
    }
  }
  for (const [name, value] of own) handles.add(`${name} ${value}`);
}
