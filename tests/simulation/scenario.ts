// One seed, played: faults first, safe at every step; then none, and everything must come to its end.

import { Clients } from "./clients.ts";
import { type EndState, judgeDurability, judgeEnd } from "./end_rules.ts";
import { EventReader } from "./event_reader.ts";
import { Operators } from "./operators.ts";
import { People } from "./people.ts";
import {
  clocksOffOf,
  doubtMaxOf,
  drawPlan,
  type ScenarioPlan,
  type StoreKind,
} from "./scenario_plan.ts";
import { LOST, PAID_TWICE } from "./record_rules.ts";
import { SeededRandom } from "./seeded_random.ts";
import type { Service } from "./service.ts";
import type { Tally } from "./tally.ts";
import { World } from "./world.ts";

export interface Played {
  readonly seed: number;
  readonly store: StoreKind;
  readonly hash: string;
  /** The first rule that was broken; undefined = none. */
  readonly violation: string | undefined;
  readonly lines: readonly string[];
  readonly tally: Tally;
}

export interface PlayOptions {
  readonly store?: StoreKind;
  readonly lines?: number;
}

export async function play(
  service: Service,
  seed: number,
  options: PlayOptions = {},
): Promise<Played> {
  const random = new SeededRandom(seed);
  const plan = drawPlan(random.fork("plan"), options.store);
  const world = new World(service, plan, random.fork("world"));
  try {
    await playBoth(world, plan);
  } catch (error) {
    world.invariants.violate(`the scenario broke: ${error instanceof Error ? error.stack : error}`);
  } finally {
    await world.end();
  }
  const { violations } = world.invariants;
  return {
    seed,
    store: plan.store,
    hash: world.trace.hash,
    violation: violations[0],
    lines: world.trace.last(options.lines ?? 60),
    tally: tallyOf(world),
  };
}

async function playBoth(world: World, plan: ScenarioPlan): Promise<void> {
  const { time, invariants } = world;
  const isSafe = () => invariants.violations.length === 0;
  plantStrangers(world);
  const clients = new Clients(world);
  const operators = new Operators(world);
  const people = new People(world);
  const reader = new EventReader(world);
  operators.start();
  people.start();
  clients.start(plan.faultsMs);
  reader.start();
  world.webhooks.startForging();
  keepStrangersComing(world);
  await time.advance(time.start + plan.faultsMs, isSafe);
  if (!isSafe()) return;
  judgeDurability(await endState(world));
  world.trace.add("--- no more faults");
  operators.repair();
  world.idleMaxMs = 15 * 60_000;
  void people.repair();
  void clients.repeatAll();
  const calmEnd = time.now + plan.calmMs;
  await time.advance(calmEnd - 5 * 60_000, isSafe);
  if (!isSafe()) return;
  void clients.repeatAll();
  void people.judgeInbox();
  await time.advance(calmEnd, isSafe);
  if (!isSafe()) return;
  judgeEnd(await endState(world));
  reader.stop();
  people.stop();
  await judgeTelling(world, reader, isSafe);
}

async function judgeTelling(world: World, reader: EventReader, isSafe: () => boolean) {
  const { telling, time, plan } = world;
  telling.judgeLog(await world.storedEvents(), reader.ids);
  telling.judgeEnd(await world.storedCallbacks());
  if (!plan.receivers.tail) return;
  world.trace.add("--- until the last try");
  world.idleMaxMs = 60 * 60_000;
  await time.advance(time.now + TAIL_MS, isSafe);
  if (isSafe()) telling.judgeEnd(await world.storedCallbacks());
}

/** Four days: longer than the whole schedule of a callback. */
const TAIL_MS = 96 * 3_600_000;

/** What stands at this moment, for the rules of the end. */
export async function endState(world: World): Promise<EndState> {
  const { plan } = world;
  return {
    invariants: world.invariants,
    ledger: world.ledger,
    payments: await world.storedPayments(),
    webhooks: await world.storedWebhooks(),
    now: world.time.now,
    calmSince: world.time.start + plan.faultsMs,
    queueMaxAgeMs: plan.settings.queueMaxAgeMs,
    doubtMaxMs: doubtMaxOf(plan),
    clocksOffMs: clocksOffOf(plan),
    secondAllowed: plan.lateBeyondHorizon,
  };
}

/** Payments of an older system at Konsol. */
function plantStrangers({ ledger, time, plan }: World): void {
  for (let left = plan.provider.strangers; left > 0; left--) {
    ledger.addStranger(`old-${left}`, time.start - left * 20 * 60_000);
  }
}

/** Another system of the same client's goes on beside ours: what is looked for is ever further down the list. */
function keepStrangersComing(world: World): void {
  const { ledger, time, plan } = world;
  const { strangerEveryMs } = plan.provider;
  if (strangerEveryMs === 0 || ledger.calm) return;
  time.after(strangerEveryMs, () => {
    ledger.addStranger(`new-${time.now - time.start}`, time.now);
    keepStrangersComing(world);
  });
}

function tallyOf(world: World): Tally {
  const { invariants, ledger, time, faults } = world;
  const records = [...invariants.records.values()];
  const did = (move: string) =>
    records.filter(({ history }) => history.some((event: { move?: string }) => event.move === move))
      .length;
  return {
    scenarios: 1,
    faults: faults.provider + faults.store,
    payments: records.length,
    executed: [...ledger.payments.values()].filter(({ paymentId }) => paymentId).length,
    doubts: did("T7"),
    reviews: did("T10") + did("T13") + did("T14"),
    crashes: world.crashes,
    events: time.events,
    paidTwice: invariants.violations.filter((text) => text.startsWith(PAID_TWICE)).length,
    lost: invariants.violations.filter((text) => text.startsWith(LOST)).length,
  };
}
