// Reads what is asked of callbacks and events: lists, and which dead callbacks to bring again.

import { z } from "zod";
import type { CallbackFilter } from "../../application/ports.ts";
import { CALLBACK_STATES } from "../../domain/callback.ts";
import { checkFields, noUnknownFields, type RawFields } from "./check_fields.ts";
import { type Checked, together, valueOrThrow } from "./checked.ts";
import { id } from "./fields.ts";
import { checkQuery, type ListQuery, pageRequest, PAGING, perPage, time } from "./list_query.ts";

const CALLBACKS = {
  ...PAGING,
  status: z.enum(CALLBACK_STATES).optional(),
  payment_id: id.optional(),
  created_from: time,
  created_to: time,
};

const EVENTS = { after: id.optional(), per_page: perPage };

/** The status is said, so that nobody sends everything again by an empty body. */
const RETRY = { status: z.enum(["dead"]), created_from: time, created_to: time };

export function readCallbackList(url: string): ListQuery<CallbackFilter> {
  const { raw, rules } = checkQuery(CALLBACKS, url);
  const fields = checkFields(CALLBACKS, raw);
  const filter: Checked<CallbackFilter> = together({
    state: fields.status,
    paymentId: fields.payment_id,
    createdFrom: fields.created_from,
    createdTo: fields.created_to,
  });
  return valueOrThrow(together({ filter, page: pageRequest(fields) }, ...rules));
}

export function readEventList(
  url: string,
): { readonly after?: string; readonly perPage: number } {
  const { raw, rules } = checkQuery(EVENTS, url);
  const { after, per_page } = checkFields(EVENTS, raw);
  return valueOrThrow(together({ after, perPage: per_page }, ...rules));
}

export function readRetry(body: RawFields): Pick<CallbackFilter, "createdFrom" | "createdTo"> {
  const { status, created_from, created_to } = checkFields(RETRY, body);
  const { status: _, ...range } = valueOrThrow(together(
    { status, createdFrom: created_from, createdTo: created_to },
    noUnknownFields(RETRY, body),
  ));
  return range;
}
