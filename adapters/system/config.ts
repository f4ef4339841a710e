// The settings of the process, read once from the environment into a frozen value.

import { z } from "zod";
import type { CallbackUrlRules } from "../../domain/callback_url.ts";
import type { Secret } from "./secret.ts";
import { type Database, isLoopbackUrl, SETTINGS } from "./settings_schema.ts";

export interface Config {
  readonly konsolApiToken: Secret;
  /** Without a slash at its end, as `publicUrl`. */
  readonly konsolBaseUrl: string;
  readonly konsolTimeoutMs: number;
  readonly konsolWebhookSecret?: Secret;
  readonly apiTokens: readonly Secret[];
  /** 32 bytes. */
  readonly cardKey: Secret<Uint8Array>;
  /** Keys that sign callbacks: each of them signs each. */
  readonly callbackSecrets: readonly Secret<Uint8Array>[];
  readonly callbackUrls: CallbackUrlRules;
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly publicUrl?: string;
  readonly database: Database;
  readonly submitWaitMs: number;
  readonly shutdownGraceMs: number;
  /** In major units, as decimal text. */
  readonly amountLimit: string;
  readonly queueMaxAgeMs: number;
  readonly resubmit: "never" | "after_horizon";
  readonly resubmitHorizonMs: number;
  readonly resubmitDailyMax: number;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly logFormat: "json" | "text";
  readonly isSandbox: boolean;
  readonly sandboxPort: number;
}

/** Every name that readConfig() reads. */
export const SETTING_NAMES: readonly string[] = Object.freeze(Object.keys(SETTINGS));

const SCHEMA = z.object(SETTINGS);
const SHUTDOWN_MARGIN_MS = 5_000;
/** Below it a real Konsol may still be at work on the request: only a sandbox may be hurried. */
const HORIZON_MIN_MS = 3_600_000;

export interface ConfigProblem {
  readonly name: string;
  readonly message: string;
}

/** Tells every wrong setting by its name, none by its value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const told = problems.map(({ name, message }) => `${name} ${message}`).join("; ");
    super(`Cannot start as the settings are wrong: ${told}`);
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Empty counts as unset. In a terminal logs are text, unless LOG_FORMAT says otherwise. */
export function readConfig(
  env: Environment,
  { isTerminal = false }: { readonly isTerminal?: boolean } = {},
): Config {
  const set = setOnly(env);
  const parsed = SCHEMA.safeParse(set);
  const problems = [...(parsed.error?.issues ?? []).map(problemOf), ...disagreements(set)];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(configOf(parsed.data, isTerminal));
}

function configOf(settings: z.output<typeof SCHEMA>, isTerminal: boolean): Config {
  const isSandbox = settings.KONSOL_SANDBOX === true;
  return {
    konsolApiToken: settings.KONSOL_API_TOKEN,
    konsolBaseUrl: settings.KONSOL_BASE_URL,
    konsolTimeoutMs: settings.KONSOL_TIMEOUT,
    konsolWebhookSecret: settings.KONSOL_WEBHOOK_SECRET,
    apiTokens: settings.API_TOKEN,
    cardKey: settings.CARD_KEY,
    callbackSecrets: settings.CALLBACK_SECRETS,
    callbackUrls: Object.freeze({
      allowLoopbackHttp: isSandbox,
      ports: Object.freeze([...settings.CALLBACK_PORTS]),
      ranges: Object.freeze([...settings.CALLBACK_ALLOW]),
    }),
    host: settings.HOST,
    port: settings.PORT,
    publicUrl: settings.PUBLIC_URL,
    database: Object.freeze(settings.DATABASE_URL),
    submitWaitMs: settings.SUBMIT_WAIT,
    shutdownGraceMs: settings.SHUTDOWN_GRACE ?? settings.KONSOL_TIMEOUT + SHUTDOWN_MARGIN_MS,
    amountLimit: settings.AMOUNT_LIMIT,
    queueMaxAgeMs: settings.QUEUE_MAX_AGE,
    resubmit: settings.RESUBMIT,
    resubmitHorizonMs: settings.RESUBMIT_HORIZON,
    resubmitDailyMax: settings.RESUBMIT_DAILY_MAX,
    logLevel: settings.LOG_LEVEL,
    logFormat: settings.LOG_FORMAT ?? (isTerminal ? "text" : "json"),
    isSandbox,
    sandboxPort: settings.SANDBOX_PORT,
  };
}

function setOnly(env: Environment): Environment {
  const trimmed = SETTING_NAMES.map((name) => [name, env[name]?.trim()] as const);
  return Object.fromEntries(trimmed.filter(([, text]) => text));
}

function problemOf(issue: z.core.$ZodIssue): ConfigProblem {
  return { name: String(issue.path[0]), message: issue.message };
}

/** Settings that are right alone and wrong together; looked at even where others are wrong. */
function disagreements(set: Environment): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const timeoutMs = SETTINGS.KONSOL_TIMEOUT.safeParse(set.KONSOL_TIMEOUT).data;
  const graceMs = SETTINGS.SHUTDOWN_GRACE.safeParse(set.SHUTDOWN_GRACE).data;
  if (timeoutMs !== undefined && graceMs !== undefined && graceMs < timeoutMs) {
    problems.push({ name: "SHUTDOWN_GRACE", message: "must not be smaller than KONSOL_TIMEOUT" });
  }
  const baseUrl = SETTINGS.KONSOL_BASE_URL.safeParse(set.KONSOL_BASE_URL).data;
  const isSandbox = SETTINGS.KONSOL_SANDBOX.safeParse(set.KONSOL_SANDBOX).data;
  if (isSandbox && baseUrl !== undefined && !isLoopbackUrl(baseUrl)) {
    const message = "must be unset unless KONSOL_BASE_URL is a loopback address";
    problems.push({ name: "KONSOL_SANDBOX", message });
  }
  const horizonMs = SETTINGS.RESUBMIT_HORIZON.safeParse(set.RESUBMIT_HORIZON).data;
  if (!isSandbox && horizonMs !== undefined && horizonMs < HORIZON_MIN_MS) {
    const message = `must be at least ${HORIZON_MIN_MS / 1000} unless KONSOL_SANDBOX is 1`;
    problems.push({ name: "RESUBMIT_HORIZON", message });
  }
  const database = SETTINGS.DATABASE_URL.safeParse(set.DATABASE_URL).data;
  if (database?.kind === "memory" && baseUrl !== undefined && !isLoopbackUrl(baseUrl)) {
    const message = "must not be memory: unless KONSOL_BASE_URL is a loopback address";
    problems.push({ name: "DATABASE_URL", message });
  }
  return problems;
}
