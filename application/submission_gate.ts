// Whether anything may be sent now: paused by a person or by Konsol's 401, 403, 404, 405, or held by the breaker.

import type { CreateOutcome } from "../domain/provider_payment.ts";
import { type CircuitBreaker, createCircuitBreaker } from "./circuit_breaker.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Ports } from "./ports.ts";

/** Kept durably, for all instances. `by`: a person's name, or "service". */
export interface SubmissionPause {
  readonly paused: boolean;
  readonly by: string;
  readonly reason: string;
  readonly at: number;
}

export interface Hold {
  readonly kind: "paused" | "circuit_open" | "rate_limited";
  readonly reason: string;
}

/** The right to claim and send one payment; given back by `leave`, whatever happened. */
export interface Pass {
  /** What the create call came to, as it is judged for its payment: opens, closes or pauses. Never rejects. */
  report(outcome: CreateOutcome): Promise<void>;
  /** Nothing was sent with it, or it was reported: does nothing then. */
  leave(): void;
}

export interface SubmissionGate {
  /** Why nothing is sent now; undefined = sending. */
  hold(): Promise<Hold | undefined>;
  /** Milliseconds for which the breaker stays open; undefined = it is not. */
  openFor(): number | undefined;
  /** Asked once before each claim; undefined = nothing may be sent now. */
  enter(): Promise<Pass | undefined>;
}

type GatePorts = Pick<Ports, "clock" | "chance" | "control" | "gateway" | "log">;

export function createSubmissionGate(ports: GatePorts): SubmissionGate {
  const breaker = createCircuitBreaker(ports.chance);
  const stop = createStop(ports);
  let rateLimitedUntil = -Infinity;

  async function hold(): Promise<Hold | undefined> {
    const paused = await stop.reason();
    if (paused !== undefined) return { kind: "paused", reason: paused };
    const now = ports.clock.monotonic();
    if (now < rateLimitedUntil) return { kind: "rate_limited", reason: "Konsol asked us to wait" };
    const state = breaker.state(now);
    if (state.kind !== "open") return undefined;
    return { kind: "circuit_open", reason: "Konsol does not answer" };
  }

  async function enter(): Promise<Pass | undefined> {
    if (await hold() !== undefined) return undefined;
    const now = ports.clock.monotonic();
    if (breaker.state(now).kind === "closed") return { report, leave() {} };
    if (!await enterTrial(ports, breaker, now)) return undefined;
    return trialPass();
  }

  /** Once it has reported, the place is free or another's: leaving gives nothing back then. */
  function trialPass(): Pass {
    let reported = false;
    return {
      async report(outcome) {
        reported = true;
        await report(outcome);
      },
      leave: () => reported ? undefined : breaker.leaveTrial(),
    };
  }

  async function report(outcome: CreateOutcome): Promise<void> {
    const now = ports.clock.monotonic();
    const before = breaker.state(now).kind;
    breaker.report(outcome, now);
    if (before !== "open" && breaker.state(now).kind === "open") {
      ports.log.error("alarm", { alarm: "circuit_opened", reason: reasonOf(outcome) });
    }
    const status = "httpStatus" in outcome ? outcome.httpStatus : undefined;
    if (status === 429 && outcome.kind === "not_executed") {
      rateLimitedUntil = Math.max(rateLimitedUntil, now + (outcome.retryAfterMs ?? 0));
    }
    if (status === undefined || !STOPS_ALL.includes(status)) return;
    await stop.all(
      `Konsol answered ${status} to a create: mend KONSOL_API_TOKEN or KONSOL_BASE_URL, then resume`,
    );
  }

  function openFor(): number | undefined {
    const now = ports.clock.monotonic();
    const state = breaker.state(now);
    return state.kind === "open" ? state.until - now : undefined;
  }

  return { hold, openFor, enter };
}

/** Konsol's answer to one create is its answer to all: they are stopped, and none of them fails. */
const STOPS_ALL = [401, 403, 404, 405];

const PAUSE_KEY = "submission_pause";
const RACES_MAX = 10;

export async function readPause(
  ports: Pick<Ports, "control">,
): Promise<SubmissionPause | undefined> {
  return (await ports.control.get<SubmissionPause>(PAUSE_KEY))?.value;
}

/** Pauses or resumes for every instance, durably. */
export async function setPause(
  ports: Pick<Ports, "control" | "clock" | "log">,
  wanted: Pick<SubmissionPause, "paused" | "by" | "reason">,
): Promise<SubmissionPause> {
  const value: SubmissionPause = { ...wanted, at: ports.clock.now() };
  for (let race = 0; race < RACES_MAX; race++) {
    const before = await ports.control.get<SubmissionPause>(PAUSE_KEY);
    if (!await ports.control.put(PAUSE_KEY, before?.version, value)) continue;
    const alarm = wanted.paused ? "submission_paused" : "submission_resumed";
    ports.log.error("alarm", { alarm, by: wanted.by, reason: wanted.reason });
    return value;
  }
  throw new Refusal(
    "changed_meanwhile",
    `Cannot ${wanted.paused ? "pause" : "resume"} sending as others keep changing it: try again`,
  );
}

/** The pause that all instances share, and this one's own stop where that could not be stored. */
function createStop(ports: GatePorts) {
  /** The newest version of the shared pause that was read; it only grows. */
  let seen = 0;
  /** Kept to until somebody decides anew. */
  let unstored: { readonly reason: string; readonly since: number } | undefined;

  async function read() {
    const shared = await ports.control.get<SubmissionPause>(PAUSE_KEY);
    seen = Math.max(seen, shared?.version ?? 0);
    return shared;
  }

  /** Why nothing is sent; undefined = no stop. */
  async function reason(): Promise<string | undefined> {
    const shared = await read();
    if (shared?.value.paused) return `${shared.value.by}: ${shared.value.reason}`;
    if (unstored !== undefined && seen > unstored.since) unstored = undefined;
    return unstored?.reason;
  }

  /** Never rejects. */
  async function all(reason: string): Promise<void> {
    try {
      await pauseAll(ports, reason);
      unstored = undefined;
    } catch (error) {
      await read().catch(() => {});
      unstored = { reason, since: seen };
      ports.log.error("alarm", { alarm: "pause_not_stored", reason, error });
    }
  }

  return { reason, all };
}

async function pauseAll(ports: GatePorts, reason: string): Promise<void> {
  if ((await readPause(ports))?.paused) return;
  await setPause(ports, { paused: true, by: "service", reason });
}

/** One question that moves no money comes before the one payment that may show that Konsol is back. */
async function enterTrial(
  ports: GatePorts,
  breaker: CircuitBreaker,
  now: number,
): Promise<boolean> {
  if (!breaker.takeTrial(now)) return false;
  const asked = await ports.gateway.getBalance();
  // Whatever it answered, it answers: what a create comes to, the create itself has to show.
  const answers = asked.kind === "found" || (asked.httpStatus ?? 500) < 500;
  if (answers) return true;
  breaker.report("no_answer", ports.clock.monotonic());
  return false;
}

function reasonOf(outcome: CreateOutcome): string {
  return "reason" in outcome ? outcome.reason : outcome.kind;
}
