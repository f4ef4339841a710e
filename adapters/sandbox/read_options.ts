// The sandbox's options from the environment; an empty variable counts as an absent one.
import { z } from "zod";
import type { SandboxOptions } from "./create_sandbox.ts";
import { minorOf } from "./roubles.ts";

const environmentSchema = z.object({
  SANDBOX_HOST: z.string().default("127.0.0.1"),
  SANDBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(8001),
  SANDBOX_STATE: z.string().default("data/sandbox.json"),
  SANDBOX_BALANCE: z.string().refine((roubles) => minorOf(roubles) !== undefined).optional(),
  SANDBOX_WEBHOOK_SECRET: z.string().optional(),
  SANDBOX_STEP_MS: z.coerce.number().int().min(0).optional(),
  KONSOL_API_TOKEN: z.string().optional(),
});

export function readOptions(environment: Record<string, string | undefined>): SandboxOptions {
  const set = Object.entries(environment).filter(([, value]) => value);
  const parsed = environmentSchema.safeParse(Object.fromEntries(set));
  if (!parsed.success) {
    const names = parsed.error.issues.map((issue) => issue.path.join("."));
    throw new Error(
      `Cannot start the sandbox as these settings are not valid: ${names.join(", ")}`,
    );
  }
  return {
    host: parsed.data.SANDBOX_HOST,
    port: parsed.data.SANDBOX_PORT,
    statePath: parsed.data.SANDBOX_STATE,
    balanceRoubles: parsed.data.SANDBOX_BALANCE,
    webhookSecret: parsed.data.SANDBOX_WEBHOOK_SECRET,
    stepMs: parsed.data.SANDBOX_STEP_MS,
    token: parsed.data.KONSOL_API_TOKEN,
  };
}
