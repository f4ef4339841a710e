// Time of a simulation: events in order, one at a time, each followed to its end before the next one.

import { setImmediate } from "node:timers";

/** Whoever an event belongs to: gone, it never happens; paused, it waits in `deferred`. */
export interface Owner {
  readonly gone: boolean;
  readonly isPaused: boolean;
  readonly deferred: Timer[];
}

export interface Timer {
  at: number;
  readonly order: number;
  readonly run: () => void;
  readonly owner: Owner | undefined;
  cancelled: boolean;
}

/** Something that happens between the events, at a time that it works out anew each time. */
export interface Ticker {
  at(): number;
  run(): void;
}

const START_MS = Date.UTC(2026, 0, 15, 12);
/** More events at one moment than any scenario has: a loop that never sleeps. */
const EVENTS_MAX = 400_000;

export class VirtualTime {
  /** Milliseconds since the epoch, as it really is; instances see it through their own clocks. */
  now = START_MS;
  readonly start = START_MS;
  events = 0;
  /** Calls that real I/O has not answered yet: no event before they are. */
  pendingIo = 0;
  readonly tickers = new Set<Ticker>();
  readonly #heap: Timer[] = [];
  #order = 0;

  after(ms: number, run: () => void, owner?: Owner): Timer {
    const at = this.now + Math.max(0, ms);
    const timer = { at, order: this.#order++, run, owner, cancelled: false };
    this.#push(timer);
    return timer;
  }

  /** What waited for its owner happens now, in its order. */
  undefer(owner: Owner): void {
    for (const timer of owner.deferred.splice(0)) {
      timer.at = this.now;
      this.#push(timer);
    }
  }

  /** What the simulation itself asks of real stores must end before the next event. */
  async heldFor<Answer>(asked: Promise<Answer>): Promise<Answer> {
    this.pendingIo++;
    return await asked.finally(() => this.pendingIo--);
  }

  /** For those that are no instance: they sleep in true time. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Lets everything up to `until` happen; `afterEach` says whether to go on. */
  async advance(until: number, afterEach: () => boolean): Promise<void> {
    for (;;) {
      const run = this.#next(until);
      if (run === undefined) break;
      if (++this.events > EVENTS_MAX) throw new Error(`More than ${EVENTS_MAX} events`);
      run();
      await this.#drain();
      if (!afterEach()) return;
    }
    this.now = Math.max(this.now, until);
  }

  /** Every microtask ends in a turn; what waits for real I/O gets more of them. */
  async #drain(): Promise<void> {
    do await new Promise<void>((resolve) => setImmediate(resolve)); while (this.pendingIo > 0);
  }

  #next(until: number): (() => void) | undefined {
    for (;;) {
      const timer = this.#heap[0];
      const ticker = this.#earliestTicker(Math.min(until, timer?.at ?? Infinity));
      if (ticker !== undefined) {
        this.now = Math.max(this.now, ticker.at());
        return () => ticker.run();
      }
      if (timer === undefined || timer.at > until) return undefined;
      this.#pop();
      const { owner } = timer;
      if (timer.cancelled || owner?.gone) continue;
      if (owner?.isPaused) {
        owner.deferred.push(timer);
        continue;
      }
      this.now = Math.max(this.now, timer.at);
      return timer.run;
    }
  }

  #earliestTicker(before: number): Ticker | undefined {
    let earliest: Ticker | undefined;
    let earliestAt = before;
    for (const ticker of this.tickers) {
      const at = ticker.at();
      if (at < earliestAt) [earliest, earliestAt] = [ticker, at];
    }
    return earliest;
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
