// The benchmark's judgement, on figures that nobody had to measure.

import assert from "node:assert/strict";
import { FIRST, judge, type Measured, quantile, RECEIVERS, type Rounds } from "./figures.ts";

const COUNT = 1_000;
const MB = 1_000_000;

/** All in so many seconds, each a hundred ms, and by the first receiver none that count. */
function measured(more: Partial<Measured> & { readonly count?: number; readonly ms: number }) {
  const { count = COUNT, ms } = more;
  const deliveries = Array.from({ length: count }, (_, n) => {
    const receiver = n % RECEIVERS;
    return receiver === FIRST
      ? { receiver, tryMs: 1e6, doneMs: 1e6 }
      : { receiver, tryMs: 100, doneMs: ms };
  });
  return { deliveries, rssBegin: 50 * MB, rssEnd: 100 * MB, kept: 10 * MB, ...more };
}

/** At the very edge of every target. */
const CALM = measured({ ms: 2_000 });
const HANGING = slowed(CALM, 2);
const MANY = measured({
  count: 5 * COUNT,
  ms: 10_000,
  rssEnd: 200 * MB,
  kept: 12 * MB,
});
const ROUNDS: Rounds = { calm: [CALM], hanging: [HANGING], many: MANY };

function slowed(one: Measured, factor: number, field?: "tryMs" | "doneMs"): Measured {
  const deliveries = one.deliveries.filter(({ receiver }) => receiver !== FIRST)
    .map((delivery) => ({
      ...delivery,
      ...(field !== "doneMs" && { tryMs: delivery.tryMs * factor }),
      ...(field !== "tryMs" && { doneMs: delivery.doneMs * factor }),
    }));
  return { ...one, deliveries };
}

function missed(rounds: Partial<Rounds>): string[] {
  return judge({ ...ROUNDS, ...rounds }).filter(({ met }) => !met)
    .map(({ promise }) => promise);
}

Deno.test("judge() takes what just meets each of its five targets", () => {
  assert.equal(judge(ROUNDS).length, 5);
  assert.deepEqual(missed({}), []);
});

Deno.test("judge() misses each target by itself, by a hundredth", () => {
  const cases: readonly (readonly [RegExp, Partial<Rounds>])[] = [
    [/500 a second/, { calm: [{ ...CALM, ms: 2_020 }] }],
    [/p99 a try/, { hanging: [slowed(CALM, 2.02, "tryMs")] }],
    [/p99 until delivered/, { hanging: [slowed(CALM, 2.02, "doneMs")] }],
    [/bytes kept/, { many: { ...MANY, kept: 12.02 * MB } }],
    [/RSS/, { many: { ...MANY, rssEnd: 202 * MB } }],
  ];
  for (const [promise, rounds] of cases) {
    const targets = missed(rounds);
    assert.equal(targets.length, 1, String(promise));
    assert.match(targets[0]!, promise);
  }
});

Deno.test("judge() counts the middle one of the calm rounds, neither the best nor the worst", () => {
  const [fast, slow] = [{ ...CALM, ms: 500 }, { ...CALM, ms: 5_000 }];
  assert.deepEqual(missed({ calm: [slow, CALM, fast] }), []);
  assert.deepEqual(missed({ calm: [slow, fast, slow] }).length, 1);
});

Deno.test("quantile() is the smallest value that the share does not exceed, in any order, and needs one", () => {
  const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);
  assert.deepEqual([0, 0.5, 0.99, 1].map((share) => quantile(hundred, share)), [1, 50, 99, 100]);
  assert.equal(quantile([7], 0.99), 7);
  assert.throws(() => quantile([], 0.99), /must be values/);
});
