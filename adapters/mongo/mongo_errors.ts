// Outages of MongoDB told apart from our own bugs, and neither with a word of what is stored.

import { MongoError, MongoInvalidArgumentError, MongoServerError } from "mongodb";
import { StoreUnavailable } from "../../application/store_unavailable.ts";

const DUPLICATE_KEY = 11_000;

/** Answers to a wrong question, which the same question always gets; all others are outages. */
const BUGS: readonly number[] = [
  2, // BadValue
  9, // FailedToParse
  14, // TypeMismatch
  28, // PathNotViable
  40, // ConflictingUpdateOperators
  52, // DollarPrefixedFieldName
  66, // ImmutableField
  121, // DocumentValidationFailure
  10_334, // BSONObjectTooLarge
  DUPLICATE_KEY,
];

/** The field whose value another document has, if the write failed for that. */
export function takenField(error: unknown): string | undefined {
  if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) return undefined;
  return Object.keys(error.keyPattern ?? { _id: 1 })[0];
}

/** What a caller of the store is told: StoreUnavailable for an outage, else an error that is a bug. */
export function storeError(error: unknown): unknown {
  if (error instanceof StoreUnavailable || !(error instanceof MongoError)) return error;
  if (error instanceof MongoInvalidArgumentError) return error;
  if (takenField(error) !== undefined) return error;
  if (error instanceof MongoServerError && BUGS.includes(Number(error.code))) {
    return new Error(`Cannot write to MongoDB as it refused what was sent: ${reasonOf(error)}`);
  }
  return new StoreUnavailable(`Cannot use MongoDB as it failed: ${reasonOf(error)}`);
}

/** The server's own words may quote the document: its code says enough. */
export function reasonOf(error: unknown): string {
  if (error instanceof MongoServerError) {
    return [error.codeName, error.code].filter((part) => part !== undefined).join(" ") ||
      error.name;
  }
  return error instanceof Error ? error.message : String(error);
}
