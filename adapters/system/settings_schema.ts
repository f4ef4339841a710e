// Every environment variable that the service reads: how it is written, what it means, its default.

import { Buffer } from "node:buffer";
import { z } from "zod";
import { type AddressRange, parseAddressRange } from "../../domain/ip_address.ts";
import { parseAmount } from "../../domain/money.ts";
import { Secret } from "./secret.ts";

const TOKEN_LENGTH_MIN = 32;
const WEBHOOK_SECRET_LENGTH_MIN = 16;
const CARD_KEY_BYTES = 32;
/** What Standard Webhooks asks of a key. */
const CALLBACK_KEY_BYTES_MIN = 24;
const CALLBACK_KEY_BYTES_MAX = 64;
const PORT_MAX = 65_535;
const PORT_RULE = `must be whole numbers from 1 to ${PORT_MAX}, separated by commas`;
const RESUBMIT_DAILY_MAX = 1_000;
/** 23 days: a timer can wait that long. */
const SECONDS_MAX = 2_000_000;
/** Of one call, and of whoever waits for it: 30000 is milliseconds by mistake, and would stall sending for hours. */
const CALL_SECONDS_MAX = 300;

const URL_RULE = "must be an https URL, or http to loopback, without login, query and fragment";
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

export type Database =
  | { readonly kind: "sqlite"; readonly path: string }
  /** The URL holds a password, as a rule. */
  | { readonly kind: "mongo"; readonly url: Secret }
  | { readonly kind: "memory" };

export const SETTINGS = {
  KONSOL_API_TOKEN: setting(readToken, "must be visible ASCII characters without spaces"),
  KONSOL_BASE_URL: setting(readUrl, URL_RULE),
  KONSOL_TIMEOUT: seconds(CALL_SECONDS_MAX).default(30_000),
  KONSOL_WEBHOOK_SECRET: setting(
    (text) => text.length >= WEBHOOK_SECRET_LENGTH_MIN ? new Secret(text) : undefined,
    `must have at least ${WEBHOOK_SECRET_LENGTH_MIN} characters`,
  ).optional(),
  API_TOKEN: setting(
    (text) => listOf(text, readLongToken),
    `must be tokens of at least ${TOKEN_LENGTH_MIN} visible ASCII characters, separated by commas`,
  ),
  CARD_KEY: setting(readCardKey, `must be ${CARD_KEY_BYTES} bytes in base64`),
  CALLBACK_SECRETS: setting(
    (text) => listOf(text, readCallbackKey),
    `must be whsec_ and ${CALLBACK_KEY_BYTES_MIN} to ${CALLBACK_KEY_BYTES_MAX} bytes in base64, ` +
      "separated by commas",
    'is required; make one: echo "whsec_$(openssl rand -base64 32)"',
  ),
  CALLBACK_PORTS: setting((text) => listOf(text, readPort), PORT_RULE).default([443]),
  CALLBACK_ALLOW: setting(
    (text) => listOf<AddressRange>(text, parseAddressRange),
    "must be address ranges like 10.0.0.0/8 or fd00::/8, separated by commas",
  ).default([]),
  HOST: setting((text) => /\s/.test(text) ? undefined : text, "must be one host name or address")
    .default("0.0.0.0"),
  PORT: wholeNumberTo(PORT_MAX).default(8000),
  PUBLIC_URL: setting(readUrl, URL_RULE).optional(),
  DATABASE_URL: setting(
    readDatabase,
    "must be sqlite:PATH, mongodb://… or mongodb+srv://…, or memory: in tests",
  )
    .default({ kind: "sqlite", path: "data/konsol.db" }),
  SUBMIT_WAIT: seconds(CALL_SECONDS_MAX).default(10_000),
  SHUTDOWN_GRACE: seconds().optional(),
  AMOUNT_LIMIT: setting(
    (text) => parseAmount(text, "RUB").ok ? text : undefined,
    "must be a decimal number more than 0, with at most 2 decimals",
  ).default("1000000"),
  QUEUE_MAX_AGE: seconds().default(86_400_000),
  RESUBMIT: oneOf(["never", "after_horizon"]).default("never"),
  RESUBMIT_HORIZON: seconds().default(86_400_000),
  RESUBMIT_DAILY_MAX: wholeNumberTo(RESUBMIT_DAILY_MAX).default(10),
  LOG_LEVEL: oneOf(["debug", "info", "warn", "error"]).default("info"),
  LOG_FORMAT: oneOf(["json", "text"]).optional(),
  KONSOL_SANDBOX: setting((text) => text === "1" || undefined, "must be 1 or unset").optional(),
  SANDBOX_PORT: wholeNumberTo(PORT_MAX).default(8001),
} as const;

export function isLoopbackUrl(url: string): boolean {
  return /^(?:localhost|\[::1\]|127(?:\.[0-9]+){3})$/.test(new URL(url).hostname);
}

/** What `read` cannot read is told by the rule, never by what was written. */
function setting<T>(read: (text: string) => T | undefined, rule: string, missing = "is required") {
  return z.string({ error: missing }).transform((text, context): T => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: rule });
    return z.NEVER;
  });
}

/** Seconds as they are written, milliseconds as they are used. */
function seconds(max = SECONDS_MAX) {
  return setting((text) => {
    const ms = /^[0-9]+(?:\.[0-9]+)?$/.test(text) ? Math.round(Number(text) * 1000) : 0;
    return ms > 0 && ms <= max * 1000 ? ms : undefined;
  }, `must be a number of seconds, more than 0 and at most ${max}`);
}

function wholeNumberTo(max: number) {
  return setting(
    (text) => /^[0-9]{1,5}$/.test(text) && Number(text) <= max ? Number(text) : undefined,
    `must be a whole number from 0 to ${max}`,
  );
}

function oneOf<const Word extends string>(words: readonly Word[]) {
  return setting(
    (text) => words.find((word) => word === text),
    `must be one of: ${words.join(", ")}`,
  );
}

/** Whatever stands between commas, all of it right and at least one. */
function listOf<T>(
  text: string,
  read: (item: string) => T | undefined,
): readonly T[] | undefined {
  const items = text.split(",").map((item) => item.trim()).filter((item) => item !== "");
  const values = items.map(read).filter((value) => value !== undefined);
  const isRight = items.length > 0 && values.length === items.length;
  return isRight ? Object.freeze(values) : undefined;
}

function readPort(text: string): number | undefined {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= PORT_MAX ? port : undefined;
}

function readToken(text: string): Secret | undefined {
  return VISIBLE_ASCII.test(text) ? new Secret(text) : undefined;
}

/** More than one of them, so that a token can be replaced without a gap. */
function readLongToken(text: string): Secret | undefined {
  return text.length >= TOKEN_LENGTH_MIN ? readToken(text) : undefined;
}

function readCallbackKey(text: string): Secret<Uint8Array> | undefined {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(base64 ?? "", "base64");
  const isWhole = bytes.toString("base64") === base64;
  return isWhole && bytes.length >= CALLBACK_KEY_BYTES_MIN && bytes.length <= CALLBACK_KEY_BYTES_MAX
    ? new Secret(new Uint8Array(bytes))
    : undefined;
}

function readCardKey(text: string): Secret<Uint8Array> | undefined {
  const bytes = Buffer.from(text, "base64");
  const isBase64 = /^[\w+/-]+=?$/.test(text);
  return isBase64 && bytes.length === CARD_KEY_BYTES
    ? new Secret(new Uint8Array(bytes))
    : undefined;
}

/** Without a slash at the end, so that paths can be put after it. */
function readUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && isLoopbackUrl(text));
  const hasMore = [url.username, url.password, url.search, url.hash].some((part) => part !== "");
  return isSafe && !hasMore ? url.href.replace(/\/+$/, "") : undefined;
}

/** `sqlite::memory:` would lose payments, and `sqlite://data` would be a folder at the root. */
function readDatabase(text: string): Database | undefined {
  if (text === "memory:") return { kind: "memory" };
  if (/^mongodb(?:\+srv)?:\/\/[^/?]/.test(text)) return { kind: "mongo", url: new Secret(text) };
  const [, path] = /^sqlite:(?!\/\/|:)(.+)$/.exec(text) ?? [];
  return path === undefined ? undefined : { kind: "sqlite", path };
}
