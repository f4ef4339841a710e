// Plays seeds from the command line: prints progress, what broke with the command that replays it, and the sums.

import { parseArgs } from "node:util";
import { print } from "../../tasks/print.ts";
import {
  addChunk,
  beginProgress,
  hashCode,
  type Progress,
  readProgress,
  writeProgress,
} from "./progress_file.ts";
import { playRange } from "./pool.ts";
import { play, type Played } from "./scenario.ts";
import type { StoreKind } from "./scenario_plan.ts";
import { loadService, PROJECT } from "./service.ts";

const USAGE = `deno task sim --seed N            one scenario, with its trace
deno task sim --from N --count M  a range of seeds
deno task sim --minutes M         as many as there is time for
  --jobs J                        threads (all cores)
  --store memory|sqlite           instead of what each seed draws
  --lines L                       how much of a trace is shown (60)
  --progress FILE                 keeps there how far it came: the same command goes on from it`;

const FAILURES_SHOWN = 3;
const SEEDS_SHOWN = 100;
const PROGRESS_EVERY_MS = 5_000;
/** About so many seeds are played again at most when a run that keeps its progress was ended. */
const KEEP_EVERY = 1_000;

const { values: options } = parseArgs({
  options: {
    seed: { type: "string" },
    from: { type: "string", default: "1" },
    count: { type: "string" },
    minutes: { type: "string" },
    jobs: { type: "string", default: String(navigator.hardwareConcurrency) },
    store: { type: "string" },
    lines: { type: "string", default: "60" },
    progress: { type: "string" },
    root: { type: "string", default: PROJECT.href },
    help: { type: "boolean" },
  },
});

/** When progress was last told. */
let toldAt = -Infinity;

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
  const minutes = options.minutes === undefined ? Infinity : Number(options.minutes);
  const from = Number(options.from);
  const end = from + Number(options.count ?? (minutes === Infinity ? 1_000 : Infinity));
  const { progress: path } = options;
  const code = await hashCode();
  const done = path && await readProgress(path) || beginProgress(from, code);
  if (done.code !== code) {
    print(
      `Cannot go on with ${path} as the code has changed since: move the file away, and begin anew ` +
        `or --from ${done.next}`,
    );
    return 2;
  }
  if (done.next > from) print(`goes on at seed ${done.next}`);
  const played = await playOn(done, end, done.elapsedMs + minutes * 60_000);
  tellSums(played);
  return played.broken.length === 0 ? 0 : 1;
}

/** From where it stands to `end`, or until the time is over. */
async function playOn(begun: Progress, end: number, limitMs: number): Promise<Progress> {
  const startedAt = performance.now();
  let done = begun;
  await playRange({
    from: begun.next,
    count: end - begun.next,
    jobs: Number(options.jobs),
    task: { store: storeOf(), root: options.root },
    onDone(chunk) {
      const shown = FAILURES_SHOWN - done.broken.length;
      for (const played of chunk.failures.slice(0, Math.max(0, shown))) tell(played);
      const before = done.next;
      done = addChunk(done, chunk, begun.elapsedMs + performance.now() - startedAt);
      if (Math.floor(done.next / KEEP_EVERY) > Math.floor(before / KEEP_EVERY)) keep(done);
      if (performance.now() - toldAt > PROGRESS_EVERY_MS) {
        toldAt = performance.now();
        print(progressLine(done, end - done.from, limitMs));
      }
      return done.elapsedMs < limitMs;
    },
  });
  keep(done);
  return done;
}

function keep(progress: Progress): void {
  if (options.progress) writeProgress(options.progress, progress);
}

function tell({ seed, store, violation, lines }: Played): void {
  for (const line of lines.slice(-Number(options.lines))) print(line);
  print(`BROKEN in seed ${seed}: ${violation}`);
  print(`replay: deno task sim --seed ${seed} --store ${store}\n`);
}

function progressLine(
  { tally, broken, elapsedMs }: Progress,
  count: number,
  limitMs: number,
): string {
  const played = tally.scenarios;
  const leftMs = Math.min((count - played) * elapsedMs / played, limitMs - elapsedMs);
  const rate = Math.round(played / elapsedMs * 60_000);
  return `${played} scenarios, ${broken.length} broken, ${rate} a minute, ` +
    `${Math.max(0, Math.round(leftMs / 1_000))} s left`;
}

function tellSums({ tally, broken, elapsedMs }: Progress): void {
  const seconds = (elapsedMs / 1_000).toFixed(1);
  const rate = Math.round(tally.scenarios / elapsedMs * 60_000);
  print(`${tally.scenarios} scenarios in ${seconds} s (${rate} a minute), ${broken.length} broken`);
  print(
    `${tally.payments} payments, ${tally.executed} executed at Konsol, ${tally.doubts} ambiguous sends, ` +
      `${tally.reviews} reviews, ${tally.crashes} crashes, ${tally.faults} faults, ${tally.events} steps`,
  );
  print(`${tally.paidTwice} paid twice, ${tally.lost} lost`);
  if (broken.length > 0) {
    const shown = broken.slice(0, SEEDS_SHOWN).join(", ");
    print(
      `broken seeds (deno task sim --seed N): ${shown}${broken.length > SEEDS_SHOWN ? ", …" : ""}`,
    );
  }
}

function storeOf(): StoreKind | undefined {
  const { store } = options;
  if (store === undefined || store === "memory" || store === "sqlite") return store;
  throw new Error(`There is no such store: ${store}`);
}

Deno.exit(await main());
