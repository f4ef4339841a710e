// What the benchmark makes of what it measured: quantiles, and whether each target of it was met.

/** To each of them as many callbacks, but for the remainder. */
export const RECEIVERS = 10;
/** The one that may hang; what the others see is compared. */
export const FIRST = 0;

const PER_SECOND_MIN = 500;
const P99_RATIO_MAX = 2;
/** What is measured of each is kept as well, some 150; a callback with its event would be over a thousand. */
const KEPT_BYTES_MAX = 500;
/** The runtime lets garbage lie for a while, so this cannot be narrow. */
const RSS_RATIO_MAX = 2;

export interface Delivery {
  readonly receiver: number;
  /** The one try, as the sender measures it. */
  readonly tryMs: number;
  /** From the start, when all were due, until it was recorded as delivered. */
  readonly doneMs: number;
}

/** One process and what it delivered; bytes. */
export interface Measured {
  readonly ms: number;
  readonly deliveries: readonly Delivery[];
  readonly rssBegin: number;
  readonly rssEnd: number;
  /** The heap at the end, once nothing in it is garbage. */
  readonly kept: number;
}

export interface Rounds {
  readonly calm: readonly Measured[];
  /** As calm, but that the first receiver hangs. */
  readonly hanging: readonly Measured[];
  /** As calm, with more callbacks. */
  readonly many: Measured;
}

export interface Target {
  readonly promise: string;
  readonly measured: string;
  readonly met: boolean;
}

/** The smallest value that the `share` of them does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new Error("Cannot take a quantile as there must be values: none");
  return value;
}

export function perSecond({ deliveries, ms }: Measured): number {
  return deliveries.length / ms * 1000;
}

/** Of speed and memory the middle calm round counts: one while the machine did other work says nothing. */
export function judge({ calm, hanging, many }: Rounds): readonly Target[] {
  const middle = (figure: (measured: Measured) => number) => quantile(calm.map(figure), 0.5);
  const rate = middle(perSecond);
  const more = many.deliveries.length - middle(({ deliveries }) => deliveries.length);
  const keptEach = (many.kept - middle(({ kept }) => kept)) / more;
  const rss = many.rssEnd / middle(({ rssEnd }) => rssEnd);
  return [
    {
      promise: `at least ${PER_SECOND_MIN} a second`,
      measured: `${rate.toFixed(0)} a second`,
      met: rate >= PER_SECOND_MIN,
    },
    p99Target("a try", "tryMs", calm, hanging),
    p99Target("until delivered", "doneMs", calm, hanging),
    {
      promise: `memory flat: at most ${KEPT_BYTES_MAX} bytes kept for each callback more`,
      measured: `${keptEach.toFixed(0)} bytes`,
      met: keptEach <= KEPT_BYTES_MAX,
    },
    {
      promise: `memory flat: RSS after ${many.deliveries.length} at most ${RSS_RATIO_MAX}x`,
      measured: `${rss.toFixed(2)}x`,
      met: rss <= RSS_RATIO_MAX,
    },
  ];
}

/** Over the rounds together: the slowest hundredth of one is too few to compare. */
function p99Target(
  what: string,
  field: "tryMs" | "doneMs",
  calm: readonly Measured[],
  hanging: readonly Measured[],
): Target {
  const without = quantile(ofOthers(calm, field), 0.99);
  const beside = quantile(ofOthers(hanging, field), 0.99);
  const ratio = beside / without;
  return {
    promise: `one hangs: p99 ${what} of the other nine at most ${P99_RATIO_MAX}x`,
    measured: `${ratio.toFixed(2)}x (${without.toFixed(0)} ms, with it ${beside.toFixed(0)} ms)`,
    met: ratio <= P99_RATIO_MAX,
  };
}

function ofOthers(rounds: readonly Measured[], field: "tryMs" | "doneMs"): number[] {
  return rounds.flatMap(({ deliveries }) =>
    deliveries.filter(({ receiver }) => receiver !== FIRST).map((delivery) => delivery[field])
  );
}
