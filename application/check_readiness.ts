// Whether this process can take and work off payments now, and if not, why.

import type { Deliveries } from "./deliveries.ts";
import type { Ports } from "./ports.ts";
import type { SubmissionGate } from "./submission_gate.ts";
import type { Workers } from "./workers.ts";

export interface Readiness {
  readonly ready: boolean;
  /** One per part; `reason` is set when it is not ready. */
  readonly checks: readonly {
    readonly name: "store" | "workers" | "submission" | "callbacks";
    readonly ready: boolean;
    /**
     * Why it is not ready; for `submission` and `callbacks`, which never make the process unready, why
     * nothing is sent and why callbacks are late.
     */
    readonly reason?: string;
  }[];
}

export async function checkReadiness(
  ports: Pick<Ports, "storeHealth">,
  workers: Workers,
  gate: SubmissionGate,
  deliveries: Deliveries,
): Promise<Readiness> {
  const store = await ports.storeHealth.check().then(() => undefined, reasonOf);
  const idle = workers.reasonNotRunning();
  const sending = store === undefined ? await whyNothingIsSent(gate).catch(reasonOf) : undefined;
  const checks = [
    { name: "store" as const, ready: store === undefined, reason: store },
    { name: "workers" as const, ready: idle === undefined, reason: idle },
    { name: "submission" as const, ready: true, reason: sending },
    { name: "callbacks" as const, ready: true, reason: deliveries.reasonLate() },
  ];
  return { ready: checks.every((check) => check.ready), checks };
}

async function whyNothingIsSent(gate: SubmissionGate): Promise<string | undefined> {
  const held = await gate.hold();
  return held && `nothing is sent, ${held.kind}: ${held.reason}`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
