// A callback as a document of konsol_callbacks.

import type {
  Callback,
  CallbackLease,
  CallbackState,
  CallbackTry,
  DeathReason,
} from "../../domain/callback.ts";
import type { EventType } from "../../domain/payment_news.ts";
import {
  datesOnly,
  exactTimes,
  type Fields,
  listOf,
  NUMBER,
  objectOf,
  readFields,
  text,
  TIME,
  writeFields,
} from "./document_fields.ts";
import type { RecordMapping } from "./record_mapping.ts";

const TRY: Fields<CallbackTry> = {
  at: ["at", TIME],
  ms: ["ms", NUMBER],
  httpStatus: ["http_status", NUMBER],
  error: ["error", text<NonNullable<CallbackTry["error"]>>()],
  start: ["start", text()],
};

const LEASE: Fields<CallbackLease> = {
  owner: ["owner", text()],
  since: ["since", TIME],
  until: ["until", TIME],
};

const FIELDS: Fields<Callback> = {
  id: ["_id", text()],
  version: ["version", NUMBER],
  type: ["type", text<EventType>()],
  paymentId: ["payment_id", text()],
  ordinal: ["ordinal", NUMBER],
  url: ["url", text()],
  host: ["host", text()],
  state: ["state", text<CallbackState>()],
  deathReason: ["death_reason", text<DeathReason>()],
  dueAt: ["due_at", TIME],
  lease: ["lease", objectOf(LEASE)],
  tried: ["tried", NUMBER],
  triedInRound: ["tried_in_round", NUMBER],
  createdAt: ["created_at", TIME],
  updatedAt: ["updated_at", TIME],
  tries: ["tries", listOf(objectOf(TRY))],
};

/** Searched and sorted by. */
const DATES = ["created_at", "due_at"];

export const CALLBACKS: RecordMapping<Callback> = {
  collection: "konsol_callbacks",
  noun: "callback",
  time: "created_at",
  positionOf: ({ createdAt, id }) => ({ createdAt, id }),
  toDocument: (callback) => datesOnly(writeFields(FIELDS, callback), DATES),
  fromDocument: (document) => readFields(FIELDS, exactTimes(document, DATES)),
};
