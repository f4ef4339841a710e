// The machine's clocks and timers.

import type { Clock } from "../../application/ports.ts";

/** A longer timer fires at once (its length is a signed 32-bit number), so longer sleeps are cut up. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    let leftMs = ms;
    do {
      await timer(Math.min(leftMs, TIMER_MS_MAX), signal);
      leftMs -= TIMER_MS_MAX;
    } while (leftMs > 0 && !signal?.aborted);
  },
};

function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(id);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const id = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
  });
}
