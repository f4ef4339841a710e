// `deno task prove`: the simulation, the planted bugs and real processes under kill -9; ends with the sums.

import { parseArgs } from "node:util";
import { type Child, startChild } from "./child.ts";
import { print } from "./print.ts";

/** How far the long proof has come. */
const PROGRESS = "data/proof_progress.json";

const USAGE = `deno task prove            four to five minutes
deno task prove --long     hours: a million scenarios, thousands of kills, every planted bug searched for;
                           ended, the same command goes on with the scenarios where it was (${PROGRESS})
  --from N                 the first seed (1); one that was ended goes on where it was
  --count M                scenarios of the simulation
  --kills K                processes to kill
With CI=true: 20,000 scenarios and 300 kills.`;

interface Plan {
  /** Scenarios, or minutes of them. */
  readonly simulation: readonly string[];
  readonly kills: number;
  /** Cuts of the whole service at every so-manyth byte. */
  readonly stride: number;
  /** Rounds of real processes at once: they wait more than they work. */
  readonly jobs: number;
  readonly searches: boolean;
  /** Of each function of a port, so many calls are made to fail, one at a time. */
  readonly faultyCalls: number;
}

const PLANS = {
  short: {
    simulation: ["--minutes", "2"],
    kills: 60,
    stride: 50,
    jobs: 2,
    searches: false,
    faultyCalls: 4,
  },
  ci: {
    simulation: ["--count", "20000"],
    kills: 300,
    stride: 10,
    jobs: 4,
    searches: false,
    faultyCalls: 1,
  },
  long: {
    simulation: ["--count", "1000000", "--progress", PROGRESS],
    kills: 3_000,
    stride: 1,
    jobs: 4,
    searches: true,
    faultyCalls: Infinity,
  },
} as const satisfies Record<string, Plan>;

const TELL_EVERY_MS = 5_000;
/** The scenarios themselves are the next part. */
const BUGS_AND_FAULTS = "--filter=/planted bug|each single fault|the scripts call/";

/** One program of the proof: its last words are what it counted. */
interface Part {
  readonly name: string;
  /** What stands after `deno`. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A guess for the time left, until the part itself knows better. */
  readonly guessedS: number;
}

interface Course {
  readonly part: Part;
  state: "waits" | "runs" | "ended";
  /** Its last line of progress. */
  progress: string;
  /** As it says itself; undefined = it says nothing, and what is left of the guess is told. */
  leftS: number | undefined;
  startedAt: number;
  testsPassed: number;
  readonly counts: Record<CountName, number>;
  code?: number;
}

/** Each as its part writes it, in whatever line. */
const COUNTS = {
  payments: /(\d+) payments\b/,
  "ambiguous sends": /(\d+) ambiguous sends\b/,
  crashes: /(\d+) crashes\b/,
  faults: /(\d+) faults\b/,
  "paid twice": /(\d+) paid twice\b/,
  lost: /(\d+) lost\b/,
  scenarios: /(\d+) scenarios\b/,
  broken: /(\d+) broken\b/,
  "tests passed": /(\d+) passed\b/,
  "tests failed": /(\d+) failed\b/,
} as const;
type CountName = keyof typeof COUNTS;
const SUMMED: readonly CountName[] = [
  "payments",
  "ambiguous sends",
  "crashes",
  "faults",
  "paid twice",
  "lost",
];
const NO_COUNTS = Object.fromEntries(Object.keys(COUNTS).map((name) => [name, 0])) as Record<
  CountName,
  number
>;
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");
const LEFT = /(\d+) s left$/;
const TEST_PASSED = / \.\.\. ok /;

/** Two courses beside each other: one computes, the other mostly waits for processes. */
function partsOf(plan: Plan, from: string): readonly (readonly Part[])[] {
  const run = ["run", "--allow-all"];
  const search = ["tests/simulation/planted/search.ts", "--counts", "100,1000,20000"];
  const { simulation, kills, stride, jobs, faultyCalls } = plan;
  return [
    [
      {
        name: "planted bugs and single faults",
        args: ["test", "--allow-all", "--no-check", "--quiet", BUGS_AND_FAULTS, "tests/simulation"],
        env: { EXHAUSTIVE_CALLS: `${faultyCalls}` },
        guessedS: 90,
      },
      {
        name: "simulation",
        args: [...run, "tasks/sim.ts", "--from", from, ...simulation],
        guessedS: 120,
      },
      ...(plan.searches
        ? [{ name: "search for planted bugs", args: [...run, ...search], guessedS: 3_600 }]
        : []),
    ],
    [{
      name: "real processes",
      args: [
        ...[...run, "tests/chaos/run.ts", "--from", from],
        ...["--kills", `${kills}`, "--stride", `${stride}`, "--jobs", `${jobs}`],
      ],
      guessedS: 120 + kills,
    }],
  ];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      long: { type: "boolean" },
      from: { type: "string", default: "1" },
      count: { type: "string" },
      kills: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    print(USAGE);
    return 0;
  }
  const kept = values.long ? ["--progress", PROGRESS] : [];
  const plan: Plan = values.long ? PLANS.long : Deno.env.get("CI") ? PLANS.ci : PLANS.short;
  const lanes = partsOf({
    ...plan,
    ...(values.count && { simulation: ["--count", values.count, ...kept] }),
    ...(values.kills && { kills: Number(values.kills) }),
  }, values.from).map((parts) => parts.map(courseOf));
  const startedAt = performance.now();
  const telling = setInterval(() => tellProgress(lanes, startedAt), TELL_EVERY_MS);
  try {
    await Promise.all(lanes.map(runLane));
  } finally {
    clearInterval(telling);
  }
  return tellEnd(lanes.flat(), startedAt, values.from);
}

function courseOf(part: Part): Course {
  const counts = { ...NO_COUNTS };
  const silent = { leftS: undefined, startedAt: 0, testsPassed: 0 };
  return { part, state: "waits", progress: "", ...silent, counts };
}

async function runLane(courses: readonly Course[]): Promise<void> {
  for (const course of courses) {
    course.state = "runs";
    course.startedAt = performance.now();
    const { name, args, env = {} } = course.part;
    const child = startChild({ name, args, env, onLine: (line) => hear(course, line) });
    course.code = await endedWith(child);
    course.state = "ended";
  }
}

/** Ctrl-C reaches the parts by themselves; they are not left behind when this task alone is told to end. */
async function endedWith(child: Child): Promise<number> {
  const stop = () => void child.stop("SIGTERM");
  Deno.addSignalListener("SIGTERM", stop);
  try {
    return await child.ended;
  } finally {
    Deno.removeSignalListener("SIGTERM", stop);
  }
}

/** Counts are taken from wherever they stand; progress is kept for the next look, all else is shown at once. */
function hear(course: Course, coloured: string): void {
  const line = coloured.replaceAll(COLOUR, "");
  for (const [name, pattern] of Object.entries(COUNTS) as [CountName, RegExp][]) {
    const count = pattern.exec(line)?.[1];
    if (count !== undefined) course.counts[name] = Number(count);
  }
  if (TEST_PASSED.test(line)) course.progress = `${++course.testsPassed} tests passed`;
  const leftS = LEFT.exec(line)?.[1];
  if (leftS === undefined) return print(`${course.part.name}: ${line}`);
  course.leftS = Number(leftS);
  course.progress = line.replace(/, \d+ s left$/, "");
}

function tellProgress(lanes: readonly (readonly Course[])[], startedAt: number): void {
  const running = lanes.flat().filter(({ state }) => state === "runs")
    .map(({ part, progress }) => `${part.name}${progress && `: ${progress}`}`);
  const laneLeftS = (lane: readonly Course[]) =>
    lane.reduce((sum, one) => sum + secondsLeft(one), 0);
  const leftS = Math.max(...lanes.map(laneLeftS));
  print(
    `${clock(performance.now() - startedAt)}  ${running.join(" | ")} | ~${clock(leftS * 1e3)} left`,
  );
}

function secondsLeft({ part, state, leftS, startedAt }: Course): number {
  if (state === "ended") return 0;
  if (state === "waits") return part.guessedS;
  return leftS ?? Math.max(0, part.guessedS - (performance.now() - startedAt) / 1e3);
}

function tellEnd(courses: readonly Course[], startedAt: number, from: string): number {
  print(`\nAfter ${clock(performance.now() - startedAt)}, from seed ${from}:`);
  for (const { part, counts, code } of courses) {
    const told = (Object.keys(COUNTS) as CountName[]).filter((name) => counts[name] > 0)
      .map((name) => `${counts[name]} ${name}`);
    print(`  ${code === 0 ? "ok    " : "BROKEN"}  ${part.name}: ${told.join(", ")}`);
  }
  const sum = (name: CountName) => courses.reduce((total, { counts }) => total + counts[name], 0);
  print(`\n${SUMMED.map((name) => `${sum(name)} ${name}`).join(", ")}`);
  const broken = courses.filter(({ code }) => code !== 0).map(({ part }) => part.name);
  const isProven = broken.length === 0 && sum("paid twice") + sum("lost") === 0;
  print(isProven ? "Proven." : `NOT PROVEN: ${broken.join(", ")}; see BROKEN and FAILED above.`);
  return isProven ? 0 : 1;
}

function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  const pad = (number: number) => String(number).padStart(2, "0");
  return `${hours > 0 ? `${hours}:${pad(minutes)}` : minutes}:${pad(seconds % 60)}`;
}

Deno.exit(await main());
