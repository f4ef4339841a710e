// Two services on one database file: under load, and with one that sleeps through its own lease.

import { SeededRandom } from "../simulation/seeded_random.ts";
import { eventually } from "../support/eventually.ts";
import { Books, payUntilAnswered } from "./client.ts";
import { holdLine } from "./held_line.ts";
import { startKonsolFaults } from "./konsol_faults.ts";
import { startLoad } from "./load.ts";
import { drawOrder, type Order } from "./orders.ts";
import { openStack, readJson, type Stack } from "./stack.ts";
import { NOTHING, type Tally } from "./tally.ts";
import { judge, mustBeRight, untilCalm } from "./verdict.ts";
import type { Victim } from "./victim.ts";

const PATIENCE = { timeoutMs: 120_000, everyMs: 50 };
const SLEEPERS = 8;
const RUSHERS = 40;
/** On the services' clock; how long they sleep then, on the true one, past it and past a tick of theirs. */
const RUSH_AFTER_S = 5;
const RUSH_SLEEP_MS = 1_500;
/** On the services' clock; the lease is over after 15.5 s. */
const NAP_MIN_MS = 16_000;
const NAP_MAX_MS = 25_000;

export interface TwoProcessesOptions {
  readonly seed: number;
  /** Times that one of the two sleeps, is killed or is left alone. */
  readonly blows: number;
}

/** Both take orders and send; now one sleeps longer than a lease, now one is killed. */
export async function runTwoProcesses({ seed, blows }: TwoProcessesOptions): Promise<Tally> {
  const random = new SeededRandom(seed);
  await using stack = await openStack({ services: 2 });
  const load = startLoad(stack, random.fork("load"), `two${seed}`);
  const faults = startKonsolFaults(stack, random.fork("faults"));
  let crashes = 0;
  for (let blow = 0; blow < blows; blow++) {
    const service = random.pick(stack.services);
    if (blow % 2 === 0) await nap(service, random.between(NAP_MIN_MS, NAP_MAX_MS) / stack.speed);
    else {
      await service.kill();
      crashes++;
      service.start();
      await service.untilReady();
    }
  }
  await Promise.all([faults.stop(), load.stop()]);
  await stack.clearFaults();
  const { problems, tally } = await judge(stack, load.books, await untilCalm(stack));
  mustBeRight(stack, `two processes, seed ${seed}`, problems, tally);
  return { ...tally, crashes, faults: faults.count() + blows - crashes };
}

export interface SleeperOptions {
  /** `connect`: it sleeps between its claim and the first byte. `request`: its request is under way. */
  readonly at: "connect" | "request";
}

/** The first service sleeps with claimed payments; the second finds their leases over; then the first wakes. */
export async function runSleeper({ at }: SleeperOptions): Promise<Tally> {
  let target = "";
  await using line = await holdLine({ targetUrl: () => target, at });
  await using stack = await openStack({
    services: 2,
    konsolUrl: line.url,
    env: { KONSOL_TIMEOUT: "20" },
  });
  target = stack.sandbox.url;
  const [sleeper, waker] = stack.services as readonly [Victim, Victim];
  const books = new Books();
  const random = new SeededRandom(1);
  const orders = Array.from({ length: SLEEPERS }, (_, n) => plainOrder(random, `sleeper_${n}`));
  const ids = await Promise.all(
    orders.map((order) => payUntilAnswered(stack, () => sleeper.url, order, books)),
  );
  const moved = (last: (move: string) => boolean) =>
    eventually(
      () => everyOne(ids, async (id) => last(await lastMove(stack, waker, id))),
      PATIENCE,
    );
  await moved((last) => last !== "T1");
  if (at === "request") await eventually(() => line.heldBytes >= SLEEPERS * 200, PATIENCE);
  sleeper.pause();
  // The second service does what it does about them; a second send would be over then.
  await moved((last) => last !== "T3" && last !== "T4");
  line.release();
  sleeper.resume();
  await eventually(() => createsEnded(sleeper) >= SLEEPERS, PATIENCE);
  const { problems, tally } = await judge(stack, books, await untilCalm(stack));
  mustBeRight(stack, `a sleeper at ${at}`, problems, tally);
  return { ...NOTHING, ...tally, faults: SLEEPERS };
}

export interface RushOptions {
  readonly seed: number;
  /** How often both fall asleep over a queue and wake at the same instant. */
  readonly times: number;
}

/** Both wake with the same payments due: whoever claims one first is the only one that sends it. */
export async function runRush({ seed, times }: RushOptions): Promise<Tally> {
  const random = new SeededRandom(seed);
  await using stack = await openStack({ services: 2 });
  const books = new Books();
  /** What was sent already when both woke was no rush. */
  const early: string[] = [];
  for (let time = 0; time < times; time++) {
    await stack.fault("rate_limited", { times: 1_000_000, retry_after_s: RUSH_AFTER_S });
    const orders = Array.from({ length: RUSHERS }, (_, n) => plainOrder(random, `${time}_${n}`));
    const url = () => random.pick(stack.services).url;
    await Promise.all(orders.map((order) => payUntilAnswered(stack, url, order, books)));
    for (const service of stack.services) service.pause();
    await stack.clearFaults();
    // By then the queue is due and the workers' timers are overdue: both go at once.
    await new Promise((resolve) => setTimeout(resolve, RUSH_SLEEP_MS));
    const { creates_executed } = await stack.konsol();
    if (creates_executed > time * RUSHERS) {
      early.push(`${creates_executed} sent before rush ${time}`);
    }
    for (const service of stack.services) service.resume();
    await untilCalm(stack);
  }
  const { problems, tally } = await judge(stack, books, await untilCalm(stack));
  mustBeRight(stack, `a rush, seed ${seed}`, [...problems, ...early], tally);
  return { ...NOTHING, ...tally, faults: times };
}

/** One that completes, so that all that differs is who sends it. */
function plainOrder(random: SeededRandom, name: string): Order {
  const order = drawOrder(random, name);
  return { ...order, amount: 50.5, body: { ...order.body, amount: 50.5 } };
}

/** Calls that the process has logged the end of, whatever they came to. */
function createsEnded({ lines }: Victim): number {
  return lines.filter((line) => line.includes('"konsol_call"') && line.includes('"POST"')).length;
}

async function lastMove(stack: Stack, { url }: Victim, id: string): Promise<string> {
  const path = `${url}/konsol/payments/${id}/events`;
  const { items } = await readJson(path, { headers: stack.headers });
  return items.at(-1)?.move ?? "";
}

async function everyOne(
  ids: readonly (string | undefined)[],
  holds: (id: string) => Promise<boolean>,
): Promise<boolean> {
  const answers = await Promise.all(ids.map((id) => id === undefined ? false : holds(id)));
  return answers.every((answer) => answer);
}

async function nap(service: Victim, ms: number): Promise<void> {
  service.pause();
  await new Promise((resolve) => setTimeout(resolve, ms));
  service.resume();
}
