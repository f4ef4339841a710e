// Runs an operator's task: its help, its end, and every failure told in words instead of a stack.

import { print } from "./print.ts";

/** sysexits.h, EX_USAGE. */
const EXIT_USAGE = 64;
const EXIT_FAILED = 1;

/** The arguments are wrong: nothing was begun. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Exits with 0 when it is done, 64 for wrong arguments, 1 for any other failure. */
export async function runTask(help: string, task: () => Promise<void>): Promise<never> {
  if (Deno.args.some((arg) => arg === "--help" || arg === "-h")) {
    print(help);
    Deno.exit(0);
  }
  try {
    await task();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const usage = isUsage(error);
    tell(usage ? `${reason}\n\n${help}` : reason);
    Deno.exit(usage ? EXIT_USAGE : EXIT_FAILED);
  }
  Deno.exit(0);
}

/** `node:util` throws its own for an option that it does not know. */
function isUsage(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && code.startsWith("ERR_PARSE_ARGS");
}

function tell(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}

/** `sqlite:PATH`, a bare path, or DATABASE_URL when nothing is given. */
export function sqlitePath(given: string | undefined, option: string): string {
  const text = given ?? Deno.env.get("DATABASE_URL") ?? "sqlite:data/konsol.db";
  const [, scheme, path = ""] = /^(?:([a-z][a-z0-9+]*):)?(.*)$/.exec(text) ?? [];
  if ((scheme === undefined || scheme === "sqlite") && path !== "" && !path.startsWith(":")) {
    return path;
  }
  throw new UsageError(
    `${option} must be sqlite:PATH or a path: ${scheme === undefined ? "nothing" : scheme + ":…"}`,
  );
}
