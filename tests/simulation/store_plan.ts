// How often the store of a scenario fails and in which ways, drawn from the seed.

import type { PortCall, StoreFate } from "./faulty_store.ts";
import type { SeededRandom } from "./seeded_random.ts";

export interface StorePlan {
  readonly errorBefore: number;
  readonly errorAfter: number;
  /** SQLite alone: COMMIT fails after the writes were made. */
  readonly commitFails: number;
  readonly slow: number;
  readonly slowMaxMs: number;
  /** Once in so long the store is away or full for a while; 0 = never. */
  readonly outageEveryMs: number;
  readonly outageMaxMs: number;
}

const MINUTE = 60_000;
const WRITES = /^(insert|save|put|set|check|take|delete|record)/;

export function drawStorePlan(random: SeededRandom, faultsMs: number): StorePlan {
  const calm = random.chance(0.2);
  const on = (share: number) => !calm && random.chance(share);
  return {
    errorBefore: on(0.4) ? random.next() ** 3 * 0.5 : 0,
    errorAfter: on(0.4) ? random.next() ** 3 * 0.5 : 0,
    commitFails: on(0.4) ? random.next() ** 3 * 0.3 : 0,
    slow: random.pick([0, 0.1, 0.5, 1]),
    slowMaxMs: random.logBetween(2, on(0.2) ? 60_000 : 2_000),
    outageEveryMs: on(0.3) ? random.logBetween(faultsMs / 10, faultsMs) : 0,
    outageMaxMs: random.logBetween(500, 5 * MINUTE),
  };
}

/** Rounds ask all the time: slow each time, they would be all that a scenario does. */
const SLOW_DUE = 0.05;
const ASKED_EACH_ROUND = ["due", "dueHosts", "firstPending"];

/** The store's weather: the same for all instances. */
export class StoreWeather {
  readonly #random: SeededRandom;
  readonly #plan: StorePlan;
  outage: "none" | "away" | "full" = "none";
  /** On SQLite a full disk shows at COMMIT. */
  readonly hasCommits: boolean;
  calm = false;

  constructor(random: SeededRandom, plan: StorePlan, hasCommits: boolean) {
    this.hasCommits = hasCommits;
    this.#random = random;
    this.#plan = plan;
  }

  commitFails(): boolean {
    if (this.calm) return false;
    return this.outage === "full" || this.#random.chance(this.#plan.commitFails);
  }

  fateOf(call: PortCall): StoreFate | undefined {
    if (this.calm) return undefined;
    const random = this.#random;
    const { errorBefore, errorAfter, slow, slowMaxMs } = this.#plan;
    if (this.outage === "away") return { at: "error_before" };
    if (this.outage === "full" && !this.hasCommits && WRITES.test(call.method)) {
      return { at: "error_before" };
    }
    const isSlow = random.chance(ASKED_EACH_ROUND.includes(call.method) ? slow * SLOW_DUE : slow);
    const at = random.chance(errorBefore)
      ? "error_before"
      : random.chance(errorAfter)
      ? "error_after"
      : undefined;
    if (!isSlow) return at && { at };
    const when = random.between(0, 2);
    const beforeMs = when === 1 ? 0 : random.logBetween(1, slowMaxMs);
    const afterMs = when === 0 ? 0 : random.logBetween(1, slowMaxMs);
    return { beforeMs, at, afterMs };
  }
}
