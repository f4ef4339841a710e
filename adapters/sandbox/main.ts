// Runs the sandbox as a process of its own, until SIGTERM or SIGINT.
import { untilSignal } from "../system/signals.ts";
import { createSandbox } from "./create_sandbox.ts";
import { readOptions } from "./read_options.ts";

if (import.meta.main) {
  const stopSignal = untilSignal();
  const sandbox = await createSandbox({ ...readOptions(Deno.env.toObject()), log });
  await stopSignal;
  await sandbox.close();
  Deno.exit(0);
}

function log(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
