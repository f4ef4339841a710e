// Filters of the ports as MongoDB's conditions, values written as the documents' own are.

import type { Document } from "mongodb";
import type { Position, RecordFilter } from "../../application/ports.ts";
import { dateFrom, dateTo, FIRST_DATE, NUMBER, text } from "./document_fields.ts";

/** Absent values do not filter. */
export function equalsGiven(
  fields: Readonly<Record<string, string | number | undefined>>,
): Document {
  const given = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, written(value)] as const]
  );
  return Object.fromEntries(given);
}

/** What payments and invoices are both filtered by. */
export function recordConditions(filter: RecordFilter): Document {
  const { status, currency, userId, externalId } = filter;
  const equal = equalsGiven({ status, currency, user_id: userId, external_id: externalId });
  return { ...equal, ...createdWithin(filter) };
}

export function createdWithin(
  { createdFrom, createdTo }: Pick<RecordFilter, "createdFrom" | "createdTo">,
): Document {
  const created = {
    ...(createdFrom !== undefined && { $gte: dateFrom(createdFrom) }),
    ...(createdTo !== undefined && { $lt: dateFrom(createdTo) }),
  };
  return Object.keys(created).length > 0 ? { created_at: created } : {};
}

/** What comes after the cursor. The bound that both parts share lets the index be entered there. */
export function olderThan(time: string, { createdAt, id }: Position): Document {
  const at = dateTo(createdAt);
  const sameTime = Number.isInteger(createdAt)
    ? { [time]: at, _id: { $lt: text().write(id) } }
    : { [time]: at };
  return { [time]: { $lte: at }, $or: [{ [time]: { $lt: at } }, sameTime] };
}

/** Both bounds, so that the index of what is due at some time is seen to hold all that is asked for. */
export function dueUntil(now: number): Document {
  return { due_at: { $gte: FIRST_DATE, $lte: dateTo(now) } };
}

function written(value: string | number): unknown {
  return typeof value === "string" ? text().write(value) : NUMBER.write(value);
}
