// Whether this process can take and work off payments now, and if not, why.

import type { Deliveries } from "./deliveries.ts";
import type { Ports } from "./ports.ts";
import { readRestoreCheck } from "./restore_check.ts";
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
  ports: Pick<Ports, "storeHealth" | "control">,
  workers: Workers,
  gate: SubmissionGate,
  deliveries: Deliveries,
): Promise<Readiness> {
  const store = await ports.storeHealth.check().then(() => undefined, reasonOf);
  const idle = workers.reasonNotRunning();
  const sending = store === undefined
    ? await whyNothingIsSent(ports, gate).catch(reasonOf)
    : undefined;
  const checks = [
    { name: "store" as const, ready: store === undefined, reason: store },
    { name: "workers" as const, ready: idle === undefined, reason: idle },
    { name: "submission" as const, ready: true, reason: sending },
    { name: "callbacks" as const, ready: true, reason: deliveries.reasonLate() },
  ];
  return { ready: checks.every((check) => check.ready), checks };
}

async function whyNothingIsSent(
  ports: Pick<Ports, "control">,
  gate: SubmissionGate,
): Promise<string | undefined> {
  const held = await gate.hold();
  if (held === undefined) return undefined;
  const restore = held.kind === "paused" ? await restoreReason(ports) : "";
  return `nothing is sent, ${held.kind}: ${held.reason}${restore}`;
}

/** What a restore still wants of Konsol's list, or of a person. */
async function restoreReason(ports: Pick<Ports, "control">): Promise<string> {
  const check = await readRestoreCheck(ports);
  if (check === undefined || check.acceptedAt !== undefined) return "";
  if (check.checkedAt === undefined) {
    return `; Konsol's list is not read whole yet: ${check.reason}`;
  }
  return `; Konsol's list was read whole: payments of ours that are lacking here: ` +
    check.lacking.length;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
