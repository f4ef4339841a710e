// What the use cases need from outside: the driven ports, each with a contract suite in tests/contracts/.

import type { Callback, CallbackAnswer, CallbackState } from "../domain/callback.ts";
import type { Invoice } from "../domain/invoice.ts";
import type { NewEvent, StoredEvent } from "../domain/payment_news.ts";
import type { Payment } from "../domain/payment.ts";
import type { Status } from "../domain/payment_status.ts";
import type { PaymentType } from "../domain/recipient.ts";
import type { Submission } from "../domain/submission_table.ts";
import type { Webhook, WebhookState } from "../domain/webhook.ts";
import type { PaymentGateway, WebhookReader } from "./provider_ports.ts";

/** Time. The wall clock can jump; the monotonic one cannot, but stands still while the machine sleeps. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds since any moment of this process. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Ids {
  /** `{prefix}_` + a UUIDv7 of the clock's time. */
  next(prefix: "pay" | "inv" | "whk" | "evt"): string;
}

/** A number in [0, 1), for jitter. */
export type Chance = () => number;

/** Keeps card numbers sealed and tells equal secrets without showing them. Keys never leave it. */
export interface Vault {
  /** Authenticated ciphertext of a card number, bound to the payment's id. */
  seal(cardNumber: string, paymentId: string): string;
  /** The number, or undefined when it cannot be read any more (another key, another payment, damage). */
  open(sealed: string, paymentId: string): string | undefined;
  /** Keyed hash (128 bits, base64url) of a text under a key made for `purpose`. */
  fingerprint(purpose: "request_field" | "webhook_body", text: string): string;
}

/** Newest first by (createdAt, id). A cursor is the last item already seen. */
export interface Position {
  readonly createdAt: number;
  readonly id: string;
}

export interface PageRequest {
  readonly perPage: number;
  /** 1-based; ignored when there is a cursor. */
  readonly page: number;
  readonly after?: Position;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Exact up to TOTAL_LIMIT; TOTAL_LIMIT with `totalIsLowerBound` above. */
  readonly total: number;
  readonly totalIsLowerBound: boolean;
  /** Where the next page starts; absent on the last one. */
  readonly next?: Position;
}

export const TOTAL_LIMIT = 1_000;

/** Absent fields do not filter; `createdFrom` is inclusive, `createdTo` exclusive, in epoch milliseconds. */
export interface RecordFilter {
  readonly status?: Status;
  readonly currency?: string;
  readonly userId?: number;
  readonly externalId?: string;
  readonly createdFrom?: number;
  readonly createdTo?: number;
}

export interface PaymentFilter extends RecordFilter {
  readonly paymentType?: PaymentType;
}

/** `…_taken`: another record has that one. `stale`: the stored one is not `before` any more. */
export type Saved<Item> =
  | { readonly kind: "saved"; readonly item: Item }
  | { readonly kind: "stale" }
  | { readonly kind: Taken };

/** An invoice has no key. */
export type Taken = "konsol_id_taken" | "idempotency_key_taken";

/** `stored` with the handles that found it; both may be set and name two different payments. */
export type Inserted =
  | { readonly kind: "inserted"; readonly payment: Payment }
  | {
    readonly kind: "exists";
    readonly byIdempotencyKey?: Payment;
    readonly byExternalId?: Payment;
  };

/**
 * Payments, each one record. Every promise returned resolves only when the change is durable, and any
 * failure to know that rejects: an unconfirmed write is never reported as done. `events` are stored in the
 * same write as the change, each with its callback (newCallback()) if it has a `callbackUrl`; where the
 * change is not stored, none of them is.
 */
export interface PaymentStore {
  /** One atomic step on the unique handles: stores it, or gives what has the handles already. */
  insertOrGet(payment: Payment, events?: readonly NewEvent[]): Promise<Inserted>;
  get(id: string): Promise<Payment | undefined>;
  getByKonsolId(konsolId: string): Promise<Payment | undefined>;
  getByExternalId(externalId: string): Promise<Payment | undefined>;
  /**
   * Compare-and-set: stores `after` as version `before.version + 1` if the stored payment still has
   * `before`'s version, submission and attempt. Throws IllegalMove when the table has no such move.
   */
  save(
    before: Payment,
    after: Payment,
    events?: readonly NewEvent[],
  ): Promise<Saved<Payment>>;
  list(filter: PaymentFilter, page: PageRequest): Promise<Page<Payment>>;
  /** Those that want a person: in review, or contradicted by Konsol after their end (needsReview()). */
  listReviews(page: PageRequest): Promise<Page<Payment>>;
  /** Payments in these states whose `dueAt` has come, the longest due first. */
  due(submissions: readonly Submission[], now: number, limit: number): Promise<readonly Payment[]>;
}

export interface InvoiceStore {
  /** Stores it, or gives the one that has its konsolId already. */
  insertOrGet(
    invoice: Invoice,
  ): Promise<{ readonly kind: "inserted" | "exists"; readonly invoice: Invoice }>;
  get(id: string): Promise<Invoice | undefined>;
  getByKonsolId(konsolId: string): Promise<Invoice | undefined>;
  save(before: Invoice, after: Invoice): Promise<Saved<Invoice>>;
  list(filter: RecordFilter, page: PageRequest): Promise<Page<Invoice>>;
}

export interface WebhookFilter {
  readonly state?: WebhookState;
  readonly konsolId?: string;
  readonly event?: string;
}

export interface WebhookStore {
  /** Stores it, or gives the one that has its bodyHash already. */
  insertOrGet(
    webhook: Webhook,
  ): Promise<{ readonly kind: "inserted" | "exists"; readonly webhook: Webhook }>;
  get(id: string): Promise<Webhook | undefined>;
  save(before: Webhook, after: Webhook): Promise<Saved<Webhook>>;
  /** The newest of that Konsol payment, by (receivedAt, id), if at least `keptMin` (1 or more) are kept of it. */
  latestOf(konsolId: string, keptMin: number): Promise<Webhook | undefined>;
  /** Newest first by (receivedAt, id). */
  list(filter: WebhookFilter, page: PageRequest): Promise<Page<Webhook>>;
  due(now: number, limit: number): Promise<readonly Webhook[]>;
  /** Whether any that came at or after `since` is still due: what it is about is not settled. */
  hasUnworked(since: number): Promise<boolean>;
  /** How many are due at some time, counted to `limit` at most. */
  countUnworked(limit: number): Promise<number>;
}

/** All events in the order in which they were committed: nothing ever appears before one that was listed. */
export interface EventLog {
  /** After that event (undefined = from the first), oldest first; undefined when there is no such event. */
  list(after: string | undefined, limit: number): Promise<readonly StoredEvent[] | undefined>;
  get(id: string): Promise<StoredEvent | undefined>;
}

/** Absent fields do not filter; `createdFrom` is inclusive, `createdTo` exclusive. */
export interface CallbackFilter {
  readonly state?: CallbackState;
  readonly paymentId?: string;
  readonly createdFrom?: number;
  readonly createdTo?: number;
}

/** Callbacks come into being with their events: PaymentStore makes them. */
export interface CallbackStore {
  get(id: string): Promise<Callback | undefined>;
  /** Compare-and-set on the version. */
  save(before: Callback, after: Callback): Promise<Saved<Callback>>;
  list(filter: CallbackFilter, page: PageRequest): Promise<Page<Callback>>;
  /**
   * Hosts that have a callback due, in the order of their names (by code unit; hosts are ASCII), those after
   * `after` only. Asked round and round, so that one host's backlog starves no other.
   */
  dueHosts(now: number, limit: number, after?: string): Promise<readonly string[]>;
  /** Callbacks to that host whose `dueAt` has come, the longest due first, equal ones by id. */
  due(host: string, now: number, limit: number): Promise<readonly Callback[]>;
  /** The payment's pending callback with the lowest ordinal: no other may have its first try. */
  firstPending(paymentId: string): Promise<Callback | undefined>;
}

export interface CallbackRequest {
  readonly url: string;
  readonly eventId: string;
  readonly body: string;
}

/** Brings one event to its address, once. Never rejects: what the try came to is in its answer. */
export interface CallbackSender {
  send(request: CallbackRequest): Promise<CallbackAnswer>;
}

/** The body of an event (StoredEvent.body): the payment as clients see it, its phone masked too. */
export type WriteEvent = (
  event: Pick<StoredEvent, "id" | "type" | "createdAt">,
  payment: Payment,
) => string;

/** A few small values that all instances share, each durable and changed by compare-and-set. */
export interface ControlStore {
  get<Value>(key: string): Promise<{ readonly value: Value; readonly version: number } | undefined>;
  /** `version`: of the value that is replaced, undefined = there was none. False when it changed meanwhile. */
  put(key: string, version: number | undefined, value: unknown): Promise<boolean>;
}

/** The database behind the stores, as the process sees it. */
export interface StoreHealth {
  /** Rejects, saying why, when the store cannot take a write now. */
  check(): Promise<void>;
}

/** Closed list of what is logged; fields never hold card numbers, phones, tokens or bodies. */
export type LogEvent =
  | "request"
  | "konsol_call"
  | "webhook"
  | "callback"
  | "callback_host_failing"
  | "callback_host_recovered"
  | "state_change"
  | "worker_failed"
  | "alarm"
  | "unexpected_error"
  | "started"
  | "stopping"
  | "stopped";

export interface Log {
  debug(event: LogEvent, fields: Readonly<Record<string, unknown>>): void;
  info(event: LogEvent, fields: Readonly<Record<string, unknown>>): void;
  warn(event: LogEvent, fields: Readonly<Record<string, unknown>>): void;
  error(event: LogEvent, fields: Readonly<Record<string, unknown>>): void;
}

export interface Ports {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly chance: Chance;
  readonly vault: Vault;
  readonly payments: PaymentStore;
  readonly invoices: InvoiceStore;
  readonly webhooks: WebhookStore;
  readonly events: EventLog;
  readonly callbacks: CallbackStore;
  readonly callbackSender: CallbackSender;
  readonly writeEvent: WriteEvent;
  readonly control: ControlStore;
  readonly storeHealth: StoreHealth;
  readonly gateway: PaymentGateway;
  readonly webhookReader: WebhookReader;
  readonly log: Log;
}

/** What the operator decides; durations in milliseconds. */
export interface Settings {
  /** Names this process in leases. */
  readonly instance: string;
  readonly submitWaitMs: number;
  readonly queueMaxAgeMs: number;
  /** Total time of one Konsol call. */
  readonly konsolTimeoutMs: number;
  /** Whether T9 may send a payment again that was long not found; a person decides otherwise. */
  readonly resubmit: "never" | "after_horizon";
  /** How long after its last moment a request may still take effect at Konsol. */
  readonly resubmitHorizonMs: number;
  /** How many T9 may send again in a day, in all. */
  readonly resubmitDailyMax: number;
}
