// Plays ranges of seeds on several threads at once, in order, until all are played or somebody says stop.

import type { Done, Task } from "./sim_worker.ts";

const CHUNK = 20;

export interface PoolOptions {
  readonly from: number;
  /** Infinity = until `onDone` says stop. */
  readonly count: number;
  readonly jobs: number;
  readonly task: Omit<Task, "from" | "count">;
  /** After each chunk; false = begin no other. */
  readonly onDone: (done: Done) => boolean;
}

export async function playRange({ from, count, jobs, task, onDone }: PoolOptions): Promise<void> {
  let next = from;
  const end = from + count;
  let goes = true;
  const thread = async () => {
    const worker = new Worker(new URL("./sim_worker.ts", import.meta.url), { type: "module" });
    try {
      while (goes && next < end) {
        const size = Math.min(CHUNK, end - next);
        const chunk = { ...task, from: next, count: size };
        next += size;
        goes = onDone(await ask(worker, chunk)) && goes;
      }
    } finally {
      worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, Math.ceil(count / CHUNK)) }, thread));
}

function ask(worker: Worker, task: Task): Promise<Done> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`seeds ${task.from} and on: ${event.message}`));
    };
    worker.postMessage(task);
  });
}
