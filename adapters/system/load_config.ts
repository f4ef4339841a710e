// The settings from this process's environment; without all of them right the process ends here.

import { type Config, ConfigError, readConfig, SETTING_NAMES } from "./config.ts";

/** sysexits.h, EX_CONFIG: a restart cannot help, only other settings can. */
const EXIT_CONFIG = 78;

/** Tells every problem by name on standard error, then exits with 78. */
export function loadConfig(): Config {
  const env = Object.fromEntries(SETTING_NAMES.map((name) => [name, Deno.env.get(name)]));
  try {
    return readConfig(env, { isTerminal: Deno.stdout.isTerminal() });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const lines = error.problems.map(({ name, message }) => `  ${name} ${message}\n`);
    const told = `Cannot start as the settings are wrong:\n${lines.join("")}` +
      "Each setting is described in .env.example.\n";
    Deno.stderr.writeSync(new TextEncoder().encode(told));
    Deno.exit(EXIT_CONFIG);
  }
}
