// A clock that stands still until a test moves it.

import { setImmediate } from "node:timers";
import type { Clock } from "../../application/ports.ts";

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

const START_MS = Date.UTC(2026, 0, 15, 12);
const TURNS = 3;
/** Past it a sleeper wakes only to sleep for no time again. */
const WAKES_MAX = 1_000_000;

export class FakeClock implements Clock {
  #elapsedMs = 0;
  #wallStartMs: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(startMs: number = START_MS) {
    this.#wallStartMs = startMs;
  }

  now(): number {
    return this.#wallStartMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  /** How many sleep at the moment. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const sleeper = { dueMs: this.#elapsedMs + Math.max(0, ms), wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", wake);
    });
  }

  /** Lets `ms` pass: wakes who is due, in order, and lets each do what it can before the next one. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#elapsedMs + ms;
    await settle();
    for (let wakes = 0;; wakes++) {
      const next = this.#nextDue(endMs);
      if (next === undefined) break;
      if (wakes === WAKES_MAX) throw new Error(`Cannot advance as ${WAKES_MAX} sleeps have ended`);
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
      next.wake();
      await settle();
    }
    this.#elapsedMs = endMs;
  }

  /** The wall clock is set to another time; nothing else passes. */
  jump(ms: number): void {
    this.#wallStartMs += ms;
  }

  #nextDue(endMs: number): Sleeper | undefined {
    let next: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (sleeper.dueMs <= endMs && (next === undefined || sleeper.dueMs < next.dueMs)) {
        next = sleeper;
      }
    }
    return next;
  }
}

/** Runs everything that waits for no time and no I/O: each turn first ends all microtasks. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
