// The closed table of what the one create call came to; all that is not on it is unknown.

import type { CreateOutcome, ProviderPayment } from "../../domain/provider_payment.ts";
import { isRecord, readErrorBody } from "./error_body.ts";
import { readKonsolId } from "./konsol_id.ts";
import type { Answer } from "./read_answer.ts";
import type { RawResult } from "./transport.ts";

/** What a status means in Konsol's own error body, and there alone. */
const ERROR_MEANS: Readonly<Record<number, "not_executed" | "refused">> = {
  401: "not_executed",
  403: "not_executed",
  429: "not_executed",
  400: "refused",
  402: "refused",
  413: "refused",
  415: "refused",
  422: "refused",
};

/** Words of an error that may mean that an earlier request did take effect; too many do no harm. */
const EXISTS_ALREADY: readonly RegExp[] = [
  /(?<!\p{L})уже(?!\p{L})/iu,
  /дубл|уникал|использован/iu,
  /(?<!\p{L})занят/iu,
  /(?<!не\s+)(?<!\p{L})существует/iu,
  /already|duplicat|exists|taken|unique|conflict|\b(?:used|in use)\b/i,
  /external[_ ]?id/i,
];
/** The same in a refusal; who asks us to wait means "later". */
const REPEATED = /повтор/iu;

const RETRY_AFTER_MAX_MS = 60 * 60_000;

export type ReadPayment = (json: unknown) => ProviderPayment | undefined;

/** `now` is what a Retry-After date is counted from. */
export function createOutcome(
  raw: RawResult,
  readPayment: ReadPayment,
  now: number,
): CreateOutcome {
  switch (raw.kind) {
    case "not_begun":
      return { kind: "not_executed", because: "not_begun", reason: raw.reason };
    case "connect_failed":
      return { kind: "not_executed", because: "not_connected", reason: raw.reason };
    case "broken": {
      const { reason, status } = raw;
      if (status === undefined) return { kind: "unknown", reason };
      return { kind: "unknown", reason: `${reason}_after_http_${status}`, httpStatus: status };
    }
    case "answer":
      return raw.status >= 200 && raw.status < 300
        ? successOutcome(raw, readPayment)
        : errorOutcome(raw, now);
  }
}

function successOutcome({ status, json }: Answer, readPayment: ReadPayment): CreateOutcome {
  const payment = readPayment(json);
  if (payment !== undefined) return { kind: "accepted", payment };
  const reason = `http_${status}_not_a_payment`;
  return { kind: "unknown", reason, httpStatus: status, konsolId: readableId(json) };
}

function errorOutcome(answer: Answer, now: number): CreateOutcome {
  const { status, json } = answer;
  const error = readErrorBody(json);
  // An error that names a payment: something is there, and it may still be paid.
  const proves = error !== undefined && namedIds(json).length === 0;
  const meaning = proves && !saysThatItExists(answer.body) ? ERROR_MEANS[status] : undefined;
  if (meaning === "not_executed") {
    const retryAfterMs = readRetryAfter(answer.retryAfter, now);
    const said = { because: "konsol_answered", reason: `konsol_${status}` } as const;
    return { kind: "not_executed", ...said, httpStatus: status, retryAfterMs };
  }
  if (meaning === "refused" && error !== undefined && !REPEATED.test(plainText(answer.body))) {
    return { kind: "refused", code: error.code ?? `konsol_${status}`, message: error.message };
  }
  const konsolId = readableId(json);
  return { kind: "unknown", reason: `http_${status}`, httpStatus: status, konsolId };
}

/** Looked for wherever one was seen or is usual, so that a payment is not overlooked. */
function namedIds(json: unknown): readonly unknown[] {
  if (!isRecord(json)) return [];
  const places = [json, json.payment, json.data].filter(isRecord);
  const ids = places.flatMap(({ id, payment_id }) => [id, payment_id]);
  return ids.filter((id) => id !== undefined && id !== null);
}

function readableId(json: unknown): string | undefined {
  return namedIds(json).map(readKonsolId).find((id) => id !== undefined);
}

/** Over the whole body: the hint may be a code, a field's name or a sentence. */
function saysThatItExists(body: string): boolean {
  const text = plainText(body);
  return EXISTS_ALREADY.some((pattern) => pattern.test(text));
}

function plainText(body: string): string {
  return body.replace(
    /\\u([0-9a-f]{4})/gi,
    (_, hex: string) => String.fromCharCode(parseInt(hex, 16)),
  );
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3), at most an hour. */
function readRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), RETRY_AFTER_MAX_MS);
}
