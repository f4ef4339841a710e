// The schema of the database file, as ordered steps; a step that was released never changes.

import type { DatabaseSync } from "node:sqlite";
import { readPragma } from "./read_pragma.ts";

/**
 * A row is one record, whole, as JSON text; the virtual columns beside it cost no space and exist
 * only to be indexed. Tables keep their rowid: records of 1 to 3 KiB lie whole in a page there,
 * while WITHOUT ROWID would move all but the first KiB of each to overflow pages. Times are ANY, as
 * INTEGER refuses a fraction of a millisecond. The indexes of filters with few values carry the
 * other such columns, so that a rare pair is looked for in the index alone, no record parsed.
 */
const FIRST = `
CREATE TABLE payments (
  id TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  record TEXT NOT NULL,
  submission TEXT NOT NULL AS (record ->> '$.submission') VIRTUAL,
  status TEXT NOT NULL AS (record ->> '$.status') VIRTUAL,
  attempt INTEGER NOT NULL AS (record ->> '$.attempt') VIRTUAL,
  due_at ANY AS (record ->> '$.dueAt') VIRTUAL,
  konsol_id TEXT AS (record ->> '$.konsolId') VIRTUAL,
  external_id TEXT AS (record ->> '$.externalId') VIRTUAL,
  idempotency_key TEXT AS (record ->> '$.idempotencyKey') VIRTUAL,
  user_id INTEGER AS (record ->> '$.userId') VIRTUAL,
  currency TEXT NOT NULL AS (record ->> '$.currency') VIRTUAL,
  payment_type TEXT NOT NULL AS ((record ->> '$.recipient.kind') || '_payment') VIRTUAL,
  created_at ANY NOT NULL AS (record ->> '$.createdAt') VIRTUAL
) STRICT;
CREATE UNIQUE INDEX payments_konsol_id ON payments (konsol_id) WHERE konsol_id IS NOT NULL;
CREATE UNIQUE INDEX payments_external_id ON payments (external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX payments_idempotency_key ON payments (idempotency_key)
  WHERE idempotency_key IS NOT NULL;
CREATE INDEX payments_newest ON payments (created_at, id);
CREATE INDEX payments_status ON payments (status, created_at, id, currency, payment_type);
CREATE INDEX payments_currency ON payments (currency, created_at, id, status, payment_type);
CREATE INDEX payments_type ON payments (payment_type, created_at, id, status, currency);
CREATE INDEX payments_user ON payments (user_id, created_at, id) WHERE user_id IS NOT NULL;
CREATE INDEX payments_due ON payments (submission, due_at, id) WHERE due_at IS NOT NULL;

CREATE TABLE invoices (
  id TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  record TEXT NOT NULL,
  status TEXT NOT NULL AS (record ->> '$.status') VIRTUAL,
  konsol_id TEXT NOT NULL AS (record ->> '$.konsolId') VIRTUAL,
  external_id TEXT AS (record ->> '$.externalId') VIRTUAL,
  user_id INTEGER AS (record ->> '$.userId') VIRTUAL,
  currency TEXT NOT NULL AS (record ->> '$.currency') VIRTUAL,
  created_at ANY NOT NULL AS (record ->> '$.createdAt') VIRTUAL
) STRICT;
CREATE UNIQUE INDEX invoices_konsol_id ON invoices (konsol_id);
CREATE INDEX invoices_newest ON invoices (created_at, id);
CREATE INDEX invoices_status ON invoices (status, created_at, id, currency);
CREATE INDEX invoices_currency ON invoices (currency, created_at, id, status);
CREATE INDEX invoices_user ON invoices (user_id, created_at, id) WHERE user_id IS NOT NULL;
CREATE INDEX invoices_external_id ON invoices (external_id, created_at, id)
  WHERE external_id IS NOT NULL;

CREATE TABLE webhooks (
  id TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  record TEXT NOT NULL,
  state TEXT NOT NULL AS (record ->> '$.state') VIRTUAL,
  konsol_id TEXT NOT NULL AS (record ->> '$.konsolId') VIRTUAL,
  event TEXT NOT NULL AS (record ->> '$.event') VIRTUAL,
  body_hash TEXT NOT NULL AS (record ->> '$.bodyHash') VIRTUAL,
  due_at ANY AS (record ->> '$.dueAt') VIRTUAL,
  received_at ANY NOT NULL AS (record ->> '$.receivedAt') VIRTUAL
) STRICT;
CREATE UNIQUE INDEX webhooks_body_hash ON webhooks (body_hash);
CREATE INDEX webhooks_newest ON webhooks (received_at, id);
CREATE INDEX webhooks_state ON webhooks (state, received_at, id, event);
CREATE INDEX webhooks_konsol_id ON webhooks (konsol_id, received_at, id);
CREATE INDEX webhooks_event ON webhooks (event, received_at, id, state);
CREATE INDEX webhooks_due ON webhooks (due_at, id) WHERE due_at IS NOT NULL;

CREATE TABLE health (id INTEGER NOT NULL PRIMARY KEY, beats INTEGER NOT NULL) STRICT;
INSERT INTO health (id, beats) VALUES (1, 0);
`;

/**
 * `needs_review` says in SQL what the domain's needsReview() says; `unworked_at` is when a webhook that
 * is still due last came or was last asked for again. Both are NULL for most rows, which their indexes
 * leave out. `epoch` is the file's own half of the mark in store_epoch.ts.
 */
const REVIEWS_AND_CONTROL = `
ALTER TABLE payments ADD COLUMN needs_review INTEGER AS (
  CASE WHEN record ->> '$.submission' = 'review' OR record ->> '$.providerDisagrees' = 1 THEN 1 END
) VIRTUAL;
CREATE INDEX payments_review ON payments (needs_review, created_at, id)
  WHERE needs_review IS NOT NULL;

ALTER TABLE webhooks ADD COLUMN unworked_at ANY AS (
  CASE WHEN record ->> '$.dueAt' IS NOT NULL
    THEN max(record ->> '$.lastReceivedAt', record ->> '$.wantedSince') END
) VIRTUAL;
CREATE INDEX webhooks_unworked ON webhooks (unworked_at) WHERE unworked_at IS NOT NULL;

CREATE TABLE control (
  key TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE epoch (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  lineage TEXT NOT NULL,
  count INTEGER NOT NULL
) STRICT;
`;

/** One person may have most of the payments: a second filter is looked up in the index here, too. */
const WIDER_PERSON_INDEXES = `
DROP INDEX payments_user;
CREATE INDEX payments_user ON payments (user_id, created_at, id, status, currency, payment_type)
  WHERE user_id IS NOT NULL;
DROP INDEX invoices_user;
CREATE INDEX invoices_user ON invoices (user_id, created_at, id, status, currency)
  WHERE user_id IS NOT NULL;
DROP INDEX invoices_external_id;
CREATE INDEX invoices_external_id ON invoices (external_id, created_at, id, status, currency)
  WHERE external_id IS NOT NULL;
`;

/**
 * `seq` is the order of commit: there is one writer at a time, and AUTOINCREMENT never gives a number
 * again. An event's body is its text, as clients get it. A few pending callbacks are all that the
 * partial indexes hold, however many were delivered.
 */
const EVENTS_AND_CALLBACKS = `
CREATE TABLE events (
  seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  payment_id TEXT NOT NULL,
  created_at ANY NOT NULL,
  body TEXT NOT NULL
) STRICT;

CREATE TABLE callbacks (
  id TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  record TEXT NOT NULL,
  state TEXT NOT NULL AS (record ->> '$.state') VIRTUAL,
  payment_id TEXT NOT NULL AS (record ->> '$.paymentId') VIRTUAL,
  ordinal INTEGER NOT NULL AS (record ->> '$.ordinal') VIRTUAL,
  host TEXT NOT NULL AS (record ->> '$.host') VIRTUAL,
  due_at ANY AS (record ->> '$.dueAt') VIRTUAL,
  created_at ANY NOT NULL AS (record ->> '$.createdAt') VIRTUAL
) STRICT;
CREATE INDEX callbacks_newest ON callbacks (created_at, id);
CREATE INDEX callbacks_state ON callbacks (state, created_at, id);
CREATE INDEX callbacks_payment ON callbacks (payment_id, created_at, id, state);
CREATE INDEX callbacks_due ON callbacks (host, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX callbacks_pending ON callbacks (payment_id, ordinal) WHERE state = 'pending';
`;

/** As needsReview() has it: what a person has taken note of needs none any more. */
const ACKNOWLEDGED_REVIEWS = `
DROP INDEX payments_review;
ALTER TABLE payments DROP COLUMN needs_review;
ALTER TABLE payments ADD COLUMN needs_review INTEGER AS (
  CASE WHEN record ->> '$.submission' = 'review' OR
    (record ->> '$.providerDisagrees' = 1 AND record ->> '$.acknowledgedAt' IS NULL) THEN 1 END
) VIRTUAL;
CREATE INDEX payments_review ON payments (needs_review, created_at, id)
  WHERE needs_review IS NOT NULL;
`;

/** What nothing uses any more: a card's keyed hash, and the card number of what Konsol contradicts. */
const LESS_OF_CARDS = `
UPDATE payments SET record = json_remove(record, '$.recipient.fingerprint')
  WHERE record ->> '$.recipient.fingerprint' IS NOT NULL;
UPDATE payments SET record = json_remove(record, '$.recipient.sealedNumber')
  WHERE record ->> '$.providerDisagrees' = 1 AND record ->> '$.recipient.sealedNumber' IS NOT NULL;
`;

export const MIGRATIONS: readonly string[] = [
  FIRST,
  REVIEWS_AND_CONTROL,
  WIDER_PERSON_INDEXES,
  EVENTS_AND_CALLBACKS,
  ACKNOWLEDGED_REVIEWS,
  LESS_OF_CARDS,
];

/** Takes the file from whatever version it has to the newest, in one transaction. */
export function migrate(database: DatabaseSync, applicationId: number): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    const version = Number(readPragma(database, "user_version"));
    if (version > MIGRATIONS.length) {
      throw new Error(
        `a newer version of this program wrote it: schema ${version}, not ${MIGRATIONS.length}`,
      );
    }
    for (const step of MIGRATIONS.slice(version)) database.exec(step);
    database.exec(`PRAGMA application_id = ${applicationId}`);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
