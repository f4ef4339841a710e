// Konsol's dialect `payments` (the seed's): our payments as its requests, its answers in our words.

import type {
  Balance,
  CreateRequest,
  Listed,
  ProviderChanges,
} from "../../application/provider_ports.ts";
import { amountNumber, currencyExponent, parseAmount } from "../../domain/money.ts";
import type { Status } from "../../domain/payment_status.ts";
import { parsePhoneNumber } from "../../domain/phone_number.ts";
import {
  konsolExternalId,
  konsolMetadata,
  type ProviderPayment,
  type ProviderRecipient,
} from "../../domain/provider_payment.ts";
import type { Recipient } from "../../domain/recipient.ts";
import { redact, redactText } from "../system/redact.ts";
import { cutText } from "./cut_text.ts";
import { codeOf, wordsOf } from "./error_body.ts";
import { readAmount } from "./wire_amount.ts";
import {
  wireBalanceSchema,
  type WirePayment,
  wirePaymentListSchema,
  wirePaymentSchema,
} from "./wire_schemas.ts";

export const PAYMENTS_PATH = "/api/payments";
export const BALANCE_PATH = "/api/balance";

/** Konsol pays in roubles; an amount without a currency is read as such. */
const CURRENCY_DEFAULT = "RUB";
const STATUS_TEXT_LENGTH_MAX = 100;
const URL_LENGTH_MAX = 2_048;
const PHONE_DIGITS_MIN = 10;
const PHONE_LENGTH_MAX = 32;
/** Whole or masked, by whatever is usual. */
const CARD_SHOWN = /^[0-9*xX•.\s-]{0,40}([0-9]{4})\s*$/;
const BALANCE_FIELDS_MAX = 50;
const BALANCE_TEXT_LENGTH_MAX = 200;

/** The seed's statuses; undefined = one that we do not recognise, whatever it looks like. */
const STATUS_MAP: ReadonlyMap<string, Status> = new Map<string, Status>([
  ["pending", "pending"],
  ["processing", "processing"],
  ["completed", "completed"],
  ["failed", "failed"],
  ["cancelled", "cancelled"],
]);

/** The create's body; undefined when it cannot be built so that it says exactly what was asked for. */
export function createBody(
  { payment, cardNumber }: CreateRequest,
  webhookUrl: string | undefined,
): Readonly<Record<string, unknown>> | undefined {
  const { amountMinor, currency, recipient } = payment;
  if (currencyExponent(currency) === undefined) return undefined;
  const amount = amountNumber(amountMinor, currency);
  const understood = parseAmount(amount, currency);
  const to = recipientFields(recipient, cardNumber);
  if (!understood.ok || understood.value !== amountMinor || to === undefined) return undefined;
  return {
    amount,
    currency,
    description: payment.description,
    user_id: payment.userId,
    external_id: konsolExternalId(payment),
    callback_url: webhookUrl,
    metadata: konsolMetadata(payment, payment.metadata),
    ...to,
  };
}

function recipientFields(
  recipient: Recipient,
  cardNumber: string | undefined,
): Readonly<Record<string, string>> | undefined {
  if (recipient.kind === "phone") {
    const { phoneNumber, bankName } = recipient;
    return { payment_method: "phone", phone_number: phoneNumber, bank: bankName };
  }
  return cardNumber === undefined ? undefined : { payment_method: "card", card_number: cardNumber };
}

export function updateBody(changes: ProviderChanges): Readonly<Record<string, unknown>> {
  const { status, description, metadata } = changes;
  return { status, description, metadata };
}

/** Undefined when the answer is not a payment, or not one that can be read whole. */
export function readPayment(json: unknown): ProviderPayment | undefined {
  const { data: wire } = wirePaymentSchema.safeParse(json);
  if (wire === undefined) return undefined;
  const currency = wire.currency || undefined;
  const amountMinor = readPaymentAmount(wire.amount ?? undefined, currency);
  if (amountMinor === "unreadable") return undefined;
  return {
    konsolId: wire.id,
    status: STATUS_MAP.get(wire.status),
    statusText: cutText(redactText(wire.status), STATUS_TEXT_LENGTH_MAX),
    amountMinor,
    currency,
    externalId: wire.external_id || undefined,
    paymentId: wire.metadata?.payment_id,
    recipient: readRecipient(wire),
    paymentUrl: readUrl(wire.payment_url),
    failure: readFailure(wire),
    createdAt: readTime(wire.created_at),
    paidAt: readTime(wire.paid_at),
  };
}

/** Undefined when the answer is not a list; a row that is no payment, or cannot be read, is counted. */
export function readPaymentList(json: unknown): Omit<Listed, "kind"> | undefined {
  const { data: rows } = wirePaymentListSchema.safeParse(json);
  if (rows === undefined) return undefined;
  const payments = rows.map(readPayment).filter((payment) => payment !== undefined);
  return { payments, unreadable: rows.length - payments.length };
}

/** In a currency that is none, the amount is left out: the currency differs from any of ours. */
function readPaymentAmount(
  amount: number | string | undefined,
  currency = CURRENCY_DEFAULT,
): number | "unreadable" | undefined {
  if (amount === undefined || currencyExponent(currency) === undefined) return undefined;
  return readAmount(amount, currency) ?? "unreadable";
}

function readRecipient(wire: WirePayment): ProviderRecipient | undefined {
  const { payment_method: method } = wire;
  const kind = method === "card" || method === "phone" ? method : undefined;
  const last4 = CARD_SHOWN.exec(wire.card_number ?? "")?.[1];
  const phoneNumber = readPhone(wire.phone_number);
  if ((kind ?? last4 ?? phoneNumber) === undefined) return undefined;
  return { kind, last4, phoneNumber };
}

/** A masked phone tells nothing; a whole one that is none of ours is kept, so that it differs. */
function readPhone(text = ""): string | undefined {
  const phone = parsePhoneNumber(text);
  if (phone.ok) return phone.value;
  const isWhole = text.replace(/[^0-9]/g, "").length >= PHONE_DIGITS_MIN;
  return isWhole ? cutText(text, PHONE_LENGTH_MAX) : undefined;
}

function readUrl(url: string | undefined): string | undefined {
  const isLink = url !== undefined && url.length <= URL_LENGTH_MAX && /^https?:\/\//.test(url);
  return isLink && URL.canParse(url) ? url : undefined;
}

function readFailure(wire: WirePayment): ProviderPayment["failure"] {
  const { failure, error, error_message, failure_reason } = wire;
  const message = wordsOf([failure, error, error_message, failure_reason]);
  const code = codeOf(failure, error);
  if (message === "" && code === undefined) return undefined;
  return { code: code ?? "konsol_failed", message };
}

/** A date and time with its zone; without one, nobody knows when it was. */
function readTime(text: string | undefined): number | undefined {
  const isTime = text !== undefined &&
    /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/i.test(text);
  const time = isTime ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** Undefined when there is no amount in it that can be read. */
export function readBalance(json: unknown): Balance | undefined {
  const { data: wire } = wireBalanceSchema.safeParse(json);
  if (wire === undefined) return undefined;
  const name = (wire.balance ?? undefined) === undefined ? "amount" : "balance";
  const currency = wire.currency || CURRENCY_DEFAULT;
  const amountMinor = readAmount(wire[name] ?? "", currency);
  if (amountMinor === undefined) return undefined;
  const { [name]: _amount, currency: _currency, ...rest } = wire;
  const more = Object.entries(rest).flatMap(([field, value]) => scalarField(field, value));
  return { amountMinor, currency, more: Object.fromEntries(more.slice(0, BALANCE_FIELDS_MAX)) };
}

type ScalarField = [field: string, value: string | number | boolean];

/** Masked by its own name, so that an account that is paid from does not show a secret. */
function scalarField(field: string, value: unknown): ScalarField[] {
  const safe = (redact({ [field]: value }) as Record<string, unknown>)[field];
  if (typeof safe === "number" || typeof safe === "boolean") return [[field, safe]];
  return typeof safe === "string" ? [[field, cutText(safe, BALANCE_TEXT_LENGTH_MAX)]] : [];
}
