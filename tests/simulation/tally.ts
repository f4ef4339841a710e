// What went on in scenarios, for the sums that are printed.

export const NO_TALLY = {
  scenarios: 0,
  payments: 0,
  executed: 0,
  doubts: 0,
  reviews: 0,
  crashes: 0,
  faults: 0,
  events: 0,
  paidTwice: 0,
  lost: 0,
};

export type Tally = Readonly<typeof NO_TALLY>;

export function addTally(a: Tally, b: Tally): Tally {
  const names = Object.keys(NO_TALLY) as (keyof Tally)[];
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as Tally;
}
