// The clock of one instance: its wall clock may be wrong and jump, and its machine may sleep.

import type { Clock } from "../../application/ports.ts";
import type { Owner, Ticker, VirtualTime } from "./virtual_time.ts";

/** A sleep this short that can be aborted is a worker's round: with nothing to do it may take longer. */
const TICK_MS_MAX = 1_000;
/** Rounds come at least so often while what is due is under way. */
const BUSY_MS_MAX = 20_000;

export interface ClockWorld {
  readonly time: VirtualTime;
  /** Rounds come at least so often with nothing due. */
  readonly idleMaxMs: number;
  /** Counts the changes that a round could be waiting for. */
  readonly changes: number;
  /** The earliest `dueAt` that is stored, as it is written there. */
  earliestDue(): number;
}

interface Tick {
  readonly from: number;
  readonly dueAt: number;
  readonly changes: number;
  readonly wake: () => void;
}

export class VirtualClock implements Clock, Ticker {
  /** How far the wall clock is off. */
  skewMs = 0;
  /** How long the machine slept since it was started: the monotonic clock stood still. */
  sleptMs = 0;
  readonly #world: ClockWorld;
  readonly #owner: Owner;
  readonly #startedAt: number;
  #tick: Tick | undefined;
  #tickSignal: AbortSignal | undefined;
  #idleRounds = 0;
  #changesSeen = -1;

  constructor(world: ClockWorld, owner: Owner) {
    this.#world = world;
    this.#owner = owner;
    this.#startedAt = world.time.now;
    world.time.tickers.add(this);
  }

  now(): number {
    return Math.round(this.#world.time.now + this.skewMs);
  }

  monotonic(): number {
    return this.#world.time.now - this.#startedAt - this.sleptMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (this.#owner.gone) return new Promise(() => {});
    if (signal?.aborted) return Promise.resolve();
    if (signal !== undefined && ms <= TICK_MS_MAX) return this.#sleepTick(ms, signal);
    return new Promise((resolve) => {
      const dueAt = this.monotonic() + ms;
      let timer = this.#world.time.after(ms, wake, this.#owner);
      const { time } = this.#world;
      const owner = this.#owner;
      // deno-lint-ignore no-this-alias -- wake() is hoisted for the timer
      const clock = this;
      function wake() {
        const leftMs = dueAt - clock.monotonic();
        if (leftMs > 0.001) timer = time.after(leftMs, wake, owner);
        else resolve();
      }
      signal?.addEventListener("abort", () => {
        timer.cancelled = true;
        resolve();
      }, { once: true });
    });
  }

  /** Ticker: when the next round is worth running. */
  at(): number {
    const tick = this.#tick;
    if (tick === undefined || this.#owner.gone || this.#owner.isPaused) return Infinity;
    const { changes } = this.#world;
    const due = this.#world.earliestDue() - this.skewMs;
    const at = due > tick.dueAt
      ? Math.min(due, tick.from + this.#world.idleMaxMs)
      : changes === tick.changes
      ? tick.from + Math.min((tick.dueAt - tick.from) * 2 ** this.#idleRounds, BUSY_MS_MAX)
      : tick.dueAt;
    return Math.max(at, this.#world.time.now);
  }

  /** Ticker: begins the round. */
  run(): void {
    const tick = this.#tick;
    this.#tick = undefined;
    tick?.wake();
  }

  #sleepTick(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#tickSignal !== signal) {
      this.#tickSignal = signal;
      signal.addEventListener("abort", () => this.run(), { once: true });
    }
    const { changes, time } = this.#world;
    this.#idleRounds = changes === this.#changesSeen ? Math.min(this.#idleRounds + 1, 10) : 0;
    this.#changesSeen = changes;
    return new Promise((wake) => {
      this.#tick = { from: time.now, dueAt: time.now + ms, changes, wake };
    });
  }
}
