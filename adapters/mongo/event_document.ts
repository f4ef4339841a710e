// An event as a document of konsol_events, and as it waits in its payment's own document until it is there.

import type { Document } from "mongodb";
import { newCallback } from "../../domain/callback.ts";
import type { EventType, NewEvent, StoredEvent } from "../../domain/payment_news.ts";
import { type Fields, NUMBER, readFields, text, TIME, writeFields } from "./document_fields.ts";

export const EVENTS = "konsol_events";

const WITHOUT_ID = {
  type: ["type", text<EventType>()],
  paymentId: ["payment_id", text()],
  createdAt: ["created_at", TIME],
  body: ["body", text()],
} as const;

/** Its `_id` is its place in the log. */
const LISTED: Fields<StoredEvent> = { id: ["event_id", text()], ...WITHOUT_ID };

const WAITING: Fields<NewEvent> = {
  ...LISTED,
  ordinal: ["ordinal", NUMBER],
  callbackUrl: ["callback_url", text()],
};

export function listedDocument(event: StoredEvent, place: number): Document {
  const { id, type, paymentId, createdAt, body } = event;
  return { _id: place, ...writeFields(LISTED, { id, type, paymentId, createdAt, body }) };
}

export function listedEvent(document: Document): StoredEvent {
  return readFields(LISTED, document);
}

/** Throws where no callback can be made of it: nothing that is stored may stand in the way of the rest. */
export function waitingDocument(event: NewEvent): Document {
  if (event.callbackUrl !== undefined) newCallback(event, event.callbackUrl);
  return writeFields(WAITING, event);
}

export function waitingEvent(document: Document): NewEvent {
  return readFields(WAITING, document);
}
