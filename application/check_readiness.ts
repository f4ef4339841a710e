// Whether this process can take and work off payments now, and if not, why.

import type { Ports } from "./ports.ts";
import type { Workers } from "./workers.ts";

export interface Readiness {
  readonly ready: boolean;
  /** One per part; `reason` is set when it is not ready. */
  readonly checks: readonly {
    readonly name: "store" | "workers";
    readonly ready: boolean;
    readonly reason?: string;
  }[];
}

export async function checkReadiness(
  ports: Pick<Ports, "storeHealth">,
  workers: Workers,
): Promise<Readiness> {
  const store = await ports.storeHealth.check().then(() => undefined, reasonOf);
  const idle = workers.reasonNotRunning();
  const checks = [
    { name: "store" as const, ready: store === undefined, reason: store },
    { name: "workers" as const, ready: idle === undefined, reason: idle },
  ];
  return { ready: checks.every((check) => check.ready), checks };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
