// Reads the fields of a document of the seed's own shape, or says which one cannot be understood and why.

import { BSON, type Document } from "mongodb";
import { currencyExponent, parseAmount } from "../../domain/money.ts";
import type { Metadata } from "../../domain/payment.ts";
import { isStatus, type Status } from "../../domain/payment_status.ts";

/** Why a document is left as it is: a field and a rule, never what is in it. */
export class NotUnderstood extends Error {
  override readonly name = "NotUnderstood";
}

export function readText(document: Document, name: string): string | undefined {
  const value = document[name];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw new NotUnderstood(`${name} is no text`);
  return value;
}

export function requireText(document: Document, name: string): string {
  const value = readText(document, name);
  if (value === undefined) throw new NotUnderstood(`${name} is missing`);
  return value;
}

/** In the normal form that a client's repeat is compared in. What is no address would be in the way of every later change. */
export function readWebAddress(document: Document, name: string): string | undefined {
  const text = readText(document, name);
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new NotUnderstood(`${name} is no http(s) address`);
  }
  return url.href;
}

/** A float is taken only if its shortest decimals are an amount of the currency: nothing is rounded. */
export function readMoney(document: Document): { amountMinor: number; currency: string } {
  const currency = requireText(document, "currency");
  if (currencyExponent(currency) === undefined) throw new NotUnderstood("currency is not one");
  const { amount } = document;
  const written = amount === undefined || amount === null ? "" : String(amount);
  // Decimals that say nothing: "1000.00" of a Decimal128 and 1000.0 are the same.
  const shortest = written.includes(".") ? written.replace(/\.?0+$/, "") : written;
  const parsed = parseAmount(shortest, currency);
  if (!parsed.ok) throw new NotUnderstood(parsed.code);
  return { amountMinor: parsed.value, currency };
}

export function readStatus(document: Document): Status {
  const status = requireText(document, "status").toLowerCase();
  if (isStatus(status)) return status;
  throw new NotUnderstood("status is none of the five");
}

export function readUserId(document: Document): number | undefined {
  const value = document.user_id;
  if (value === undefined || value === null) return undefined;
  const id = Number(value);
  if (!Number.isSafeInteger(id)) throw new NotUnderstood("user_id is no whole number");
  return id;
}

/** A BSON date, or text in RFC 3339; a time without a zone is UTC, as drivers write them. */
export function readTime(document: Document, name: string): number | undefined {
  const value = document[name];
  if (value === undefined || value === null) return undefined;
  const isText = typeof value === "string";
  const text = isText && !/(?:Z|[+-]\d\d:?\d\d)$/.test(value) ? `${value}Z` : value;
  const ms = value instanceof Date || isText ? Number(new Date(text)) : NaN;
  if (Number.isNaN(ms)) throw new NotUnderstood(`${name} is no time`);
  return ms;
}

/** When it was made: as it says, else as its ObjectId says. */
export function readTimes(
  document: Document,
): { createdAt: number; updatedAt: number; paidAt?: number } {
  const fromId = document._id?._bsontype === "ObjectId"
    ? Number(document._id.getTimestamp())
    : undefined;
  const createdAt = readTime(document, "created_at") ?? fromId;
  if (createdAt === undefined) throw new NotUnderstood("created_at is missing");
  const updatedAt = readTime(document, "updated_at") ?? createdAt;
  const paidAt = readTime(document, "paid_at");
  return { createdAt, updatedAt, ...(paidAt !== undefined && { paidAt }) };
}

export function readMetadata(document: Document): Metadata | undefined {
  const { metadata } = document;
  if (metadata === undefined || metadata === null) return undefined;
  if (typeof metadata !== "object" || Array.isArray(metadata)) {
    throw new NotUnderstood("metadata is no object");
  }
  return plain(metadata) as Metadata;
}

/** BSON's own types as the JSON that a client would have sent. */
export function plain(value: unknown): unknown {
  return JSON.parse(BSON.EJSON.stringify(value, { relaxed: true }));
}
