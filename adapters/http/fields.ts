// What single wire fields must be: one lean zod schema each, their codes taken over from the domain.

import { Buffer } from "node:buffer";
import { z } from "zod";
import { currencyExponent } from "../../domain/money.ts";
import { type Parsed, parsed, unparsed } from "../../domain/parsed.ts";
import type { Metadata } from "../../domain/payment.ts";
import { STATUSES } from "../../domain/payment_status.ts";
import { redactText } from "../system/redact.ts";

const DESCRIPTION_LENGTH_MAX = 512;
const NAME_LENGTH_MAX = 128;
const PERSON_NAME_LENGTH_MAX = 100;
const URL_LENGTH_MAX = 2048;
const METADATA_KEYS_MAX = 50;
const METADATA_BYTES_MAX = 8 * 1024;
const METADATA_DEPTH_MAX = 5;

/** In one line, to be seen and typed: nothing invisible in it, no spaces at its ends. */
const NAME = /^(?! )[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+(?<! )$/u;
/** Our ids and Konsol's. */
export const ID = /^[!-~]{1,128}$/;

/** A domain parser as the last step of a schema. */
export function via<Input, Output>(parse: (input: Input) => Parsed<Output>) {
  return (input: Input, context: z.RefinementCtx<Input>): Output => {
    const answer = parse(input);
    if (answer.ok) return answer.value;
    const { code, message } = answer;
    context.issues.push({ code: "custom", input, message, params: { code } });
    return z.NEVER;
  };
}

export const status = z.enum(STATUSES);
export const userId = z.int().positive();
export const id = z.string().transform(via(parseId));
export const externalId = z.string().transform(via(parseName));
export const description = z.string().max(DESCRIPTION_LENGTH_MAX).transform(via(parseText));
export const currency = z.string().transform(via(parseCurrency));
export const webAddress = z.string().transform(via(parseWebAddress));
export const metadata = z.unknown().transform(via(parseMetadata));

export const personName = z.string().transform(via(parsePersonName)).transform(redactText);

/** Why a person did something, kept for ever and shown: numbers of cards and phones in it are masked. */
export function words(lengthMax: number) {
  return z.string().max(lengthMax).transform(via(parseText)).transform(via(parseNotBlank))
    .transform(redactText);
}

/** Kept as it was given. */
export const dayOrTime = z.string().transform(via((text: string) => {
  const answer = parseDayOrTime(text);
  return answer.ok ? parsed(text) : answer;
}));

const TIME = z.iso.datetime({ offset: true });
const DAY = z.iso.date();

/** Milliseconds since the epoch; a day is its first moment in UTC. Code: `time_invalid`. */
export function parseDayOrTime(text: string): Parsed<number> {
  if (TIME.safeParse(text).success || DAY.safeParse(text).success) return parsed(Date.parse(text));
  return unparsed(
    "time_invalid",
    "Send a day (2026-01-31) or an RFC 3339 time (2026-01-31T12:00:00Z; in a URL, + is %2B).",
  );
}

function parseId(text: string): Parsed<string> {
  if (ID.test(text)) return parsed(text);
  return unparsed("id_invalid", "Send an id of 1 to 128 printable ASCII characters.");
}

function parseName(text: string): Parsed<string> {
  if (text.length <= NAME_LENGTH_MAX && NAME.test(text)) return parsed(text);
  return unparsed(
    "external_id_invalid",
    `Send 1 to ${NAME_LENGTH_MAX} printable characters, without spaces at the ends.`,
  );
}

function parsePersonName(text: string): Parsed<string> {
  if (text.length <= PERSON_NAME_LENGTH_MAX && NAME.test(text)) return parsed(text);
  return unparsed(
    "name_invalid",
    `Send 1 to ${PERSON_NAME_LENGTH_MAX} printable characters, without spaces at the ends.`,
  );
}

function parseNotBlank(text: string): Parsed<string> {
  if (text.trim() !== "") return parsed(text);
  return unparsed("text_empty", "Send at least one word.");
}

/** Text in lines: stores and Konsol could not give anything else back as it came. */
function parseText(text: string): Parsed<string> {
  if (isPlainText(text)) return parsed(text);
  return unparsed("text_invalid", "Send Unicode text without control characters.");
}

function isPlainText(text: string): boolean {
  return text.isWellFormed() && !/[^\P{Cc}\n\r\t]/u.test(text);
}

function parseCurrency(code: string): Parsed<string> {
  if (currencyExponent(code) !== undefined) return parsed(code);
  return unparsed(
    "currency_unknown",
    "Send the currency as an active upper-case ISO 4217 code, such as RUB.",
  );
}

function parseWebAddress(text: string): Parsed<string> {
  const isWebAddress = text.length <= URL_LENGTH_MAX && /^https?:\/\/[!-~]+$/i.test(text);
  if (isWebAddress && URL.canParse(text)) return parsed(text);
  return unparsed("url_invalid", `Send an http(s) URL of at most ${URL_LENGTH_MAX} characters.`);
}

function parseMetadata(value: unknown): Parsed<Metadata> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return unparsed("invalid_type", "Send a JSON object.");
  }
  if (Object.keys(value).length > METADATA_KEYS_MAX) {
    return unparsed("metadata_too_many_keys", `Send at most ${METADATA_KEYS_MAX} keys.`);
  }
  if (isDeeper(value, METADATA_DEPTH_MAX)) {
    return unparsed("metadata_too_deep", `Send at most ${METADATA_DEPTH_MAX} levels.`);
  }
  if (Buffer.byteLength(JSON.stringify(value)) > METADATA_BYTES_MAX) {
    return unparsed("metadata_too_large", `Send at most ${METADATA_BYTES_MAX} bytes of JSON.`);
  }
  if (!isKeepable(value)) {
    return unparsed(
      "metadata_invalid",
      "Send Unicode text without control characters, numbers that are finite and, if whole, at most " +
        `${Number.MAX_SAFE_INTEGER} (longer ones as text), and no key named __proto__.`,
    );
  }
  return parsed(value as Metadata);
}

/** Looks no deeper than it must: the nesting itself may be meant to exhaust the stack. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((nested) => isDeeper(nested, levels - 1));
}

/** What comes back from every store and from Konsol as it was sent. */
function isKeepable(value: unknown): boolean {
  if (typeof value === "string") return isPlainText(value);
  // A whole number that is too big was rounded when it was read, to one that others become as well.
  if (typeof value === "number") {
    return Number.isFinite(value) && (Number.isSafeInteger(value) || !Number.isInteger(value));
  }
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, nested]) =>
    key !== "__proto__" && isPlainText(key) && isKeepable(nested)
  );
}
