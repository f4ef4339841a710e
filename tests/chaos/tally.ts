// What a chaos suite went through, and what became of the money: the numbers that `deno task prove` adds up.

export interface Tally {
  readonly payments: number;
  /** Requests to Konsol of which nobody knew for a time whether they took effect. */
  readonly ambiguousSends: number;
  /** Processes killed with SIGKILL. */
  readonly crashes: number;
  /** Spoiled answers and webhooks, cut connections, paused processes, a full disk. */
  readonly faults: number;
  readonly paidTwice: number;
  readonly lost: number;
}

export const NOTHING: Tally = {
  payments: 0,
  ambiguousSends: 0,
  crashes: 0,
  faults: 0,
  paidTwice: 0,
  lost: 0,
};

export function sumOf(tallies: readonly Tally[]): Tally {
  return tallies.reduce((sum, tally) => ({
    payments: sum.payments + tally.payments,
    ambiguousSends: sum.ambiguousSends + tally.ambiguousSends,
    crashes: sum.crashes + tally.crashes,
    faults: sum.faults + tally.faults,
    paidTwice: sum.paidTwice + tally.paidTwice,
    lost: sum.lost + tally.lost,
  }), NOTHING);
}

/** A promise was broken; what was counted until then is kept. */
export class Broken extends Error {
  override readonly name = "Broken";

  constructor(message: string, readonly tally: Tally) {
    super(message);
  }
}
