// A thread that plays the seeds it is told and says what came of them.

import { addTally, NO_TALLY } from "./tally.ts";
import { play, type Played } from "./scenario.ts";
import type { StoreKind } from "./scenario_plan.ts";
import { loadService, PROJECT, type Service } from "./service.ts";

export interface Task {
  readonly from: number;
  readonly count: number;
  readonly store?: StoreKind;
  /** Where the service's code stands; the project unless said otherwise. */
  readonly root?: string;
}

export interface Done {
  readonly task: Task;
  readonly tally: typeof NO_TALLY;
  readonly failures: readonly Played[];
}

const services = new Map<string, Promise<Service>>();

async function work(task: Task): Promise<Done> {
  const root = task.root ?? PROJECT.href;
  if (!services.has(root)) services.set(root, loadService(new URL(root)));
  const service = await services.get(root)!;
  let tally = NO_TALLY;
  const failures: Played[] = [];
  for (let seed = task.from; seed < task.from + task.count; seed++) {
    const played = await play(service, seed, { store: task.store });
    tally = addTally(tally, played.tally);
    if (played.violation !== undefined) failures.push(played);
  }
  return { task, tally, failures };
}

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<Task>) => void) | null;
  postMessage(done: Done): void;
};
if ("WorkerGlobalScope" in globalThis) {
  // Stores are away thousands of times in a scenario, and nobody reads where that was thrown.
  Error.stackTraceLimit = 0;
  scope.onmessage = async ({ data }) => scope.postMessage(await work(data));
}
