// Settings to start tests of the configuration from, and what readConfig() says of others.

import { type Config, ConfigError, readConfig } from "../../adapters/system/config.ts";

export type Env = Readonly<Record<string, string | undefined>>;

export const API_TOKEN = "a".repeat(32);
export const CARD_KEY = btoa("k".repeat(32));
export const CALLBACK_SECRET = `whsec_${btoa("c".repeat(32))}`;
export const REQUIRED_SETTINGS: Env = {
  KONSOL_API_TOKEN: "konsol-token",
  KONSOL_BASE_URL: "https://swagger-payments.konsol.pro",
  API_TOKEN,
  CARD_KEY,
  CALLBACK_SECRETS: CALLBACK_SECRET,
};

/** The required settings and these. */
export function configOf(more: Env = {}, options = {}): Config {
  return readConfig({ ...REQUIRED_SETTINGS, ...more }, options);
}

/** Messages by the setting's name. */
export function problemsOf(env: Env): Record<string, string> {
  try {
    readConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return Object.fromEntries(error.problems.map(({ name, message }) => [name, message]));
  }
  return {};
}

/** The values that are not refused for this setting, each tried beside the required ones. */
export function takenOf(name: string, values: readonly string[], more: Env = {}): string[] {
  return values.filter((value) =>
    problemsOf({ ...REQUIRED_SETTINGS, ...more, [name]: value })[name] === undefined
  );
}
