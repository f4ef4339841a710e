// Reads the query of a list: its filters and which page of it is wanted.

import { z } from "zod";
import type {
  PageRequest,
  PaymentFilter,
  RecordFilter,
  WebhookFilter,
} from "../../application/ports.ts";
import { type Parsed, parsed, unparsed } from "../../domain/parsed.ts";
import { PAYMENT_TYPES, type PaymentType } from "../../domain/recipient.ts";
import type { WebhookState } from "../../domain/webhook.ts";
import {
  type CheckedFields,
  checkFields,
  type FieldTable,
  noUnknownFields,
  type RawFields,
} from "./check_fields.ts";
import {
  type Checked,
  FINE,
  isGiven,
  problemsOf,
  right,
  together,
  valueOrThrow,
  wrong,
} from "./checked.ts";
import { parseCursor } from "./cursor.ts";
import { currency, externalId, id, parseDayOrTime, status, via } from "./fields.ts";

const PAGE_MAX = 100_000;
const PER_PAGE_MAX = 100;
const PER_PAGE_DEFAULT = 10;

export interface ListQuery<Filter> {
  readonly filter: Filter;
  readonly page: PageRequest;
}

/** As `per_page` says it in every list. */
export const perPage = z.string().transform(via(wholeNumberTo(PER_PAGE_MAX)))
  .default(PER_PAGE_DEFAULT);

export const PAGING = {
  page: z.string().transform(via(wholeNumberTo(PAGE_MAX))).optional(),
  per_page: perPage,
  cursor: z.string().transform(via(parseCursor)).optional(),
};

export const time = z.string().transform(via(parseDayOrTime)).optional();

const INVOICES = {
  ...PAGING,
  status: status.optional(),
  currency: currency.optional(),
  user_id: z.string().transform(via(wholeNumberTo(Number.MAX_SAFE_INTEGER))).optional(),
  external_id: externalId.optional(),
  created_from: time,
  created_to: time,
};

const METHODS = { card: "card_payment", phone: "phone_payment" } as const;

const PAYMENTS = {
  ...INVOICES,
  payment_type: z.enum(PAYMENT_TYPES).optional(),
  payment_method: z.enum(["card", "phone"]).transform((method) => METHODS[method]).optional(),
};

const STATES = ["received", "processed", "orphan", "failed"] as const satisfies WebhookState[];

const WEBHOOKS = {
  ...PAGING,
  status: z.enum(STATES).optional(),
  konsol_id: id.optional(),
  event: id.optional(),
};

export function readPaymentList(url: string): ListQuery<PaymentFilter> {
  const { raw, rules } = checkQuery(PAYMENTS, url);
  const fields = checkFields(PAYMENTS, raw);
  const paymentType = sameType(fields.payment_type, fields.payment_method);
  const filter: Checked<PaymentFilter> = together({ ...recordFilter(fields), paymentType });
  return valueOrThrow(together({ filter, page: pageRequest(fields) }, ...rules));
}

export function readInvoiceList(url: string): ListQuery<RecordFilter> {
  const { raw, rules } = checkQuery(INVOICES, url);
  const fields = checkFields(INVOICES, raw);
  const filter: Checked<RecordFilter> = together(recordFilter(fields));
  return valueOrThrow(together({ filter, page: pageRequest(fields) }, ...rules));
}

export function readWebhookList(url: string): ListQuery<WebhookFilter> {
  const { raw, rules } = checkQuery(WEBHOOKS, url);
  const fields = checkFields(WEBHOOKS, raw);
  const filter: Checked<WebhookFilter> = together({
    state: fields.status,
    konsolId: fields.konsol_id,
    event: fields.event,
  });
  return valueOrThrow(together({ filter, page: pageRequest(fields) }, ...rules));
}

/** What wants a person is few: it has no filters. */
export function readReviewList(url: string): PageRequest {
  const { raw, rules } = checkQuery(PAGING, url);
  const page = pageRequest(checkFields(PAGING, raw));
  return valueOrThrow(together({ page }, ...rules)).page;
}

const REFRESH = { refresh: z.enum(["true", "false"]).optional() };

export function readRefresh(url: string): { readonly refresh: boolean } {
  const { raw, rules } = checkQuery(REFRESH, url);
  const { refresh } = valueOrThrow(together(checkFields(REFRESH, raw), ...rules));
  return { refresh: refresh === "true" };
}

/** `created_from` is inclusive, `created_to` exclusive; a day stands for its first moment in UTC. */
function recordFilter(fields: CheckedFields<typeof INVOICES>) {
  return {
    status: fields.status,
    currency: fields.currency,
    userId: fields.user_id,
    externalId: fields.external_id,
    createdFrom: fields.created_from,
    createdTo: fields.created_to,
  };
}

export function pageRequest(fields: CheckedFields<typeof PAGING>): Checked<PageRequest> {
  const { page, per_page: perPage, cursor } = fields;
  const either = isGiven(page) && isGiven(cursor)
    ? wrong("cursor", "conflicting", "Send page or cursor, not both.")
    : FINE;
  return together(
    { perPage, page: page.ok ? right(page.value ?? 1) : page, after: cursor },
    either,
  );
}

function sameType(
  type: Checked<PaymentType | undefined>,
  method: Checked<PaymentType | undefined>,
): Checked<PaymentType | undefined> {
  if (!type.ok || !method.ok) return problemsOf(type, method);
  if (type.value && method.value && type.value !== method.value) {
    return wrong("payment_method", "conflicting", "Send payment_type or payment_method, not both.");
  }
  return type.value === undefined ? method : type;
}

/** Each name may be there once: with two values nobody knows which one was meant. */
export function checkQuery(
  table: FieldTable,
  url: string,
): { raw: RawFields; rules: Checked<unknown>[] } {
  const query = new URL(url).searchParams;
  const raw = Object.fromEntries(query);
  const twice = Object.keys(table).filter((name) => query.getAll(name).length > 1);
  const rules = twice.map((name) => wrong(name, "duplicate", "Send this once."));
  return { raw, rules: [...rules, noUnknownFields(table, raw)] };
}

function wholeNumberTo(max: number): (text: string) => Parsed<number> {
  return (text) => {
    const number = /^[1-9][0-9]{0,15}$/.test(text) ? Number(text) : 0;
    if (number >= 1 && number <= max) return parsed(number);
    return unparsed("number_invalid", `Send a whole number from 1 to ${max}.`);
  };
}
