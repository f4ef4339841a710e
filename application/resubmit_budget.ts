// How many payments the rule T9 may send again in a day, counted durably for all instances.

import type { Ports } from "./ports.ts";

const KEY = "resubmit_budget";
const DAY_MS = 24 * 60 * 60_000;
const RACES_MAX = 10;

interface Spent {
  /** Days since the epoch, UTC. */
  readonly day: number;
  readonly count: number;
}

/** Takes one of today's; false when they are all taken, or when it could not be said for sure. */
export async function takeResubmit(
  ports: Pick<Ports, "control">,
  dailyMax: number,
  now: number,
): Promise<boolean> {
  const today = Math.floor(now / DAY_MS);
  for (let race = 0; race < RACES_MAX; race++) {
    const before = await ports.control.get<Spent>(KEY);
    // Only forward: of two clocks about midnight, the one behind must not give back what is spent.
    const day = Math.max(today, before?.value.day ?? today);
    const count = before?.value.day === day ? before.value.count : 0;
    if (count >= dailyMax) return false;
    if (await ports.control.put(KEY, before?.version, { day, count: count + 1 })) return true;
  }
  return false;
}
