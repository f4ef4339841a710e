// Documents of the seed's own shape (amount as a float, card_number in clear) as what the service understands.

import { createHash } from "node:crypto";
import type { Document } from "mongodb";
import type { NamedRecipient } from "../../application/create_payment.ts";
import type { OlderPaymentCommand } from "../../application/import_payment.ts";
import type { Vault } from "../../application/ports.ts";
import { parseBank } from "../../domain/bank.ts";
import { type CardNumber, parseCardNumber } from "../../domain/card_number.ts";
import { type Invoice, recordInvoice } from "../../domain/invoice.ts";
import { isEnd } from "../../domain/payment_status.ts";
import { parsePhoneNumber } from "../../domain/phone_number.ts";
import { finishWebhook, receiveWebhook, type Webhook } from "../../domain/webhook.ts";
import { redact } from "../system/redact.ts";
import {
  NotUnderstood,
  plain,
  readMetadata,
  readMoney,
  readStatus,
  readText,
  readTimes,
  readUserId,
  readWebAddress,
  requireText,
} from "./older_fields.ts";

/** The same document always gets the same id, so that a run that broke off makes no second one. */
export function olderId(prefix: "pay" | "inv" | "whk", document: Document): string {
  const hash = createHash("sha256").update(`${prefix} ${String(document._id)}`).digest("hex");
  const { createdAt } = readTimes(document);
  const time = Math.max(0, Math.floor(createdAt)).toString(16).padStart(12, "0").slice(-12);
  const uuid = `${time}7${hash.slice(0, 3)}8${hash.slice(3, 18)}`;
  return `${prefix}_${uuid.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")}`;
}

export function readOlderPayment(document: Document): OlderPaymentCommand {
  const status = readStatus(document);
  const konsolId = readText(document, "konsol_id");
  // To somebody whom nobody can pay any more is no harm where nothing is sent.
  const isOver = isEnd(status) || konsolId !== undefined;
  return {
    ...readMoney(document),
    status,
    konsolId,
    recipient: readRecipient(document, isOver),
    description: readText(document, "description"),
    userId: readUserId(document),
    externalId: readText(document, "external_id"),
    callbackUrl: readWebAddress(document, "callback_url"),
    metadata: readMetadata(document),
    paymentUrl: readText(document, "payment_url"),
    ...readTimes(document),
  };
}

export function readOlderInvoice(document: Document): Invoice {
  const { createdAt, updatedAt, paidAt } = readTimes(document);
  const dueDate = document.due_date instanceof Date
    ? document.due_date.toISOString()
    : readText(document, "due_date");
  const details = {
    ...readMoney(document),
    konsolId: requireText(document, "konsol_id"),
    status: readStatus(document),
    description: readText(document, "description"),
    dueDate,
    userId: readUserId(document),
    externalId: readText(document, "external_id"),
    metadata: readMetadata(document),
    invoiceUrl: readText(document, "invoice_url"),
  };
  const invoice = recordInvoice(olderId("inv", document), details, createdAt);
  return { ...invoice, updatedAt, ...(invoice.paidAt !== undefined && paidAt && { paidAt }) };
}

/** Kept as the record of what came, masked: nothing more happens to it. */
export function readOlderWebhook(document: Document, vault: Vault): Webhook {
  const { createdAt } = readTimes(document);
  const { payload, body, data, raw_data } = document;
  const told = plain(payload ?? body ?? raw_data ?? data ?? {}) as Document;
  const konsolId = readText(document, "konsol_id") ?? told.data?.id ?? told.id;
  if (typeof konsolId !== "string") throw new NotUnderstood("no payment is named in it");
  const notice = {
    event: readText(document, "event") ?? readText(document, "event_type") ??
      requireText(told, "event"),
    konsolId,
    body: redact(told),
    bodyHash: vault.fingerprint("webhook_body", `older ${String(document._id)}`),
    signature: document.signature ? "unchecked" as const : "absent" as const,
  };
  const received = receiveWebhook(olderId("whk", document), notice, createdAt);
  const done = finishWebhook(received, "", createdAt);
  return { ...done, paymentId: undefined };
}

function readRecipient(document: Document, isOver: boolean): NamedRecipient {
  const type = readText(document, "payment_type") ??
    (readText(document, "card_number") ? "card_payment" : "phone_payment");
  if (type === "card_payment") {
    return { kind: "card", card: readCard(requireText(document, "card_number")) };
  }
  if (type !== "phone_payment") throw new NotUnderstood("payment_type is none of the two");
  const phone = parsePhoneNumber(requireText(document, "phone_number"));
  if (!phone.ok) throw new NotUnderstood(phone.code);
  const typed = readText(document, "bank");
  const bank = parseBank(typed ?? "");
  if (bank.ok) return { kind: "phone", phoneNumber: phone.value, bank: bank.value };
  if (!isOver) throw new NotUnderstood(typed === undefined ? "bank is missing" : bank.code);
  const unknown = { id: "unknown", name: typed ?? "unknown", aliases: [] };
  return { kind: "phone", phoneNumber: phone.value, bank: unknown };
}

/** What the older system took for a card's number: it checked less. */
function readCard(text: string): CardNumber {
  const parsed = parseCardNumber(text, { allowTestCard: true });
  if (parsed.ok) return parsed.value;
  const digits = text.replaceAll(/[\s-]/g, "");
  if (!/^[0-9]{13,19}$/.test(digits)) throw new NotUnderstood(parsed.code);
  const [first6, last4] = [digits.slice(0, 6), digits.slice(-4)];
  return { digits, brand: "unknown", first6, last4, length: digits.length };
}
