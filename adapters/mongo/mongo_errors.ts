// Outages of MongoDB told apart from our own bugs, and neither with a word of what is stored.

import {
  BSON,
  MongoError,
  MongoInvalidArgumentError,
  MongoMissingCredentialsError,
  MongoParseError,
  MongoServerError,
} from "mongodb";
import { StoreUnavailable } from "../../application/store_unavailable.ts";

const DUPLICATE_KEY = 11_000;

/** Answers to a wrong question, which the same question always gets. */
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
/** Unauthorized and AuthenticationFailed: at the start, the URI is wrong. */
const REFUSED: readonly number[] = [13, 18];

/** The field whose value another document has, if the write failed for that. */
export function takenField(error: unknown): string | undefined {
  if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) return undefined;
  return Object.keys(error.keyPattern ?? { _id: 1 })[0];
}

/**
 * What a caller of the store is told of what the driver threw: StoreUnavailable, but for our own bugs.
 * Not all outages are the driver's errors: Deno's sockets have some of their own.
 */
export function storeError(error: unknown): unknown {
  if (error instanceof StoreUnavailable || takenField(error) !== undefined) return error;
  if (error instanceof MongoServerError && BUGS.includes(Number(error.code))) {
    return new Error(`Cannot write to MongoDB as it refused what was sent: ${reasonOf(error)}`);
  }
  const isBug = [TypeError, RangeError, ReferenceError, BSON.BSONError, MongoInvalidArgumentError]
    .some((kind) => error instanceof kind);
  if (isBug) return error;
  return new StoreUnavailable(`Cannot use MongoDB as it failed: ${reasonOf(error)}`);
}

/** Whether what failed at the start may go better at the next one, nothing being changed. */
export function mayPass(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return true;
  if (!(error instanceof MongoError)) return false;
  if (error instanceof MongoServerError) return ![...BUGS, ...REFUSED].includes(Number(error.code));
  return ![MongoParseError, MongoInvalidArgumentError, MongoMissingCredentialsError]
    .some((kind) => error instanceof kind);
}

/** The server's own words may quote the document: its code says enough. */
function reasonOf(error: unknown): string {
  if (error instanceof MongoServerError) return `${error.codeName ?? error.name} ${error.code}`;
  return error instanceof Error ? error.message : String(error);
}
