// Whether payments are sent now, why not, and what a restore still wants a person to look at.

import type { Ports } from "./ports.ts";
import { readRestoreCheck, type RestoreCheck } from "./restore_check.ts";
import {
  type Hold,
  readPause,
  type SubmissionGate,
  type SubmissionPause,
} from "./submission_gate.ts";

export interface SubmissionState {
  /** What a person or the service last set; absent = never paused. */
  readonly pause?: SubmissionPause;
  /** Why nothing is sent now. */
  readonly hold?: Hold;
  /** Of the latest restore, if there ever was one. */
  readonly restore?: RestoreCheck;
}

export async function getSubmission(
  ports: Pick<Ports, "control">,
  gate: SubmissionGate,
): Promise<SubmissionState> {
  const [pause, hold, restore] = [
    await readPause(ports),
    await gate.hold(),
    await readRestoreCheck(ports),
  ];
  return { pause, hold, restore };
}
