// One scenario as its seed draws it: its size, its settings, its faults and its people.

import { drawProviderPlan, type Kind, type ProviderPlan } from "./provider_plan.ts";
import { drawReceiverPlan, NO_RECEIVERS, type ReceiverPlan } from "./receiver_plan.ts";
import type { SeededRandom } from "./seeded_random.ts";
import { drawStorePlan, type StorePlan } from "./store_plan.ts";

export type StoreKind = "memory" | "sqlite";

/** How often each happens to an instance; 0 = never. */
export interface OperatorPlan {
  readonly crashEveryMs: number;
  readonly stopEveryMs: number;
  readonly downMaxMs: number;
  readonly pauseEveryMs: number;
  readonly pauseMaxMs: number;
  readonly wakesOnClaim: boolean;
  /** How likely it is that an instance is paused when its request has just gone out. */
  readonly pausesOnSend: number;
  readonly jumpEveryMs: number;
  readonly jumpMaxMs: number;
  readonly skewMaxMs: number;
  /** When the store is put back to how it was a while before; 0 = never. */
  readonly restoreAtMs: number;
  readonly restoreBackMs: number;
  readonly pausesSubmission: number;
}

export interface ClientPlan {
  readonly orders: number;
  readonly claims: number;
  /** How often they act on what they have just created, while it may be on the wire. */
  readonly hasty: number;
  /** How likely it is that all come in one second. */
  readonly bursts: number;
  /** They come one after the other, to the end: absence is believed only once a later one is listed. */
  readonly areSteady: boolean;
  readonly loses: number;
  readonly cancels: number;
  readonly updates: number;
  readonly repeats: number;
  readonly conflicts: number;
  readonly looks: number;
  readonly concurrent: number;
}

export interface PeoplePlan {
  readonly decideEveryMs: number;
  readonly tooEarly: number;
  readonly resubmits: number;
  readonly getsConfirmation: number;
}

export interface ScenarioPlan {
  readonly store: StoreKind;
  readonly instances: number;
  readonly faultsMs: number;
  /** Konsol may execute a request later than RESUBMIT_HORIZON: then a second one must raise an alarm. */
  readonly lateBeyondHorizon: boolean;
  readonly calmMs: number;
  readonly settings: {
    readonly submitWaitMs: number;
    readonly queueMaxAgeMs: number;
    readonly konsolTimeoutMs: number;
    readonly resubmit: "never" | "after_horizon";
    readonly resubmitHorizonMs: number;
    readonly resubmitDailyMax: number;
  };
  readonly provider: ProviderPlan;
  readonly storeFaults: StorePlan;
  readonly operators: OperatorPlan;
  readonly clients: ClientPlan;
  readonly people: PeoplePlan;
  readonly receivers: ReceiverPlan;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SQLITE_SHARE = 0.1;

/** Most of what goes wrong needs one payment or two: many small lives find it sooner than few big ones. */
const ORDERS = [1, 1, 1, 1, 1, 2, 2, 2, 3, 5];

const KINDS: Readonly<Record<Kind, number>> = {
  any: 75,
  second_attempts: 18,
  doubtful_lists: 6,
  long: 1,
};

export function drawPlan(random: SeededRandom, store?: StoreKind): ScenarioPlan {
  const drawnStore = random.chance(SQLITE_SHARE) ? "sqlite" : "memory";
  const kind = random.weighted(KINDS);
  const seconds = kind === "second_attempts" || kind === "doubtful_lists";
  const faultsMs = seconds
    ? random.between(90 * MINUTE, 3 * HOUR)
    : kind === "long"
    ? random.between(12 * HOUR, 2 * DAY)
    : random.logBetween(MINUTE, 2 * HOUR);
  const resubmits = kind === "doubtful_lists" ? 0.9 : seconds ? 0.6 : 0.2;
  const resubmit = random.chance(resubmits) ? "after_horizon" : "never";
  const operators = drawOperators(random.fork("operators"), faultsMs, kind);
  const clocksMs = 2 * (operators.skewMaxMs + operators.jumpMaxMs);
  const latestMs = random.logBetween(15 * MINUTE, seconds ? 40 * MINUTE : 2 * HOUR);
  const resubmitHorizonMs = latestMs + clocksMs + 2 * MINUTE;
  const lateBeyondHorizon = random.chance(0.04);
  const lateMaxMs = lateBeyondHorizon ? 4 * resubmitHorizonMs : latestMs;
  const waitMs = resubmit === "never" ? 0 : resubmitHorizonMs + 75 * MINUTE;
  return {
    store: store ?? drawnStore,
    instances: random.pick(kind === "second_attempts" ? [1, 2, 2, 2, 3] : [1, 1, 2, 2, 3]),
    faultsMs,
    lateBeyondHorizon,
    calmMs: 50 * MINUTE + waitMs + operators.skewMaxMs + operators.jumpMaxMs,
    settings: {
      submitWaitMs: random.pick([2_000, 10_000]),
      queueMaxAgeMs: random.chance(0.2) ? random.logBetween(5 * MINUTE, DAY) : DAY,
      konsolTimeoutMs: random.pick([5_000, 30_000]),
      resubmit,
      resubmitHorizonMs,
      resubmitDailyMax: random.pick([1, 10]),
    },
    provider: drawProviderPlan(random.fork("provider"), { faultsMs, lateMaxMs, kind }),
    storeFaults: drawStorePlan(random.fork("store"), faultsMs),
    operators,
    clients: drawClients(random.fork("clients"), kind),
    people: {
      decideEveryMs: random.logBetween(3 * MINUTE, seconds ? 15 * MINUTE : 2 * HOUR),
      tooEarly: random.next() * 0.3,
      resubmits: random.next(),
      getsConfirmation: random.pick([0, 0.5]),
    },
    // What was told before a copy is brought back is told of nowhere: there is nothing to judge then.
    receivers: operators.restoreAtMs > 0
      ? NO_RECEIVERS
      : drawReceiverPlan(random.fork("receivers")),
  };
}

function drawOperators(random: SeededRandom, faultsMs: number, kind: Kind): OperatorPlan {
  const calm = random.chance(kind === "doubtful_lists" ? 0.8 : 0.15);
  const seconds = kind === "second_attempts";
  const on = (share: number) => !calm && random.chance(share);
  const every = (share: number) => on(share) ? random.logBetween(faultsMs / 15, 2 * faultsMs) : 0;
  const restores = on(0.08);
  return {
    crashEveryMs: every(0.6),
    stopEveryMs: every(0.3),
    downMaxMs: random.logBetween(100, 10 * MINUTE),
    pauseEveryMs: every(seconds ? 0.7 : 0.4),
    pauseMaxMs: random.logBetween(seconds ? 30 * MINUTE : 1_000, 2 * HOUR),
    wakesOnClaim: on(seconds ? 0.8 : 0.3),
    pausesOnSend: on(seconds ? 0.6 : 0.1) ? random.next() * (seconds ? 0.7 : 0.3) : 0,
    jumpEveryMs: every(0.25),
    jumpMaxMs: on(0.5) ? random.logBetween(1_000, HOUR) : 0,
    skewMaxMs: on(0.5) ? random.logBetween(10, 10_000) : 0,
    restoreAtMs: restores ? random.between(faultsMs / 4, faultsMs) : 0,
    restoreBackMs: random.logBetween(1_000, faultsMs),
    pausesSubmission: on(0.15) ? random.logBetween(MINUTE, HOUR) : 0,
  };
}

function drawClients(random: SeededRandom, kind: Kind): ClientPlan {
  const steady = kind === "doubtful_lists";
  return {
    orders: drawOrders(random, kind),
    claims: random.pick([0, 0, 0, 1]),
    hasty: random.pick([0, 0, 0.5]),
    bursts: steady ? 0 : 0.3,
    areSteady: steady || kind === "second_attempts",
    loses: random.pick([0, 0.05, 0.3]),
    cancels: random.pick([0, 0.2, 0.6]),
    updates: random.pick([0, 0.3]),
    repeats: random.pick([0, 0.3, 0.8]),
    conflicts: random.pick([0, 0.2]),
    looks: random.pick([0, 0.5, 1]),
    concurrent: random.pick([0, 0.3]),
  };
}

/** What is absent from Konsol's list is believed only where a later one of ours is in it. */
function drawOrders(random: SeededRandom, kind: Kind): number {
  if (kind === "doubtful_lists") return random.between(3, 6);
  return kind === "second_attempts" ? random.between(3, 6) : random.pick(ORDERS);
}

/** How wrong an instance's clock may be. */
export function clocksOffOf({ operators }: ScenarioPlan): number {
  return operators.skewMaxMs + (operators.jumpEveryMs > 0 ? operators.jumpMaxMs : 0);
}

const DOUBT_MAX_MS = 30 * 60_000;
/** An hour, and what lies between a claim and the doubt that came of it. */
const HORIZON_GRACE_MS = 75 * 60_000;

/** So long a payment is in doubt before a person is asked, at most. */
export function doubtMaxOf({ settings }: ScenarioPlan): number {
  return settings.resubmit === "never"
    ? DOUBT_MAX_MS
    : settings.resubmitHorizonMs + HORIZON_GRACE_MS;
}
