// The settings from this process's environment; without all of them right the process ends here.

import { StoreUnavailable } from "../../application/store_unavailable.ts";
import { type Config, ConfigError, readConfig, SETTING_NAMES } from "./config.ts";

/** sysexits.h, EX_CONFIG: a restart cannot help, only other settings can. */
const EXIT_CONFIG = 78;
/** Another process has the port, or the database does not answer at this moment: a restart may help. */
const EXIT_BUSY = 1;

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
    return exit(told, EXIT_CONFIG);
  }
}

/** What `use` gives; when the setting is right and cannot be used here, says so in one line and exits. */
export async function useSetting<Used>(
  names: string,
  use: () => Used | Promise<Used>,
): Promise<Used> {
  try {
    return await use();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const passes = error instanceof Deno.errors.AddrInUse || error instanceof StoreUnavailable;
    return exit(`Cannot start with this ${names}: ${reason}\n`, passes ? EXIT_BUSY : EXIT_CONFIG);
  }
}

function exit(told: string, code: number): never {
  Deno.stderr.writeSync(new TextEncoder().encode(told));
  Deno.exit(code);
}
