// Holds sending back when Konsol does not answer: one outage must not put every payment in doubt.

import type { CreateOutcome } from "../domain/provider_payment.ts";
import type { Chance } from "./ports.ts";

/** In doubt in a row, or connections that failed in a row, that open it. */
const DOUBTS_MAX = 3;
const CONNECTS_MAX = 5;
const OPEN_FIRST_MS = 15_000;
const OPEN_LAST_MS = 5 * 60_000;

export type BreakerState =
  | { readonly kind: "closed" }
  /** Nothing is sent until then. */
  | { readonly kind: "open"; readonly until: number }
  /** The time is over: one question and one payment may show that Konsol is back. */
  | { readonly kind: "half_open" };

/** All times are on Clock.monotonic(): a wall clock that is set back would keep it open for as long. */
export interface CircuitBreaker {
  state(now: number): BreakerState;
  /** Takes the one place that a half-open breaker has; false when it is taken or the breaker is open. */
  takeTrial(now: number): boolean;
  /** The place is free again: nothing was sent with it. */
  leaveTrial(): void;
  /** What a send came to, or that the question before a trial was not answered. */
  report(outcome: CreateOutcome | "no_answer", now: number): void;
}

export function createCircuitBreaker(chance: Chance): CircuitBreaker {
  let doubts = 0;
  let connects = 0;
  let opens = 0;
  let openUntil: number | undefined;
  let trialTaken = false;

  function state(now: number): BreakerState {
    if (openUntil === undefined) return { kind: "closed" };
    return now < openUntil ? { kind: "open", until: openUntil } : { kind: "half_open" };
  }

  function open(now: number): void {
    const length = Math.min(OPEN_FIRST_MS * 2 ** Math.min(opens, 20), OPEN_LAST_MS);
    openUntil = now + Math.round(length * (1 + chance() / 4));
    opens++;
    trialTaken = false;
  }

  function close(): void {
    doubts = connects = opens = 0;
    openUntil = undefined;
    trialTaken = false;
  }

  function takeTrial(now: number): boolean {
    if (state(now).kind !== "half_open" || trialTaken) return false;
    trialTaken = true;
    return true;
  }

  function report(outcome: CreateOutcome | "no_answer", now: number): void {
    const kind = kindOf(outcome);
    if (kind === "answered") return close();
    if (kind === "neutral") {
      trialTaken = false;
      return;
    }
    doubts = kind === "doubt" ? doubts + 1 : 0;
    connects = kind === "connect" ? connects + 1 : 0;
    const already = openUntil !== undefined && now < openUntil;
    if (already) {
      trialTaken = false;
      return;
    }
    if (openUntil !== undefined || doubts >= DOUBTS_MAX || connects >= CONNECTS_MAX) open(now);
  }

  return { state, takeTrial, leaveTrial: () => void (trialTaken = false), report };
}

/** `neutral`: it never reached the wire, so it says nothing of Konsol. */
function kindOf(
  outcome: CreateOutcome | "no_answer",
): "answered" | "doubt" | "connect" | "neutral" {
  if (outcome === "no_answer") return "connect";
  if (outcome.kind === "unknown") return "doubt";
  if (outcome.kind !== "not_executed") return "answered";
  if (outcome.because === "konsol_answered") return "answered";
  return outcome.because === "not_connected" ? "connect" : "neutral";
}
