// What every Clock does, whether time passes by itself or by a test.

import assert from "node:assert/strict";
import type { Clock } from "../../application/ports.ts";

export interface ClockHarness {
  readonly clock: Clock;
  /** Lets time pass on a clock that a test moves; does nothing on one that moves by itself. */
  pass(ms: number): Promise<void>;
}

const HOUR = 3_600_000;
/** Timers and clocks are rounded differently. */
const ROUNDING_MS = 1;

export function clockContract(name: string, create: () => ClockHarness): void {
  const law = (title: string, check: (harness: ClockHarness) => void | Promise<void>) =>
    Deno.test({
      name: `${name} ${title}`,
      sanitizeOps: true,
      fn: async () => await check(create()),
    });

  law("now() is whole milliseconds since the epoch", ({ clock }) => {
    assert.ok(Number.isSafeInteger(clock.now()));
    assert.ok(clock.now() > Date.UTC(2025, 0, 1));
  });

  law("monotonic() grows by what was slept at least", async ({ clock, pass }) => {
    const startMs = clock.monotonic();
    const slept = clock.sleep(5);
    await pass(5);
    await slept;
    assert.ok(clock.monotonic() - startMs >= 5 - ROUNDING_MS);
  });

  law("now() has moved on after a sleep", async ({ clock, pass }) => {
    const startMs = clock.now();
    const slept = clock.sleep(5);
    await pass(5);
    await slept;
    assert.ok(clock.now() - startMs >= 5 - 2 * ROUNDING_MS);
  });

  law("sleep() ends in the order of the times, not of the calls", async ({ clock, pass }) => {
    const ended: number[] = [];
    const sleeps = [30, 1, 15].map((ms) => clock.sleep(ms).then(() => ended.push(ms)));
    await pass(30);
    await Promise.all(sleeps);
    assert.deepEqual(ended, [1, 15, 30]);
  });

  law("sleep() of nothing or less ends", async ({ clock, pass }) => {
    const sleeps = [clock.sleep(0), clock.sleep(-5)];
    await pass(0);
    await Promise.all(sleeps);
  });

  law("sleep() ends at once when its signal aborts, without an error", async ({ clock }) => {
    const abort = new AbortController();
    const slept = clock.sleep(HOUR, abort.signal);
    abort.abort(new Error("stopping"));
    await slept;
  });

  law("sleep() ends at once when its signal has aborted before", async ({ clock }) => {
    await clock.sleep(HOUR, AbortSignal.abort());
  });

  law("sleep() leaves no listener on its signal", async ({ clock, pass }) => {
    const signal = new CountingSignal();
    const slept = clock.sleep(1, signal);
    assert.equal(signal.listeners, 1);
    await pass(1);
    await slept;
    assert.equal(signal.listeners, 0);
  });

  law("sleep() longer than a timer can be does not end at once", async ({ clock, pass }) => {
    const abort = new AbortController();
    let isAwake = false;
    const slept = clock.sleep(2 ** 31, abort.signal).then(() => isAwake = true);
    const short = clock.sleep(5);
    await pass(5);
    await short;
    assert.equal(isAwake, false);
    abort.abort();
    await slept;
  });
}

/** Never aborts; knows how many listen to it. */
class CountingSignal extends EventTarget implements AbortSignal {
  readonly aborted = false;
  readonly reason = undefined;
  readonly onabort = null;
  listeners = 0;

  throwIfAborted(): void {}

  override addEventListener(): void {
    this.listeners++;
  }

  override removeEventListener(): void {
    this.listeners--;
  }
}
