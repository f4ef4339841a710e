// What a collection must be like: its indexes and what every document in it must have.

import type { Document, IndexDescription } from "mongodb";

export interface CollectionPlan {
  readonly name: string;
  readonly indexes: readonly PlannedIndex[];
  /** As in $jsonSchema. */
  readonly schema: Document;
}

export interface PlannedIndex extends IndexDescription {
  readonly name: string;
  readonly key: Readonly<Record<string, 1>>;
}

/**
 * Indexes of fields that may be absent leave out the documents without them. Such an index serves a query
 * only when that surely asks for none of those, so each condition is one that any equality implies.
 */
export function index(
  name: string,
  fields: readonly string[],
  options: Pick<IndexDescription, "unique" | "partialFilterExpression"> = {},
): PlannedIndex {
  return { name, key: Object.fromEntries(fields.map((field) => [field, 1 as const])), ...options };
}

/** Any text, the empty one too. */
export function ifText(field: string): Pick<IndexDescription, "partialFilterExpression"> {
  return { partialFilterExpression: { [field]: { $gte: "" } } };
}

export const WHOLE = { bsonType: ["int", "long"] };
export const LONG = { bsonType: "long" };
export const TEXT = { bsonType: "string" };
export const DATE = { bsonType: "date" };
export const JSON_TEXT = { bsonType: "string", description: "JSON" };
/** For times that nothing is sorted by: they may hold a fraction of a millisecond. */
export const TIME = { bsonType: ["date", "double"] };
/** A document with this field is refused, whatever is in it. */
export const NEVER = { not: {} };

/** What each `required` field and each other one that is there must be. */
export function schemaOf(
  required: Readonly<Record<string, Document>>,
  optional: Readonly<Record<string, Document>> = {},
): Document {
  return {
    bsonType: "object",
    required: Object.keys(required),
    properties: { ...required, ...optional },
  };
}
