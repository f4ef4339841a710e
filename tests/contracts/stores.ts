// What every contract suite opens, how a law becomes a test, and steps that many laws begin with.

import assert from "node:assert/strict";
import type { Ports } from "../../application/ports.ts";
import type { Payment } from "../../domain/payment.ts";
import { aPayment } from "../support/payments.ts";

export type Stores =
  & Pick<
    Ports,
    "payments" | "invoices" | "webhooks" | "events" | "callbacks" | "control" | "storeHealth"
  >
  & {
    close(): Promise<void>;
    /** Stores many new records, where doing so one by one takes long. */
    fill?(items: readonly { readonly id: string }[]): Promise<unknown>;
  };

export type OpenStores = () => Promise<Stores>;

/** None are equal, though some look so: composed or not, halves of a pair, what replaces them. */
export const STRANGE_TEXTS = [
  "Платёж №1 — ₽",
  "👩‍👩‍👧‍👦 \u00e9",
  "👩‍👩‍👧‍👦 e\u0301",
  "a\u0000b",
  "a\u0000c",
  "a",
  "\ud800",
  "\udc00",
  "\ufffd",
  "1",
  "1.0",
  "'; DROP TABLE payments; --",
  "",
];

/** Registers `${name}.${title}`; the title begins with the method that keeps the law. */
export function lawOf(name: string, open: OpenStores) {
  return (title: string, law: (stores: Stores) => Promise<void>) =>
    Deno.test(`${name}.${title}`, async () => {
      const stores = await open();
      try {
        await law(stores);
      } finally {
        await stores.close();
      }
    });
}

/** What a store gives back for what was put in: absent fields are absent. */
export function asStored<Item>(item: Item): Item {
  return JSON.parse(JSON.stringify(item));
}

export function idsOf(items: readonly { readonly id: string }[]): string[] {
  return items.map(({ id }) => id);
}

export async function inserted(
  { payments }: Pick<Stores, "payments">,
  overrides: Partial<Payment> = {},
): Promise<Payment> {
  const answer = await payments.insertOrGet(aPayment(overrides));
  return answer.kind === "inserted" ? answer.payment : assert.fail("it was there already");
}

export async function saved(
  { payments }: Pick<Stores, "payments">,
  before: Payment,
  after: Payment,
): Promise<Payment> {
  const answer = await payments.save(before, after);
  return answer.kind === "saved" ? answer.item : assert.fail(`it was not saved: ${answer.kind}`);
}

/** Writes into what somebody holds; where it is frozen, nothing happens. */
export function tamper(held: unknown, fields: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(fields)) Reflect.set(Object(held), name, value);
}
