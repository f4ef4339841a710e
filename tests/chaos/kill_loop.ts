// Kills the service again and again under a load of payments, with Konsol's sandbox as the witness of what was paid.

import { SeededRandom } from "../simulation/seeded_random.ts";
import { eventually } from "../support/eventually.ts";
import type { Books } from "./client.ts";
import { startKonsolFaults } from "./konsol_faults.ts";
import { startLoad } from "./load.ts";
import { openStack, type Stack } from "./stack.ts";
import type { Tally } from "./tally.ts";
import { integrityProblems, judge, mustBeRight, untilCalm } from "./verdict.ts";

export interface KillLoopOptions {
  /** The plan comes from it; what real processes make of the plan does not. */
  readonly seed: number;
  /** Processes to kill with SIGKILL, at least: the deck that is begun is dealt to its end. */
  readonly kills: number;
  readonly speed?: number;
  readonly onProgress?: (crashes: number) => void;
}

interface Blows {
  readonly stack: Stack;
  readonly random: SeededRandom;
  readonly books: Books;
}

type Blow =
  | "kill"
  | "kill_on_answer"
  | "kill_in_send"
  | "kill_at_start"
  | "terminate"
  | "pause"
  | "break_konsol"
  | "kill_sandbox";

/** Shuffled, and dealt again when it is used up: every kind comes in every deck. */
const DECK: readonly Blow[] = [
  "kill",
  "kill_on_answer",
  "kill_in_send",
  "kill_at_start",
  "terminate",
  "pause",
  "break_konsol",
  "kill_sandbox",
];
const QUIET_MAX_MS = 600;
const ANSWER_MAX_MS = 5_000;
const SWALLOWED = 3;
const WEBHOOKS_OF_ONE = 4;
/** Below the service's own timeout, so that it still waits when the blow comes. */
const SWALLOWING = { timeoutMs: 300, everyMs: 10 };
const START_MAX_MS = 400;
/** On the service's clock: longer than its lease of 15.5 s. */
const PAUSE_MIN_MS = 16_000;
const PAUSE_MAX_MS = 25_000;

export async function runKillLoop(options: KillLoopOptions): Promise<Tally> {
  const { seed, kills, speed } = options;
  const random = new SeededRandom(seed);
  await using stack = await openStack({ speed });
  const load = startLoad(stack, random.fork("load"), `seed${seed}`);
  const faults = startKonsolFaults(stack, random.fork("faults"));
  const blows: Blows = { stack, random: random.fork("blows"), books: load.books };
  const struck = await strike(blows, kills, options.onProgress).finally(
    () => Promise.all([faults.stop(), load.stop()]),
  );
  await stack.clearFaults();
  const { problems, tally } = await judge(stack, load.books, await untilCalm(stack));
  const [service] = stack.services;
  const code = await service?.stop();
  mustBeRight(stack, `kill loop, seed ${seed}`, [
    ...problems,
    ...(code === 0 ? [] : [`the last SIGTERM ended with ${code}`]),
    ...integrityProblems(stack.databasePath),
  ], tally);
  return { ...tally, crashes: struck.crashes, faults: faults.count() + struck.others };
}

/** Deals whole decks until so many were killed. */
async function strike(
  blows: Blows,
  kills: number,
  onProgress: KillLoopOptions["onProgress"],
): Promise<{ readonly crashes: number; readonly others: number }> {
  let crashes = 0;
  let others = 0;
  while (crashes < kills) {
    for (const blow of blows.random.shuffled(DECK)) {
      await wait(blows.random.between(0, QUIET_MAX_MS));
      const killed = await BLOWS[blow](blows);
      crashes += killed;
      if (killed === 0) others++;
      onProgress?.(crashes);
    }
  }
  return { crashes, others };
}

/** Each leaves everything running, and says how many processes it killed. */
const BLOWS: Record<Blow, (blows: Blows) => Promise<number>> = {
  async kill({ stack }) {
    const service = first(stack);
    await service.kill();
    service.start();
    await service.untilReady();
    return 1;
  },
  /** In the moment in which a client was told that its payment is stored. */
  async kill_on_answer({ stack, books }) {
    const service = first(stack);
    await Promise.race([books.untilNoted(), wait(ANSWER_MAX_MS)]);
    await service.kill();
    service.start();
    await service.untilReady();
    return 1;
  },
  /** With requests that Konsol has executed and will never answer or tell about. */
  async kill_in_send({ stack }) {
    const service = first(stack);
    await swallowAnswers(stack, "accept_then_timeout");
    await service.kill();
    service.start();
    await service.untilReady();
    return 1;
  },
  /** Also while it opens its file, before it listens, or in its first round of due work. */
  async kill_at_start({ stack, random }) {
    const service = first(stack);
    await service.kill();
    service.start();
    await wait(random.between(0, START_MAX_MS));
    await service.kill();
    service.start();
    await service.untilReady();
    return 2;
  },
  async terminate({ stack }) {
    const service = first(stack);
    await service.stop();
    service.start();
    await service.untilReady();
    return 0;
  },
  async pause({ stack, random }) {
    const service = first(stack);
    await swallowAnswers(stack, "accept_then_timeout");
    service.pause();
    await wait(random.between(PAUSE_MIN_MS, PAUSE_MAX_MS) / stack.speed);
    service.resume();
    return 0;
  },
  async break_konsol({ stack }) {
    await swallowAnswers(stack, "error_with_effect");
    return 0;
  },
  async kill_sandbox({ stack: { sandbox } }) {
    await sandbox.kill();
    sandbox.start();
    await sandbox.untilReady();
    return 1;
  },
};

/** The next creates are executed; neither an answer nor a webhook says so. */
async function swallowAnswers(stack: Stack, fault: string): Promise<void> {
  const before = await stack.konsol();
  await stack.fault("drop_webhooks", { times: SWALLOWED * WEBHOOKS_OF_ONE });
  await stack.fault(fault, { times: SWALLOWED });
  await eventually(async () => {
    const { creates_executed } = await stack.konsol();
    return creates_executed >= before.creates_executed + SWALLOWED;
  }, SWALLOWING).catch(() => {}); // The breaker may be open: then there is nothing in flight to lose.
}

function first({ services }: Stack) {
  const [service] = services;
  if (service === undefined) throw new Error("Cannot kill a service as the stack has none");
  return service;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
