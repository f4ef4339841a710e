// The oldest part of a long history, moved out of the payment's document in parts that never change.

import type { Document } from "mongodb";
import { BOUNDED, type MongoConnection } from "./mongo_connection.ts";

export const HISTORY = "konsol_payment_history";

/** So many events stay in the payment's own document; when there are more, the oldest are moved. */
export const HISTORY_MAX = 200;
/** Events in one part. */
export const PART = 100;

/** How many of a history's events are to lie in parts. */
export function movedOf(length: number): number {
  return Math.max(0, Math.ceil((length - HISTORY_MAX) / PART)) * PART;
}

/**
 * The payment's document as it may be stored: with the newest part of its history. Only events that are
 * stored already (`settled` of them) are moved, by whoever comes first: what a part holds is then the
 * same for all, and a change that is lost afterwards leaves nothing wrong behind.
 */
export async function moveTail(
  connection: MongoConnection,
  document: Document,
  settled: number,
): Promise<Document> {
  const moved = movedOf(settled);
  if (moved === 0) return document;
  const { _id, history } = document;
  const there = await movedAlready(connection, _id);
  for (let from = there; from < moved; from += PART) {
    const events = history.slice(from, from + PART);
    const part = { payment_id: _id, from, events };
    await connection.askIn(
      HISTORY,
      (all) =>
        all.updateOne({ _id: partId(_id, from) }, { $setOnInsert: part }, {
          ...BOUNDED,
          upsert: true,
        }),
    );
  }
  return { ...document, history: history.slice(moved), history_moved: moved };
}

/** Every document with its whole history. */
export async function withTails(
  connection: MongoConnection,
  documents: Document[],
): Promise<Document[]> {
  const ids = documents.flatMap(({ _id, history_moved = 0 }) =>
    Array.from({ length: Number(history_moved) / PART }, (_, part) => partId(_id, part * PART))
  );
  if (ids.length === 0) return documents;
  const found = await connection.askIn(
    HISTORY,
    (all) => all.find({ _id: { $in: ids } }, BOUNDED).sort({ _id: 1 }).toArray(),
  );
  return documents.map((document) => withTail(document, found));
}

function withTail(document: Document, parts: readonly Document[]): Document {
  if (document.history_moved === undefined) return document;
  const own = parts.filter(({ payment_id }) => payment_id === document._id);
  const tail = own.flatMap(({ events }) => events);
  if (tail.length !== Number(document.history_moved)) {
    throw new Error(`Cannot read payment ${document._id} as parts of its history are gone`);
  }
  return { ...document, history: [...tail, ...document.history] };
}

async function movedAlready(connection: MongoConnection, _id: string): Promise<number> {
  const options = { ...BOUNDED, sort: { _id: -1 as const }, projection: { from: 1 } };
  const last = await connection.askIn(
    HISTORY,
    (all) => all.findOne({ _id: { $gte: partId(_id, 0), $lt: `${_id};` } }, options),
  );
  return last === null ? 0 : Number(last.from) + PART;
}

/** Sorts by payment and place; ":" comes right before ";". */
function partId(paymentId: string, from: number): string {
  return `${paymentId}:${String(from).padStart(8, "0")}`;
}
