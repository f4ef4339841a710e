// Plays seeds on several threads at once, and tells of them in order, until all are played or somebody says stop.

import type { Done, Task } from "./sim_worker.ts";

const CHUNK = 20;

export interface PoolOptions {
  readonly from: number;
  /** Infinity = until `onDone` says stop. */
  readonly count: number;
  readonly jobs: number;
  readonly task: Omit<Task, "from" | "count">;
  /** Of each chunk, once those before it are told; false = begin no other. */
  readonly onDone: (done: Done) => boolean;
}

export async function playRange({ from, count, jobs, task, onDone }: PoolOptions): Promise<void> {
  let next = from;
  const end = from + count;
  let goes = true;
  const tell = inOrder(from, (chunk) => goes = onDone(chunk) && goes);
  const thread = async () => {
    const worker = new Worker(new URL("./sim_worker.ts", import.meta.url), { type: "module" });
    try {
      while (goes && next < end) {
        const size = Math.min(CHUNK, end - next);
        const chunk = { ...task, from: next, count: size };
        next += size;
        tell(await ask(worker, chunk));
      }
    } finally {
      worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, Math.ceil(count / CHUNK)) }, thread));
}

/** Holds back what comes before its turn. */
export function inOrder(from: number, tell: (chunk: Done) => void): (chunk: Done) => void {
  const early = new Map<number, Done>();
  let next = from;
  return (done) => {
    early.set(done.task.from, done);
    for (let chunk = early.get(next); chunk !== undefined; chunk = early.get(next)) {
      early.delete(next);
      next += chunk.task.count;
      tell(chunk);
    }
  };
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
