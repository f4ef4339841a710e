// Masks card numbers, phones and secrets in anything that is logged, stored as evidence or shown.

import { maskedCardNumber, parseCardNumber } from "../../domain/card_number.ts";
import { maskedPhoneNumber, parsePhoneNumber } from "../../domain/phone_number.ts";
import type { SignatureVerdict } from "../../domain/webhook.ts";
import { NUMBERS_IN_TEXT, plainName, SECRETS_IN_TEXT, sensitiveKind } from "./sensitive.ts";

const MASK = "***";
const CUT = "…";
const DEPTH_MAX = 8;
const ITEMS_MAX = 100;
const VALUES_MAX = 2_000;
const TEXT_LENGTH_MAX = 4_096;

/** What a signature was found to be is told under the same name as the signature itself. */
const VERDICTS: ReadonlySet<unknown> = new Set<SignatureVerdict>(
  ["absent", "unchecked", "valid", "invalid"],
);

const CARD_MASKED = /^[0-9]{6}\*+[0-9]{4}$/;
const PHONE_MASKED = /^\+7[0-9]{3}\*{5}[0-9]{2}$/;

/** Most names and many values: nothing in them can be masked, so they need no search. */
const WORD = /^(?!whsec_)[a-z_]{0,40}$/i;

/** Milliseconds since the epoch, up to 2033; no issuer has cards of 13 digits that begin with 1. */
const EPOCH_MS = /^1[0-9]{12}$/;

/**
 * A copy that is safe to show: plain JSON-like data, masked by field name and by what its text looks
 * like, bounded in depth, items, values and text length. Never throws. An error becomes its name,
 * message, stack and cause; a bigint becomes text.
 */
export function redact(value: unknown): unknown {
  return redactValue(value, { valuesLeft: VALUES_MAX }, 0, "");
}

/**
 * Text with its card numbers, Russian phones and secrets masked. Any 13 or more digits count as a
 * card, whatever stands around them: first 6 and last 4 stay if it is one, nothing if it is not.
 */
export function redactText(text: string): string {
  if (WORD.test(text)) return text;
  let safe = boundedText(text);
  for (const [pattern, replacement] of SECRETS_IN_TEXT) safe = safe.replace(pattern, replacement);
  return safe.replace(NUMBERS_IN_TEXT, (found: string, ...rest: unknown[]) => {
    const { uuid, card } = rest.at(-1) as Record<string, string | undefined>;
    if (uuid !== undefined) return uuid;
    return card === undefined ? maskedPhone(found) : maskedCard(found);
  });
}

/** What is left to look at, over the whole of one value. */
interface Budget {
  valuesLeft: number;
}

function redactValue(value: unknown, budget: Budget, depth: number, name: string): unknown {
  if (budget.valuesLeft-- <= 0) return CUT;
  if (value === undefined || value === null || typeof value === "boolean") return value;
  if (sensitiveKind(name) === "secret") return maskedSecret(value);
  if (typeof value === "function" || typeof value === "symbol") return `[${typeof value}]`;
  if (typeof value !== "object") return redactScalar(value as string | number | bigint, name);
  if (depth >= DEPTH_MAX) return CUT;
  try {
    return redactObject(value, budget, depth + 1, name);
  } catch {
    return "[unreadable]";
  }
}

function redactScalar(value: string | number | bigint, name: string): unknown {
  const kind = sensitiveKind(name);
  if (kind === "card") return maskedCard(String(value));
  if (kind === "phone") return maskedPhone(String(value));
  const isUserId = name === "userid" && /^[0-9]{1,16}$/.test(String(value));
  if (isUserId && typeof value === "number") return value;
  return typeof value === "string" ? redactText(value) : redactNumber(value);
}

function redactObject(value: object, budget: Budget, depth: number, name: string): unknown {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return `[${value.byteLength} bytes]`;
  }
  if (value instanceof Error) return redactEntries(errorEntries(value), budget, depth);
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return redactValue(value.toJSON(), budget, depth, name);
  }
  if (value instanceof Map || value instanceof Headers || value instanceof URLSearchParams) {
    return redactEntries([...value.entries()], budget, depth);
  }
  if (!Array.isArray(value) && !(value instanceof Set)) {
    return redactEntries(Object.entries(value), budget, depth);
  }
  const items = [...value];
  const shown = items.slice(0, ITEMS_MAX).map((item) => redactValue(item, budget, depth, name));
  return items.length > ITEMS_MAX ? [...shown, CUT] : shown;
}

function redactEntries(
  entries: readonly (readonly [unknown, unknown])[],
  budget: Budget,
  depth: number,
): Record<string, unknown> {
  const shown = entries.slice(0, ITEMS_MAX).map(([key, value]): [string, unknown] => [
    redactText(String(key)),
    redactValue(value, budget, depth, plainName(String(key))),
  ]);
  return Object.fromEntries(entries.length > ITEMS_MAX ? [...shown, [CUT, CUT]] : shown);
}

function errorEntries(error: Error): [string, unknown][] {
  const { name, message, stack, cause } = error;
  const errors = error instanceof AggregateError ? error.errors : undefined;
  const all = { ...error, name, message, stack, cause, errors };
  return Object.entries(all).filter(([, value]) => value !== undefined);
}

function maskedSecret(value: unknown): unknown {
  return value === "" || VERDICTS.has(value) ? value : MASK;
}

function maskedCard(text: string): string {
  if (text === "" || CARD_MASKED.test(text)) return text;
  const card = parseCardNumber(digitsOf(text));
  return card.ok ? maskedCardNumber(card.value) : MASK;
}

function maskedPhone(text: string): string {
  if (text === "" || PHONE_MASKED.test(text)) return text;
  const phone = parsePhoneNumber(digitsOf(text));
  return phone.ok ? maskedPhoneNumber(phone.value) : MASK;
}

function digitsOf(text: string): string {
  return text.replace(/%20|%2b|[^0-9]/gi, "");
}

/** A number stays unless it can be a card; past the safe integers its check digit is lost, so it goes. */
function redactNumber(value: number | bigint): unknown {
  const digits = String(value).replace("-", "");
  const shown = typeof value === "bigint" ? String(value) : value;
  if (!/^[0-9]{13,}$/.test(digits) || EPOCH_MS.test(digits)) return shown;
  const isExact = typeof value === "bigint" || Number.isSafeInteger(value);
  const card = parseCardNumber(digits);
  if (isExact && !card.ok && card.code === "card_number_checksum") return shown;
  return maskedCard(digits);
}

/** Cut after a letter, so that no number is cut in two: half a card does not look like one. */
function boundedText(text: string): string {
  if (text.length <= TEXT_LENGTH_MAX) return text;
  let end = TEXT_LENGTH_MAX;
  while (end > 0 && /\P{L}/u.test(text.charAt(end - 1))) end--;
  return text.slice(0, end) + CUT;
}
