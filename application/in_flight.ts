// Work that goes on beside the requests: bounded, one at a time for a key, and waited for at shutdown.

import type { Log } from "./ports.ts";

export interface InFlight {
  /**
   * Runs the task unless one is under way for the key (joins it), all places are taken or it was stopped
   * (undefined at once). Never rejects: a task that throws is logged and gives undefined.
   */
  run<T>(key: string, task: () => Promise<T>): Promise<T | undefined>;
  has(key: string): boolean;
  /** Places that are free now; none once stopped. */
  free(): number;
  size(): number;
  /** Takes nothing more; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

export function createInFlight(name: string, places: number, log: Log): InFlight {
  const tasks = new Map<string, Promise<unknown>>();
  let stopped = false;

  const free = () => (stopped ? 0 : places - tasks.size);

  function run<T>(key: string, task: () => Promise<T>): Promise<T | undefined> {
    const underWay = tasks.get(key) as Promise<T | undefined> | undefined;
    if (underWay !== undefined) return underWay;
    if (free() <= 0) return Promise.resolve(undefined);
    const running = Promise.try(task).catch((error: unknown) => {
      log.error("worker_failed", { worker: name, key, error });
      return undefined;
    }).finally(() => tasks.delete(key));
    tasks.set(key, running);
    return running;
  }

  async function stop(): Promise<void> {
    stopped = true;
    await Promise.all(tasks.values());
  }

  return { run, free, stop, has: (key) => tasks.has(key), size: () => tasks.size };
}
