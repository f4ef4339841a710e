// Every error that the API answers, as RFC 9457 problem details: one exhaustive table of codes.

import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { StoreUnavailable } from "../../application/store_unavailable.ts";
import type { Log } from "../../application/ports.ts";
import { type FieldProblem, Refusal, type RefusalCode } from "../../domain/refusal.ts";
import { redact } from "../system/redact.ts";
import { timeView } from "./payment_view.ts";
import { type HttpEnv, requestIdOf, routeOf } from "./request_frame.ts";

/** What is wrong with a request as HTTP, before any use case hears of it. */
export type RequestProblemCode =
  | "unauthenticated"
  | "path_not_found"
  | "method_not_allowed"
  | "content_type_not_json"
  | "body_too_large"
  | "body_incomplete"
  | "body_not_json"
  | "fields_invalid";

type ProblemCode = RequestProblemCode | RefusalCode | "unexpected_error";

interface ProblemKind {
  readonly status: ContentfulStatusCode;
  readonly title: string;
  /** The same request may succeed later. */
  readonly retryable?: true;
  readonly retryAfterMs?: number;
}

const PROBLEMS = {
  unauthenticated: { status: 401, title: "No valid token" },
  path_not_found: { status: 404, title: "No such path" },
  method_not_allowed: { status: 405, title: "The path has no such method" },
  content_type_not_json: { status: 415, title: "The body is not declared as JSON" },
  body_too_large: { status: 413, title: "The body is too large" },
  body_incomplete: { status: 400, title: "The body broke off", retryable: true },
  body_not_json: { status: 400, title: "The body is not JSON" },
  fields_invalid: { status: 422, title: "Wrong fields" },
  payment_not_found: { status: 404, title: "No such payment" },
  invoice_not_found: { status: 404, title: "No such invoice" },
  webhook_not_found: { status: 404, title: "No such webhook" },
  callback_not_found: { status: 404, title: "No such callback" },
  event_not_found: { status: 404, title: "No such event" },
  idempotency_key_reused: { status: 409, title: "The Idempotency-Key is another request's" },
  external_id_reused: { status: 409, title: "The external_id is another request's" },
  handles_name_two_payments: { status: 409, title: "The handles name two payments" },
  too_many_repeats_differ: { status: 429, title: "Too many repeats differ", retryable: true },
  claim_accepted_differently: { status: 409, title: "The claim was accepted with other values" },
  claim_retry_not_allowed: { status: 409, title: "The claim cannot be retried" },
  payment_not_cancellable: { status: 409, title: "The payment cannot be cancelled now" },
  status_change_not_allowed: { status: 409, title: "The status cannot be set now" },
  provider_did_not_apply: { status: 409, title: "Konsol did not apply the change" },
  payment_not_in_review: { status: 409, title: "The payment is not in review" },
  nothing_to_acknowledge: { status: 409, title: "There is nothing to acknowledge" },
  review_outdated: { status: 409, title: "What was judged is outdated" },
  review_too_early: { status: 409, title: "Too early to say that it is not paid", retryable: true },
  review_resubmit_not_possible: { status: 409, title: "The payment cannot be sent again" },
  card_number_gone: { status: 409, title: "The card number is gone" },
  card_number_in_text: { status: 422, title: "The card number stands in a text" },
  restore_not_checked: {
    status: 409,
    title: "Konsol's list was not read whole since the restore",
    retryable: true,
  },
  restore_lacks_payments: { status: 409, title: "The restored store lacks payments" },
  konsol_payment_not_found: { status: 409, title: "Konsol knows no such payment" },
  konsol_payment_does_not_fit: { status: 409, title: "Konsol's payment is not this one" },
  webhook_not_json: { status: 400, title: "The webhook is not JSON" },
  webhook_without_id: { status: 422, title: "The webhook names no payment" },
  webhook_inbox_full: { status: 503, title: "Too many webhooks wait", retryable: true },
  konsol_id_reused: { status: 409, title: "The konsol_id is another record's" },
  invoice_status_not_forward: { status: 409, title: "The status only goes forward" },
  changed_meanwhile: { status: 409, title: "Changed meanwhile", retryable: true },
  provider_timeout: { status: 504, title: "Konsol did not answer in time", retryable: true },
  provider_circuit_open: { status: 503, title: "Calls to Konsol are held back", retryable: true },
  provider_failed: { status: 502, title: "Konsol failed", retryable: true },
  store_unavailable: {
    status: 503,
    title: "The store is not available",
    retryable: true,
    retryAfterMs: 1_000,
  },
  unexpected_error: { status: 500, title: "Unexpected error" },
} as const satisfies Record<ProblemCode, ProblemKind>;

interface ProblemDetails {
  readonly fields?: readonly FieldProblem[];
  readonly provider?: unknown;
  readonly retryAfterMs?: number;
  readonly allowedFrom?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown for a request that no use case gets to see; the message is shown to the client. */
export class RequestProblem extends Error {
  override readonly name = "RequestProblem";

  constructor(
    readonly code: RequestProblemCode,
    message: string,
    readonly details: Pick<ProblemDetails, "fields" | "headers"> = {},
  ) {
    super(message);
  }
}

/** Turns whatever was thrown into its answer; what is nobody's refusal is a bug, logged here and only here. */
export function answerError(error: Error, c: Context<HttpEnv>, log: Log): Response {
  if (error instanceof RequestProblem || error instanceof Refusal) {
    return answerProblem(c, error.code, error.message, error.details);
  }
  if (error instanceof StoreUnavailable) {
    // It may have gone between two steps: nothing here knows how far the request came.
    const message = "Cannot serve the request as the store is not available: send it again, " +
      "the same, to learn what became of it";
    return answerProblem(c, "store_unavailable", message);
  }
  log.error("unexpected_error", {
    method: c.req.method,
    route: routeOf(c),
    request_id: requestIdOf(c),
    error: redact(error),
  });
  const message = "Cannot serve the request as something unexpected happened: ask the operator, " +
    "with the request_id";
  return answerProblem(c, "unexpected_error", message);
}

/** The `type` is a reference relative to this API: `/problems/{code}`. */
export function answerProblem(
  c: Context<HttpEnv>,
  code: ProblemCode,
  detail: string,
  details: ProblemDetails = {},
): Response {
  const kind: ProblemKind = PROBLEMS[code];
  const body = {
    type: `/problems/${code}`,
    title: kind.title,
    status: kind.status,
    detail,
    code,
    allowed_from: timeView(details.allowedFrom),
    retryable: kind.retryable ?? false,
    request_id: requestIdOf(c),
    errors: details.fields,
    provider: redact(details.provider),
  };
  return c.body(JSON.stringify(body), kind.status, {
    "Content-Type": "application/problem+json",
    ...retryAfter(details.retryAfterMs ?? kind.retryAfterMs, details.allowedFrom),
    ...details.headers,
  });
}

/** RFC 9110, 10.2.3: whole seconds; or a date, which needs no clock to say when, and never says too early. */
function retryAfter(waitMs: number | undefined, from: number | undefined): Record<string, string> {
  if (waitMs !== undefined) {
    return { "Retry-After": String(Math.max(1, Math.ceil(waitMs / 1_000))) };
  }
  if (from === undefined) return {};
  return { "Retry-After": new Date(Math.ceil(from / 1_000) * 1_000).toUTCString() };
}
