// How records become BSON documents and back: a table of fields, each with its name there and its type.

import type { Document } from "mongodb";
import { fromBsonText, toBsonText } from "./bson_text.ts";

/** One value; absent ones are never written, as a `null` would be in every index. */
export interface Codec<Value> {
  write(value: Value): unknown;
  read(stored: unknown): Value;
}

type Present<Value> = Exclude<Value, undefined>;

/** Every field of the record must be in it, or it would be lost without a word. */
export type Fields<Item> = {
  readonly [Name in keyof Required<Item>]: readonly [
    name: string,
    codec: Codec<Present<Item[Name]>>,
  ];
};

const INT_MAX = 2 ** 31 - 1;
/** Years 1 to 9999: what every driver and shell can read as a date. */
export const FIRST_DATE = new Date("0001-01-01T00:00:00Z");
const LAST_DATE = new Date("9999-12-31T23:59:59.999Z");

export function text<Text extends string = string>(): Codec<Text> {
  return {
    write: toBsonText,
    read: (stored) => fromBsonText(String(stored)) as Text,
  };
}

/** BSON int or long; what is neither stays a double. */
export const NUMBER: Codec<number> = {
  write: (value) =>
    Number.isSafeInteger(value) && Math.abs(value) > INT_MAX ? BigInt(value) : value + 0,
  read: Number,
};

/** BSON long, whatever its size: money is never a double. */
export const MINOR_UNITS: Codec<number> = {
  write: (value) => BigInt(value),
  read: Number,
};

/** BSON date; a time that is not a whole millisecond, or past all dates, stays a double. */
export const TIME: Codec<number> = {
  write: (ms) => isDate(ms) ? new Date(ms) : ms,
  read: Number,
};

export const FLAG: Codec<true> = { write: () => true, read: () => true };

/**
 * What clients may shape as they like, as JSON text: BSON has no keys with a NUL in them and would
 * read some with `$` or a dot as its own, and JSON writes each half of a surrogate pair in letters.
 */
export function json<Value>(): Codec<Value> {
  return {
    write: (value) => JSON.stringify(value),
    read: (stored) => JSON.parse(String(stored)),
  };
}

export function listOf<Value>(codec: Codec<Value>): Codec<readonly Value[]> {
  return {
    write: (values) => values.map((value) => codec.write(value)),
    read: (stored) => (stored as unknown[]).map((value) => codec.read(value)),
  };
}

export function objectOf<Item extends object>(fields: Fields<Item>): Codec<Item> {
  return {
    write: (item) => writeFields(fields, item),
    read: (stored) => readFields(fields, stored as Document),
  };
}

export function writeFields<Item extends object>(fields: Fields<Item>, item: Item): Document {
  const document: Document = {};
  for (const key of keysOf(fields)) {
    const value = item[key];
    const [name, codec] = fields[key];
    if (value !== undefined) document[name] = codec.write(value as Present<Item[keyof Item]>);
  }
  return document;
}

export function readFields<Item extends object>(fields: Fields<Item>, document: Document): Item {
  const item: Partial<Item> = {};
  for (const key of keysOf(fields)) {
    const [name, codec] = fields[key];
    if (document[name] !== undefined) item[key] = codec.read(document[name]);
  }
  return item as Item;
}

/**
 * The fields that are searched and sorted by are always dates: one that is none is rounded up, so that
 * nothing is due too early, and the exact time is kept beside it.
 */
export function datesOnly(document: Document, names: readonly string[]): Document {
  for (const name of names) {
    const time = document[name];
    if (typeof time !== "number") continue;
    document[exactly(name)] = time;
    document[name] = dateFrom(time);
  }
  return document;
}

export function exactTimes(document: Document, names: readonly string[]): Document {
  const inexact = names.filter((name) => document[exactly(name)] !== undefined);
  if (inexact.length === 0) return document;
  const exact = Object.fromEntries(inexact.map((name) => [name, document[exactly(name)]]));
  return { ...document, ...exact };
}

/** The first date at this time or after it. */
export function dateFrom(ms: number): Date {
  return new Date(Math.ceil(Math.max(Number(FIRST_DATE), Math.min(ms, Number(LAST_DATE)))));
}

/** The last date at this time or before it. */
export function dateTo(ms: number): Date {
  return new Date(Math.floor(Math.max(Number(FIRST_DATE), Math.min(ms, Number(LAST_DATE)))));
}

function isDate(ms: number): boolean {
  return Number.isInteger(ms) && Number(FIRST_DATE) <= ms && ms <= Number(LAST_DATE);
}

function exactly(name: string): string {
  return `${name}_exact`;
}

function keysOf<Item extends object>(fields: Fields<Item>): (keyof Item)[] {
  return Object.keys(fields) as (keyof Item)[];
}
