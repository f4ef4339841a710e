// Turns "Konsol could not be had" into the refusal that the caller gets, with Konsol's own words.

import { Refusal, type RefusalCode } from "../domain/refusal.ts";
import type { Unavailable } from "./provider_ports.ts";

const CODES = {
  timeout: "provider_timeout",
  circuit_open: "provider_circuit_open",
  failed: "provider_failed",
} as const satisfies Record<Unavailable["reason"], RefusalCode>;

const STATES = {
  timeout: "it did not answer in time",
  circuit_open: "calls to it are held back after repeated failures",
  failed: "its answer could not be used",
} as const satisfies Record<Unavailable["reason"], string>;

/** `action`: what was wanted, as in "Cannot <action> as Konsol is needed for it: …". */
export function providerRefusal(action: string, unavailable: Unavailable): Refusal {
  const { reason, httpStatus, words, retryAfterMs } = unavailable;
  const status = httpStatus === undefined ? "" : ` (HTTP ${httpStatus})`;
  return new Refusal(
    CODES[reason],
    `Cannot ${action} as Konsol is needed for it: ${STATES[reason]}${status}`,
    { provider: words, retryAfterMs },
  );
}
