// What the use cases need from Konsol: the driven ports to the provider, beside those in ports.ts.

import type { Payment } from "../domain/payment.ts";
import type { Status } from "../domain/payment_status.ts";
import type { CreateOutcome, ProviderPayment } from "../domain/provider_payment.ts";
import type { WebhookNotice } from "../domain/webhook.ts";

/** What the create call carries; `cardNumber` is in clear, only here, and never logged. */
export interface CreateRequest {
  readonly payment: Payment;
  readonly cardNumber?: string;
}

/** The request is not begun past either of them; a request not begun is `not_executed`. */
export interface SendWindow {
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
  /** Milliseconds on Clock.monotonic(). */
  readonly notAfterMonotonic: number;
}

/** Why a call that changes no money gave nothing; `words` are Konsol's own, redacted. */
export interface Unavailable {
  readonly kind: "unavailable";
  readonly reason: "timeout" | "circuit_open" | "failed";
  readonly httpStatus?: number;
  readonly words?: unknown;
  readonly retryAfterMs?: number;
}

export type Found =
  | { readonly kind: "found"; readonly payment: ProviderPayment }
  | { readonly kind: "not_found" };

/** `unreadable`: rows that could not be read as a payment; any of them might be ours. */
export interface Listed {
  readonly kind: "listed";
  readonly payments: readonly ProviderPayment[];
  readonly unreadable: number;
}

/** Absent fields are left as they are. */
export interface ProviderChanges {
  readonly status?: Status;
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Konsol answered the request, or refused it in its own words; either way only a GET tells the truth. */
export type Applied =
  | { readonly kind: "answered" }
  | { readonly kind: "refused"; readonly httpStatus: number; readonly words?: unknown };

export interface Balance {
  readonly amountMinor: number;
  readonly currency: string;
  /** What else Konsol says of it: names and values as they came, scalars only. */
  readonly more: Readonly<Record<string, string | number | boolean>>;
}

/** Konsol. Nothing rejects: what a call came to is in its answer. */
export interface PaymentGateway {
  /** The one call that moves money; never repeated by anything below this port. */
  createPayment(request: CreateRequest, window: SendWindow): Promise<CreateOutcome>;
  getPayment(konsolId: string): Promise<Found | Unavailable>;
  /** One page of all payments, as Konsol lists them: usually newest first, never to be relied on. */
  listPayments(
    request: { readonly page: number; readonly perPage: number },
  ): Promise<Listed | Unavailable>;
  updatePayment(konsolId: string, changes: ProviderChanges): Promise<Applied | Unavailable>;
  cancelPayment(konsolId: string): Promise<Applied | Unavailable>;
  getBalance(): Promise<{ readonly kind: "found"; readonly balance: Balance } | Unavailable>;
}

/** Reads a webhook's raw body: checks its shape and masks it; says what it finds of a signature. */
export interface WebhookReader {
  read(body: Uint8Array):
    | { readonly kind: "notice"; readonly notice: WebhookNotice }
    | { readonly kind: "unreadable"; readonly code: "webhook_not_json" | "webhook_without_id" };
}
