// `deno task bench`: how fast callbacks are delivered, what a hanging receiver costs the others, and what stays in memory.

import { parseArgs } from "node:util";
import { print } from "../../tasks/print.ts";
import { runTask, UsageError } from "../../tasks/run_task.ts";
import { judge, type Measured, perSecond, quantile, RECEIVERS, type Target } from "./figures.ts";
import { playRound } from "./round.ts";

const HELP = `deno task bench [--callbacks N] [--rounds R]

Delivers callbacks that are due to ${RECEIVERS} receivers on this machine, which are a process of their own:
the real application with its workers, a real SQLite file and the real sender over HTTP, in one process.
Each round is made anew: R calm ones, R in which the first receiver takes every request and answers none,
and one with five times as many callbacks. Then it says of each target whether it was met.

  --callbacks  in a round, at least ${RECEIVERS * 10} (1000)
  --rounds     of each kind, at least 1 (3)
  --help       this text

"try" is one request with its answer, "until delivered" runs from the start, when all are due, until it is
recorded. The figures are those of the machine as it is loaded now: nothing else should run on it.
Exit codes: 0 every target was met, 1 one was not or a callback did not arrive once, 64 wrong arguments.`;

const MANY = 5;

await runTask(HELP, async () => {
  const { callbacks, rounds } = readOptions();
  print(`${navigator.hardwareConcurrency} cores, load ${load()}`);
  const calm: Measured[] = [];
  const hanging: Measured[] = [];
  for (let round = 0; round < rounds; round++) {
    calm.push(told("calm", await playRound({ callbacks })));
    hanging.push(told("one hangs", await playRound({ callbacks, firstHangs: true })));
  }
  const many = told("many", await playRound({ callbacks: MANY * callbacks }));
  print(`load ${load()}\n`);
  const targets = judge({ calm, hanging, many });
  targets.forEach(tell);
  print();
  const missed = targets.filter(({ met }) => !met).length;
  if (missed > 0) throw new Error(`Targets not met: ${missed} of ${targets.length}.`);
  print("Every target was met.");
});

function readOptions() {
  const { values } = parseArgs({
    options: {
      callbacks: { type: "string", default: "1000" },
      rounds: { type: "string", default: "3" },
    },
  });
  return {
    callbacks: readCount("--callbacks", values.callbacks, RECEIVERS * 10),
    rounds: readCount("--rounds", values.rounds, 1),
  };
}

function readCount(option: string, text: string, min: number): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count >= min) return count;
  throw new UsageError(`${option} must be a whole number from ${min}: ${text}`);
}

function told(kind: string, measured: Measured): Measured {
  const { deliveries, rssBegin, rssEnd, kept } = measured;
  const of = (field: "tryMs" | "doneMs", share: number) =>
    quantile(deliveries.map((delivery) => delivery[field]), share).toFixed(0);
  print(
    `${kind.padEnd(9)}  ${deliveries.length} delivered, ${
      perSecond(measured).toFixed(0)
    } a second` +
      `; try p50 ${of("tryMs", 0.5)} ms, p99 ${of("tryMs", 0.99)} ms` +
      `; until delivered p99 ${of("doneMs", 0.99)} ms` +
      `; RSS ${mb(rssBegin)} -> ${mb(rssEnd)} MB, kept ${mb(kept)} MB`,
  );
  return measured;
}

function tell({ promise, measured, met }: Target): void {
  print(`${met ? "met    " : "NOT MET"}  ${promise}: ${measured}`);
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function load(): string {
  return Deno.loadavg().map((value) => value.toFixed(2)).join(" ");
}
