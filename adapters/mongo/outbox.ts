// Events wait in their payment's own document, written with the change that they tell of, until they are told.

import type { Document } from "mongodb";
import type { NewEvent } from "../../domain/payment_news.ts";
import { text } from "./document_fields.ts";
import { waitingDocument, waitingEvent } from "./event_document.ts";
import { BOUNDED, type MongoConnection } from "./mongo_connection.ts";
import { PAYMENTS } from "./payment_document.ts";

/** A payment with events that are not told yet, in their order. */
export interface Untold {
  readonly paymentId: string;
  readonly events: readonly NewEvent[];
}

/** What of a payment's document an outbox is; absent = empty. */
export const OUTBOX_FIELDS = { outbox: 1, untold: 1 } as const;

/** What an insert adds to a new payment's document. */
export function newOutbox(events: readonly NewEvent[]): Document {
  return events.length === 0 ? {} : { outbox: events.map(waitingDocument), untold: true };
}

/** What an update adds to a payment's new document: what waits already, and after it the new ones. */
export function extendedOutbox(events: readonly NewEvent[]): Document {
  if (events.length === 0) return { outbox: "$outbox", untold: "$untold" };
  const waiting = { $ifNull: ["$outbox", []] };
  const outbox = { $concatArrays: [waiting, { $literal: events.map(waitingDocument) }] };
  return { outbox, untold: true };
}

export function untoldOf(document: Document): Untold {
  const paymentId = text().read(document._id);
  return { paymentId, events: (document.outbox ?? []).map(waitingEvent) };
}

/** Takes what was told out of the outbox; the payment's version stays, as nobody can see the difference. */
export async function emptyOutbox(
  connection: MongoConnection,
  { paymentId, events }: Untold,
): Promise<void> {
  const told = events.map(({ id }) => text().write(id));
  const isLeft = { $not: [{ $in: ["$$event.event_id", { $literal: told }] }] };
  const left = { $filter: { input: { $ifNull: ["$outbox", []] }, as: "event", cond: isLeft } };
  const isEmpty = { $eq: ["$outbox", []] };
  const change = [
    { $set: { outbox: left } },
    {
      $set: {
        untold: { $cond: [isEmpty, "$$REMOVE", true] },
        outbox: { $cond: [isEmpty, "$$REMOVE", "$outbox"] },
      },
    },
  ];
  const _id = text().write(paymentId) as string;
  await connection.askIn(PAYMENTS.collection, (all) => all.updateOne({ _id }, change, BOUNDED));
}

/** Payments with events that wait, whoever left them, the oldest first. */
export async function findUntold(connection: MongoConnection, limit: number): Promise<Untold[]> {
  const options = { ...BOUNDED, projection: OUTBOX_FIELDS };
  const documents = await connection.askIn(
    PAYMENTS.collection,
    (all) => all.find({ untold: true }, options).sort({ _id: 1 }).limit(limit).toArray(),
  );
  return documents.map(untoldOf);
}
