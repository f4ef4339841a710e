// A webhook as a document of konsol_webhook_logs, with the seed's names where the seed has the field.

import type { SignatureVerdict, Webhook, WebhookState } from "../../domain/webhook.ts";
import {
  datesOnly,
  exactTimes,
  type Fields,
  json,
  NUMBER,
  readFields,
  text,
  TIME,
  writeFields,
} from "./document_fields.ts";
import type { RecordMapping } from "./record_mapping.ts";

const FIELDS: Fields<Webhook> = {
  id: ["_id", text()],
  version: ["version", NUMBER],
  event: ["event", text()],
  konsolId: ["konsol_id", text()],
  body: ["body", json<unknown>()],
  bodyHash: ["body_hash", text()],
  signature: ["signature", text<SignatureVerdict>()],
  state: ["state", text<WebhookState>()],
  receivedAt: ["received_at", TIME],
  lastReceivedAt: ["last_received_at", TIME],
  wantedSince: ["wanted_since", TIME],
  received: ["received", NUMBER],
  tries: ["tries", NUMBER],
  dueAt: ["due_at", TIME],
  processedAt: ["processed_at", TIME],
  paymentId: ["payment_id", text()],
  error: ["error", text()],
};

/** Searched and sorted by. */
const DATES = ["received_at", "due_at", "unworked_at"];

export const WEBHOOKS: RecordMapping<Webhook> = {
  collection: "konsol_webhook_logs",
  noun: "webhook",
  time: "received_at",
  positionOf: ({ receivedAt, id }) => ({ createdAt: receivedAt, id }),
  toDocument: (webhook) =>
    datesOnly({ ...writeFields(FIELDS, webhook), ...unworked(webhook) }, DATES),
  fromDocument: (document) => readFields(FIELDS, exactTimes(document, DATES)),
};

/** While it is due at some time: when it last came or was last asked for again. */
function unworked({ dueAt, lastReceivedAt, wantedSince }: Webhook) {
  if (dueAt === undefined) return {};
  return { unworked_at: TIME.write(Math.max(lastReceivedAt, wantedSince)) };
}
