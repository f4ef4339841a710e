// What the receivers of callbacks are like in one scenario: who has one, and how often they fail.

import type { SeededRandom } from "./seeded_random.ts";

export const RECEIVER_FATES = [
  "fine",
  "slow",
  "error",
  "not_found",
  "redirect",
  "busy",
  "gone",
  "answer_lost",
  "hangs",
  "connect_failed",
] as const;
export type ReceiverFate = (typeof RECEIVER_FATES)[number];

export interface ReceiverPlan {
  /** How many of the payments name an address. */
  readonly share: number;
  readonly fates: Readonly<Partial<Record<ReceiverFate, number>>>;
  /** Fails in the calm, too: then everything is given up in the end, or was delivered before. */
  readonly neverMended: boolean;
  /** Played on until even the last try of the schedule is over. */
  readonly tail: boolean;
  /** Somebody reads all events so often; 0 = nobody. */
  readonly readEveryMs: number;
}

const MINUTE = 60_000;

export const NO_RECEIVERS: ReceiverPlan = {
  share: 0,
  fates: {},
  neverMended: false,
  tail: false,
  readEveryMs: 0,
};

export function drawReceiverPlan(random: SeededRandom): ReceiverPlan {
  if (random.chance(0.5)) return NO_RECEIVERS;
  const fates: Partial<Record<ReceiverFate, number>> = {};
  for (const fate of RECEIVER_FATES) {
    if (fate === "fine") fates[fate] = random.pick([0.3, 1, 4]);
    else if (random.chance(0.4)) fates[fate] = random.next() * (fate === "gone" ? 0.05 : 0.5);
  }
  const tail = random.chance(0.03);
  return {
    share: random.pick([0.5, 1]),
    fates,
    neverMended: tail && random.chance(0.3),
    tail,
    readEveryMs: random.chance(0.4) ? random.logBetween(MINUTE, 60 * MINUTE) : 0,
  };
}
