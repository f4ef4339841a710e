// Every environment variable that the service reads: how it is written, what it means, its default.

import { Buffer } from "node:buffer";
import { z } from "zod";
import { parseAmount } from "../../domain/money.ts";
import { Secret } from "./secret.ts";

const TOKEN_LENGTH_MIN = 32;
const WEBHOOK_SECRET_LENGTH_MIN = 16;
const CARD_KEY_BYTES = 32;
const PORT_MAX = 65_535;
const RESUBMIT_DAILY_MAX = 1_000;
/** 23 days: a timer can wait that long. */
const SECONDS_MAX = 2_000_000;

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
  KONSOL_TIMEOUT: seconds().default(30_000),
  KONSOL_WEBHOOK_SECRET: setting(
    (text) => text.length >= WEBHOOK_SECRET_LENGTH_MIN ? new Secret(text) : undefined,
    `must have at least ${WEBHOOK_SECRET_LENGTH_MIN} characters`,
  ).optional(),
  API_TOKEN: setting(
    readTokens,
    `must be tokens of at least ${TOKEN_LENGTH_MIN} visible ASCII characters, separated by commas`,
  ),
  CARD_KEY: setting(readCardKey, `must be ${CARD_KEY_BYTES} bytes in base64`),
  HOST: setting((text) => /\s/.test(text) ? undefined : text, "must be one host name or address")
    .default("0.0.0.0"),
  PORT: wholeNumberTo(PORT_MAX).default(8000),
  PUBLIC_URL: setting(readUrl, URL_RULE).optional(),
  DATABASE_URL: setting(
    readDatabase,
    "must be sqlite:PATH, mongodb://… or mongodb+srv://…, or memory: in tests",
  )
    .default({ kind: "sqlite", path: "data/konsol.db" }),
  SUBMIT_WAIT: seconds().default(10_000),
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
function setting<T>(read: (text: string) => T | undefined, rule: string) {
  return z.string({ error: "is required" }).transform((text, context): T => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: rule });
    return z.NEVER;
  });
}

/** Seconds as they are written, milliseconds as they are used. */
function seconds() {
  return setting((text) => {
    const ms = /^[0-9]+(?:\.[0-9]+)?$/.test(text) ? Math.round(Number(text) * 1000) : 0;
    return ms > 0 && ms <= SECONDS_MAX * 1000 ? ms : undefined;
  }, `must be a number of seconds, more than 0 and at most ${SECONDS_MAX}`);
}

function wholeNumberTo(max: number) {
  return setting(
    (text) => /^[0-9]{1,5}$/.test(text) && Number(text) <= max ? Number(text) : undefined,
    `must be a whole number from 0 to ${max}`,
  );
}

function oneOf<const Word extends string>(words: readonly Word[]) {
  return setting((text) => words.find((word) => word === text), `must be ${words.join(", ")}`);
}

function readToken(text: string): Secret | undefined {
  return VISIBLE_ASCII.test(text) ? new Secret(text) : undefined;
}

/** More than one, so that a token can be replaced without a gap. */
function readTokens(text: string): readonly Secret[] | undefined {
  const tokens = text.split(",").map((token) => token.trim()).filter((token) => token !== "");
  const isValid = (token: string) => token.length >= TOKEN_LENGTH_MIN && VISIBLE_ASCII.test(token);
  const isUsable = tokens.length > 0 && tokens.every(isValid);
  return isUsable ? Object.freeze(tokens.map((token) => new Secret(token))) : undefined;
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
