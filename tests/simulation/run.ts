// Plays seeds from the command line: prints progress, what broke with the command that replays it, and the sums.

import { parseArgs } from "node:util";
import { print } from "../../tasks/print.ts";
import { playRange } from "./pool.ts";
import { play, type Played } from "./scenario.ts";
import type { StoreKind } from "./scenario_plan.ts";
import { loadService, PROJECT } from "./service.ts";
import { addTally, NO_TALLY } from "./tally.ts";

const USAGE = `deno task sim --seed N            one scenario, with its trace
deno task sim --from N --count M  a range of seeds
deno task sim --minutes M         as many as there is time for
  --jobs J                        threads (all cores)
  --store memory|sqlite           instead of what each seed draws
  --lines L                       how much of a trace is shown (60)`;

const FAILURES_SHOWN = 3;
const PROGRESS_EVERY_MS = 5_000;

const { values: options } = parseArgs({
  options: {
    seed: { type: "string" },
    from: { type: "string", default: "1" },
    count: { type: "string" },
    minutes: { type: "string" },
    jobs: { type: "string", default: String(navigator.hardwareConcurrency) },
    store: { type: "string" },
    lines: { type: "string", default: "60" },
    root: { type: "string", default: PROJECT.href },
    help: { type: "boolean" },
  },
});

async function main(): Promise<number> {
  if (options.help) {
    print(USAGE);
    return 0;
  }
  return options.seed === undefined ? await playMany() : await playOne(Number(options.seed));
}

async function playOne(seed: number): Promise<number> {
  const service = await loadService(new URL(options.root));
  const played = await play(service, seed, { store: storeOf(), lines: Number(options.lines) });
  for (const line of played.lines) print(line);
  print(`seed ${seed} on ${played.store}: trace ${played.hash}`);
  print(played.violation === undefined ? "all rules held" : `BROKEN: ${played.violation}`);
  return played.violation === undefined ? 0 : 1;
}

async function playMany(): Promise<number> {
  const from = Number(options.from);
  const minutes = options.minutes === undefined ? Infinity : Number(options.minutes);
  const count = Number(options.count ?? (minutes === Infinity ? 1_000 : Infinity));
  const startedAt = performance.now();
  const elapsedMs = () => performance.now() - startedAt;
  let tally = NO_TALLY;
  let failures = 0;
  let toldAt = 0;
  await playRange({
    from,
    count,
    jobs: Number(options.jobs),
    task: { store: storeOf(), root: options.root },
    onDone(done) {
      tally = addTally(tally, done.tally);
      for (const played of done.failures) if (++failures <= FAILURES_SHOWN) tell(played);
      if (elapsedMs() - toldAt > PROGRESS_EVERY_MS) {
        toldAt = elapsedMs();
        print(progress(tally.scenarios, count, elapsedMs(), minutes * 60_000, failures));
      }
      return elapsedMs() < minutes * 60_000;
    },
  });
  tellSums(tally, failures, elapsedMs());
  return failures === 0 ? 0 : 1;
}

function tell({ seed, store, violation, lines }: Played): void {
  for (const line of lines.slice(-Number(options.lines))) print(line);
  print(`BROKEN in seed ${seed}: ${violation}`);
  print(`replay: deno task sim --seed ${seed} --store ${store}\n`);
}

function progress(
  played: number,
  count: number,
  elapsedMs: number,
  limitMs: number,
  failures: number,
): string {
  const leftMs = Math.min((count - played) * elapsedMs / played, limitMs - elapsedMs);
  const rate = Math.round(played / elapsedMs * 60_000);
  return `${played} scenarios, ${failures} broken, ${rate} a minute, ` +
    `${Math.max(0, Math.round(leftMs / 1_000))} s left`;
}

function tellSums(tally: typeof NO_TALLY, failures: number, elapsedMs: number): void {
  const seconds = (elapsedMs / 1_000).toFixed(1);
  const rate = Math.round(tally.scenarios / elapsedMs * 60_000);
  print(`${tally.scenarios} scenarios in ${seconds} s (${rate} a minute), ${failures} broken`);
  print(
    `${tally.payments} payments, ${tally.executed} executed at Konsol, ${tally.doubts} ambiguous sends, ` +
      `${tally.reviews} reviews, ${tally.crashes} crashes, ${tally.faults} faults, ${tally.events} steps`,
  );
}

function storeOf(): StoreKind | undefined {
  const { store } = options;
  if (store === undefined || store === "memory" || store === "sqlite") return store;
  throw new Error(`There is no such store: ${store}`);
}

Deno.exit(await main());
