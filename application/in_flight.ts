// Work that goes on beside the requests: bounded, one at a time for a key, and waited for at shutdown.

import type { Ports } from "./ports.ts";

/** After a failure a key rests, twice as long each time, so that one that always fails starves no other. */
const REST_FIRST_MS = 1_000;
const REST_LAST_MS = 5 * 60_000;
/** Resting keys that are remembered; the one that failed longest ago is forgotten first. */
const RESTING_MAX = 10_000;

export interface InFlight {
  /**
   * Runs the task unless one is under way for the key (joins it), all places are taken or it was stopped
   * (undefined at once). Never rejects: a task that throws is logged and gives undefined.
   */
  run<T>(key: string, task: () => Promise<T>): Promise<T | undefined>;
  /** Whether a worker should leave the key alone now: it is under way, or rests after a failure. */
  isTaken(key: string): boolean;
  /** Places that are free now; none once stopped. */
  free(): number;
  /** Keys that are taken now. */
  taken(): number;
  /** Takes nothing more; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

interface Rest {
  readonly failures: number;
  readonly until: number;
}

export function createInFlight(
  name: string,
  places: number,
  ports: Pick<Ports, "clock" | "log">,
): InFlight {
  const tasks = new Map<string, Promise<unknown>>();
  const resting = new Map<string, Rest>();
  let stopped = false;

  const free = () => (stopped ? 0 : places - tasks.size);
  const rests = (key: string) => (resting.get(key)?.until ?? -Infinity) > ports.clock.monotonic();

  function run<T>(key: string, task: () => Promise<T>): Promise<T | undefined> {
    const underWay = tasks.get(key) as Promise<T | undefined> | undefined;
    if (underWay !== undefined) return underWay;
    if (free() <= 0) return Promise.resolve(undefined);
    const running = Promise.try(task).then((result) => {
      resting.delete(key);
      return result;
    }, (error: unknown) => {
      ports.log.error("worker_failed", { worker: name, key, error });
      restAfterFailure(resting, key, ports.clock.monotonic());
      return undefined;
    }).finally(() => tasks.delete(key));
    tasks.set(key, running);
    return running;
  }

  async function stop(): Promise<void> {
    stopped = true;
    await Promise.all(tasks.values());
  }

  return {
    run,
    free,
    stop,
    isTaken: (key) => tasks.has(key) || rests(key),
    taken: () => tasks.size + [...resting.keys()].filter(rests).length,
  };
}

function restAfterFailure(resting: Map<string, Rest>, key: string, now: number): void {
  const failures = (resting.get(key)?.failures ?? 0) + 1;
  const rest = Math.min(REST_FIRST_MS * 2 ** Math.min(failures - 1, 20), REST_LAST_MS);
  resting.delete(key);
  resting.set(key, { failures, until: now + rest });
  const oldest = resting.size > RESTING_MAX ? resting.keys().next().value : undefined;
  if (oldest !== undefined) resting.delete(oldest);
}
