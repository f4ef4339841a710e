// A payment as a document of konsol_payments, with the seed's names where the seed has the field.

import type { Document } from "mongodb";
import type { CardBrand } from "../../domain/card_number.ts";
import type {
  Cause,
  Failure,
  Metadata,
  Payment,
  PaymentEvent,
  SendLease,
} from "../../domain/payment.ts";
import { needsReview } from "../../domain/payment_review.ts";
import type { Status } from "../../domain/payment_status.ts";
import { type CardRecipient, paymentTypeOf, type Recipient } from "../../domain/recipient.ts";
import type { MoveName, Submission } from "../../domain/submission_table.ts";
import {
  datesOnly,
  exactTimes,
  type Fields,
  FLAG,
  json,
  listOf,
  MINOR_UNITS,
  NUMBER,
  objectOf,
  readFields,
  text,
  TIME,
  writeFields,
} from "./document_fields.ts";
import { withTails } from "./history_tail.ts";
import type { RecordMapping } from "./record_mapping.ts";

const CAUSE: Fields<Cause> = { kind: ["kind", text<Cause["kind"]>()], id: ["id", text()] };

const EVENT: Fields<PaymentEvent> = {
  at: ["at", TIME],
  move: ["move", text<MoveName>()],
  submission: ["submission", text<Submission>()],
  status: ["status", text<Status>()],
  attempt: ["attempt", NUMBER],
  cause: ["cause", objectOf(CAUSE)],
  note: ["note", text()],
};

const LEASE: Fields<SendLease> = {
  owner: ["owner", text()],
  sendNotAfter: ["send_not_after", TIME],
  until: ["until", TIME],
};

const FAILURE: Fields<Failure> = { code: ["code", text()], message: ["message", text()] };

const CARD: Fields<CardRecipient> = {
  kind: ["kind", text<"card">()],
  first6: ["first6", text()],
  last4: ["last4", text()],
  length: ["length", NUMBER],
  brand: ["brand", text<CardBrand>()],
  sealedNumber: ["sealed_number", text()],
};

const FIELDS: Fields<Omit<Payment, "recipient">> = {
  id: ["_id", text()],
  version: ["version", NUMBER],
  amountMinor: ["amount_minor", MINOR_UNITS],
  currency: ["currency", text()],
  description: ["description", text()],
  userId: ["user_id", NUMBER],
  externalId: ["external_id", text()],
  idempotencyKey: ["idempotency_key", text()],
  callbackUrl: ["callback_url", text()],
  metadata: ["metadata", json<Metadata>()],
  fieldHashes: ["field_hashes", json<Payment["fieldHashes"]>()],
  submission: ["submission", text<Submission>()],
  status: ["status", text<Status>()],
  attempt: ["attempt", NUMBER],
  lease: ["lease", objectOf(LEASE)],
  firstClaimedAt: ["first_claimed_at", TIME],
  sendNotAfter: ["send_not_after", TIME],
  maybeSentAt: ["maybe_sent_at", TIME],
  submissionSince: ["submission_since", TIME],
  unsentSince: ["unsent_since", TIME],
  dueAt: ["due_at", TIME],
  looks: ["looks", NUMBER],
  cleanScans: ["clean_scans", NUMBER],
  cleanScanAt: ["clean_scan_at", TIME],
  cleanScanUpTo: ["clean_scan_up_to", TIME],
  konsolId: ["konsol_id", text()],
  konsolStatus: ["konsol_status", text()],
  lostPaymentId: ["lost_payment_id", text()],
  candidateKonsolId: ["candidate_konsol_id", text()],
  missingAt: ["missing_at", listOf(TIME)],
  paymentUrl: ["payment_url", text()],
  failure: ["failure", objectOf(FAILURE)],
  providerDisagrees: ["provider_disagrees", FLAG],
  acknowledgedAt: ["acknowledged_at", TIME],
  createdAt: ["created_at", TIME],
  updatedAt: ["updated_at", TIME],
  paidAt: ["paid_at", TIME],
  history: ["history", listOf(objectOf(EVENT))],
};

/** Searched and sorted by. */
const DATES = ["created_at", "due_at"];

export const PAYMENTS: RecordMapping<Payment> = {
  collection: "konsol_payments",
  noun: "payment",
  time: "created_at",
  positionOf: ({ createdAt, id }) => ({ createdAt, id }),
  toDocument: (payment) => ({
    ...datesOnly(writeFields(FIELDS, payment), DATES),
    ...recipientFields(payment.recipient),
    ...(needsReview(payment) && { needs_review: true }),
  }),
  fromDocument: (document) => ({
    ...readFields(FIELDS, exactTimes(document, DATES)),
    recipient: recipientOf(document),
  }),
  complete: withTails,
};

function recipientFields(recipient: Recipient): Document {
  const payment_type = paymentTypeOf(recipient);
  if (recipient.kind === "card") return { payment_type, card: writeFields(CARD, recipient) };
  const { phoneNumber, bankId, bankName } = recipient;
  const { write } = text();
  return {
    payment_type,
    phone_number: write(phoneNumber),
    bank_id: write(bankId),
    bank: write(bankName),
  };
}

function recipientOf(document: Document): Recipient {
  if (document.payment_type === "card_payment") return readFields(CARD, document.card);
  const { read } = text();
  return {
    kind: "phone",
    phoneNumber: read(document.phone_number),
    bankId: read(document.bank_id),
    bankName: read(document.bank),
  };
}
