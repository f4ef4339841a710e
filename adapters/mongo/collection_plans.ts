// Every collection of the service with its indexes and its schema; the reasons for each index are SQLite's.

import { CALLBACK_STATES } from "../../domain/callback.ts";
import { STATUSES } from "../../domain/payment_status.ts";
import { PAYMENT_TYPES } from "../../domain/recipient.ts";
import { SUBMISSIONS } from "../../domain/submission_table.ts";
import { CALLBACKS } from "./callback_document.ts";
import {
  type CollectionPlan,
  DATE,
  ifText,
  index,
  JSON_TEXT,
  LONG,
  NEVER,
  schemaOf,
  TEXT,
  TIME,
  WHOLE,
} from "./collection_plan.ts";
import { FIRST_DATE } from "./document_fields.ts";
import { EVENTS } from "./event_document.ts";
import { HISTORY } from "./history_tail.ts";
import { INVOICES } from "./invoice_document.ts";
import { CONTROL } from "./mongo_control_store.ts";
import { HEALTH } from "./mongo_store_health.ts";
import { PAYMENTS } from "./payment_document.ts";
import { WEBHOOKS } from "./webhook_document.ts";

const IF_DUE = { partialFilterExpression: { due_at: { $gte: FIRST_DATE } } };
const IF_USER = { partialFilterExpression: { user_id: { $gte: Number.MIN_SAFE_INTEGER } } };

const PAYMENT_PLAN: CollectionPlan = {
  name: PAYMENTS.collection,
  indexes: [
    index("konsol_id", ["konsol_id"], { unique: true, ...ifText("konsol_id") }),
    index("external_id", ["external_id"], { unique: true, ...ifText("external_id") }),
    index("idempotency_key", ["idempotency_key"], { unique: true, ...ifText("idempotency_key") }),
    index("newest", ["created_at", "_id"]),
    index("status", ["status", "created_at", "_id", "currency", "payment_type"]),
    index("currency", ["currency", "created_at", "_id", "status", "payment_type"]),
    index("payment_type", ["payment_type", "created_at", "_id", "status", "currency"]),
    index("user", ["user_id", "created_at", "_id", "status", "currency", "payment_type"], IF_USER),
    index("due", ["submission", "due_at", "_id"], IF_DUE),
    index("review", ["needs_review", "created_at", "_id"], {
      partialFilterExpression: { needs_review: true },
    }),
    index("untold", ["untold", "_id"], { partialFilterExpression: { untold: true } }),
  ],
  schema: schemaOf({
    _id: TEXT,
    version: WHOLE,
    submission: { enum: SUBMISSIONS },
    status: { enum: STATUSES },
    attempt: WHOLE,
    amount_minor: LONG,
    currency: TEXT,
    payment_type: { enum: PAYMENT_TYPES },
    field_hashes: JSON_TEXT,
    created_at: DATE,
    updated_at: TIME,
    history: { bsonType: "array" },
  }, {
    due_at: DATE,
    konsol_id: TEXT,
    external_id: TEXT,
    idempotency_key: TEXT,
    metadata: JSON_TEXT,
    lease_ends_at: DATE,
    needs_review: { enum: [true] },
    outbox: { bsonType: "array" },
    untold: { enum: [true] },
    card_number: NEVER,
    amount: NEVER,
  }),
};

/** Found by ids that are made from the payment's: no index but that is needed. */
const HISTORY_PLAN: CollectionPlan = {
  name: HISTORY,
  indexes: [],
  schema: schemaOf({ _id: TEXT, payment_id: TEXT, from: WHOLE, events: { bsonType: "array" } }),
};

const INVOICE_PLAN: CollectionPlan = {
  name: INVOICES.collection,
  indexes: [
    index("konsol_id", ["konsol_id"], { unique: true }),
    index("newest", ["created_at", "_id"]),
    index("status", ["status", "created_at", "_id", "currency"]),
    index("currency", ["currency", "created_at", "_id", "status"]),
    index("user", ["user_id", "created_at", "_id", "status", "currency"], IF_USER),
    index(
      "external_id",
      ["external_id", "created_at", "_id", "status", "currency"],
      ifText("external_id"),
    ),
  ],
  schema: schemaOf({
    _id: TEXT,
    version: WHOLE,
    konsol_id: TEXT,
    amount_minor: LONG,
    currency: TEXT,
    status: { enum: STATUSES },
    created_at: DATE,
    updated_at: TIME,
  }, { external_id: TEXT, metadata: JSON_TEXT, amount: NEVER }),
};

const WEBHOOK_PLAN: CollectionPlan = {
  name: WEBHOOKS.collection,
  indexes: [
    index("body_hash", ["body_hash"], { unique: true }),
    index("newest", ["received_at", "_id"]),
    index("state", ["state", "received_at", "_id", "event"]),
    index("konsol_id", ["konsol_id", "received_at", "_id"]),
    index("event", ["event", "received_at", "_id", "state"]),
    index("due", ["due_at", "_id"], IF_DUE),
    index("unworked", ["unworked_at"], {
      partialFilterExpression: { unworked_at: { $gte: FIRST_DATE } },
    }),
  ],
  schema: schemaOf({
    _id: TEXT,
    version: WHOLE,
    event: TEXT,
    konsol_id: TEXT,
    body_hash: TEXT,
    state: TEXT,
    received_at: DATE,
  }, { body: JSON_TEXT, due_at: DATE, unworked_at: DATE }),
};

const EVENT_PLAN: CollectionPlan = {
  name: EVENTS,
  indexes: [index("event_id", ["event_id"], { unique: true })],
  schema: schemaOf({ _id: WHOLE, event_id: TEXT, type: TEXT, payment_id: TEXT, body: JSON_TEXT }),
};

const CALLBACK_PLAN: CollectionPlan = {
  name: CALLBACKS.collection,
  indexes: [
    index("newest", ["created_at", "_id"]),
    index("state", ["state", "created_at", "_id"]),
    index("payment", ["payment_id", "created_at", "_id", "state"]),
    index("due", ["host", "due_at", "_id"], IF_DUE),
    index("pending", ["payment_id", "ordinal"], {
      partialFilterExpression: { state: "pending" },
    }),
  ],
  schema: schemaOf({
    _id: TEXT,
    version: WHOLE,
    payment_id: TEXT,
    ordinal: WHOLE,
    url: TEXT,
    host: TEXT,
    state: { enum: CALLBACK_STATES },
    created_at: DATE,
  }, { due_at: DATE, lease_ends_at: DATE }),
};

const CONTROL_PLAN: CollectionPlan = {
  name: CONTROL,
  indexes: [],
  schema: schemaOf({ _id: TEXT, version: WHOLE, value: JSON_TEXT }),
};

const HEALTH_PLAN: CollectionPlan = {
  name: HEALTH,
  indexes: [],
  schema: schemaOf({ _id: TEXT, at: DATE }),
};

export const COLLECTION_PLANS: readonly CollectionPlan[] = [
  PAYMENT_PLAN,
  HISTORY_PLAN,
  INVOICE_PLAN,
  WEBHOOK_PLAN,
  EVENT_PLAN,
  CALLBACK_PLAN,
  CONTROL_PLAN,
  HEALTH_PLAN,
];
