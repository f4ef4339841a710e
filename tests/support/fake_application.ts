// An Application that records what it is asked and answers samples: what the HTTP adapter is tested against.

import type { Application } from "../../application/application.ts";
import type { ReviewItem } from "../../application/decide_review.ts";
import type { Page } from "../../application/ports.ts";
import type { Callback } from "../../domain/callback.ts";
import type { Invoice } from "../../domain/invoice.ts";
import type { StoredEvent } from "../../domain/payment_news.ts";
import type { Payment } from "../../domain/payment.ts";
import type { Webhook } from "../../domain/webhook.ts";

export interface Call {
  readonly name: keyof Application;
  readonly args: readonly unknown[];
}

const AT = Date.UTC(2026, 0, 31, 12, 0, 0, 7);

export const CARD_PAYMENT: Payment = {
  id: "pay_01",
  version: 2,
  konsolId: "k-1",
  externalId: "order_123",
  idempotencyKey: "secret-key",
  submission: "submitted",
  status: "processing",
  attempt: 1,
  amountMinor: 100_010,
  currency: "RUB",
  description: "Оплата услуг",
  recipient: {
    kind: "card",
    first6: "220070",
    last4: "1234",
    length: 16,
    brand: "mir",
    sealedNumber: "secret-sealed",
  },
  userId: 123456789,
  callbackUrl: "https://your-domain.com/webhook",
  metadata: { order_id: "123" },
  fieldHashes: { amount: "secret-hash" },
  submissionSince: AT,
  unsentSince: AT,
  looks: 0,
  missingAt: [],
  createdAt: AT,
  updatedAt: AT + 1_000,
  history: [
    {
      at: AT,
      move: "T1",
      submission: "queued",
      status: "pending",
      attempt: 0,
      cause: { kind: "request", id: "req-1" },
    },
    {
      at: AT + 1_000,
      submission: "submitted",
      status: "processing",
      attempt: 1,
      cause: { kind: "poll" },
      note: "Konsol says: processing",
    },
  ],
};

export const PHONE_PAYMENT: Payment = {
  ...CARD_PAYMENT,
  id: "pay_02",
  konsolId: undefined,
  status: "failed",
  submission: "settled",
  recipient: {
    kind: "phone",
    phoneNumber: "+79123456789",
    bankId: "100000000111",
    bankName: "Сбербанк",
  },
  failure: { code: "insufficient_funds", message: "Недостаточно средств" },
};

export const INVOICE: Invoice = {
  id: "inv_01",
  version: 1,
  konsolId: "k-inv-1",
  amountMinor: 5_000,
  currency: "JPY",
  status: "completed",
  dueDate: "2026-02-28",
  createdAt: AT,
  updatedAt: AT,
  paidAt: AT,
};

export const WEBHOOK: Webhook = {
  id: "whk_01",
  version: 1,
  event: "payment.completed",
  konsolId: "k-1",
  body: { event: "payment.completed" },
  bodyHash: "secret-hash",
  signature: "unchecked",
  state: "processed",
  received: 2,
  tries: 1,
  receivedAt: AT,
  lastReceivedAt: AT,
  wantedSince: AT,
  processedAt: AT,
  paymentId: "pay_01",
};

/** Given up after the receiver's 410, which was its second try. */
export const CALLBACK: Callback = {
  id: "evt_01",
  version: 4,
  type: "payment.completed",
  paymentId: "pay_01",
  ordinal: 3,
  url: "https://your-domain.com/webhook",
  host: "your-domain.com",
  state: "dead",
  deathReason: "gone",
  tried: 2,
  triedInRound: 2,
  createdAt: AT,
  updatedAt: AT + 5_000,
  tries: [
    { at: AT, ms: 15_000, error: "timed_out" },
    { at: AT + 5_000, ms: 12.5, httpStatus: 410, start: "gone; call +79123456789" },
  ],
};

export const EVENT: StoredEvent = {
  id: "evt_01",
  type: "payment.completed",
  paymentId: "pay_01",
  createdAt: AT,
  body: '{"id":"evt_01","type":"payment.completed","data":{"amount":1.50}}',
};

/** In doubt, then not found: parked an hour after it was made. */
export const REVIEW_ITEM: ReviewItem = {
  payment: {
    ...CARD_PAYMENT,
    konsolId: undefined,
    submission: "review",
    firstClaimedAt: AT + 1_000,
    sendNotAfter: AT + 6_000,
    maybeSentAt: AT + 2_000,
    submissionSince: AT + 3_600_000,
    cleanScans: 4,
    cleanScanAt: AT + 3_000_000,
    history: [...CARD_PAYMENT.history, {
      at: AT + 3_600_000,
      move: "T10",
      submission: "review",
      status: "processing",
      attempt: 1,
      cause: { kind: "timer" },
      note: "not found at Konsol",
    }],
  },
  notPaidAllowedFrom: AT + 86_406_000,
  lostKonsolIds: [],
};

function page<Item>(item: Item): Page<Item> {
  const next = { createdAt: AT, id: "pay_01" };
  return { items: [item], total: 1, totalIsLowerBound: false, next };
}

const SAMPLES: Application = {
  createPayment: () => Promise.resolve({ payment: CARD_PAYMENT, replayed: false }),
  getPayment: () => Promise.resolve(CARD_PAYMENT),
  listPayments: () => Promise.resolve(page(CARD_PAYMENT)),
  updatePayment: () => Promise.resolve(CARD_PAYMENT),
  cancelPayment: () => Promise.resolve(CARD_PAYMENT),
  acceptClaim: () => Promise.resolve({ payment: PHONE_PAYMENT, replayed: false }),
  getBalance: () => Promise.resolve({ amountMinor: 12_345, currency: "RUB", more: {}, asOf: AT }),
  receiveWebhook: () => Promise.resolve(WEBHOOK),
  getWebhook: () => Promise.resolve(WEBHOOK),
  listWebhooks: () => Promise.resolve(page(WEBHOOK)),
  replayWebhook: () => Promise.resolve(WEBHOOK),
  listCallbacks: () => Promise.resolve(page(CALLBACK)),
  getCallback: () => Promise.resolve(CALLBACK),
  retryCallback: () => Promise.resolve(CALLBACK),
  retryDeadCallbacks: () => Promise.resolve({ retried: 3, hasMore: false }),
  listEvents: () => Promise.resolve({ items: [EVENT], hasMore: false }),
  createInvoice: () => Promise.resolve({ invoice: INVOICE, replayed: false }),
  getInvoice: () => Promise.resolve(INVOICE),
  listInvoices: () => Promise.resolve(page(INVOICE)),
  updateInvoice: () => Promise.resolve(INVOICE),
  listReviews: () => Promise.resolve(page(REVIEW_ITEM)),
  decideReview: () => Promise.resolve(CARD_PAYMENT),
  pauseSubmission: (by, reason) => Promise.resolve({ paused: true, by, reason, at: AT }),
  resumeSubmission: (by, reason) => Promise.resolve({ paused: false, by, reason, at: AT }),
  getSubmission: () =>
    Promise.resolve({
      pause: { paused: true, by: "service", reason: "the store came back", at: AT },
      hold: { kind: "paused" as const, reason: "service: the store came back" },
      restore: {
        restoredAt: AT,
        checkedAt: AT + 90_000,
        lacking: [{
          konsolId: "k-9",
          paymentId: "pay_lost",
          externalId: "order_lost",
          amountMinor: 100_010,
          currency: "RUB",
          statusText: "completed",
          createdAt: AT - 60_000,
        }],
      },
    }),
  checkReadiness: () =>
    Promise.resolve({ ready: true, checks: [{ name: "store" as const, ready: true }] }),
};

/** `calls` grows with each call, whatever it is answered. */
export function fakeApplication(
  answers: Partial<Application> = {},
): { readonly application: Application; readonly calls: Call[] } {
  const calls: Call[] = [];
  const recorded = Object.entries({ ...SAMPLES, ...answers }).map(([name, answer]) => [
    name,
    (...args: never[]) => {
      calls.push({ name: name as keyof Application, args });
      return (answer as (...args: never[]) => unknown)(...args);
    },
  ]);
  return { application: Object.fromEntries(recorded) as Application, calls };
}
