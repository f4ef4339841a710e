// Plays the chaos suites from the command line: prints progress, what broke with the command that repeats it, and the sums.

import { parseArgs } from "node:util";
import { print } from "../../tasks/print.ts";
import { cutAtEveryByte } from "./byte_offsets.ts";
import { runFullDisk } from "./full_disk.ts";
import { runKillLoop } from "./kill_loop.ts";
import { cutTheService } from "./service_cuts.ts";
import { SPEED } from "./stack.ts";
import { storm } from "./storm.ts";
import { Broken, NOTHING, sumOf, type Tally } from "./tally.ts";
import { runThreeOnMongo } from "./three_on_mongo.ts";
import { runRush, runSleeper, runTwoProcesses } from "./two_processes.ts";

const USAGE = `deno run --allow-all tests/chaos/run.ts [suite …]
  suites: kills, two_processes, mongo, cuts, storms, full_disk (all of them)
  --from N     the first seed (1)
  --kills K    how many processes to kill (60)
  --stride S   cuts of the whole service at every S-th byte (50)
  --jobs J     rounds at once (2)`;

const KILLS_A_ROUND = 12;
/** Rounds of kills to one with two services. */
const KILL_ROUNDS_TO_TWO = 5;
/** Rounds of kills to one with three services on MongoDB, which takes two cores more than half a minute. */
const KILL_ROUNDS_TO_THREE = 25;
const BLOWS_TO_TWO = 6;
const DECKS_TO_THREE = 3;
const RUSHES = 5;
/** Every so many seeds the processes see the true time, in which a lease takes a quarter of a minute. */
const TRUE_CLOCK_EVERY = 10;
const STORM_CLIENTS = 1_000;

interface Round {
  readonly name: string;
  /** The command that repeats it. */
  readonly again: string;
  /** A text says why this machine cannot try it. */
  play(): Promise<Tally | string>;
}

interface Options {
  readonly from: number;
  readonly kills: number;
  readonly stride: number;
}

const SUITES: Readonly<Record<string, (options: Options) => readonly Round[]>> = {
  kills: ({ from, kills }) =>
    seeds(from, kills / KILLS_A_ROUND).map((seed) => ({
      name: `kill loop, seed ${seed}`,
      again: `kills --from ${seed} --kills ${KILLS_A_ROUND}`,
      play: () => runKillLoop({ seed, kills: KILLS_A_ROUND, speed: speedOf(seed) }),
    })),
  two_processes: ({ from, kills }) => [
    ...seeds(from, kills / KILLS_A_ROUND / KILL_ROUNDS_TO_TWO).map((seed) => ({
      name: `two processes, seed ${seed}`,
      again: `two_processes --from ${seed} --kills 1`,
      play: () => runTwoProcesses({ seed, blows: BLOWS_TO_TWO }),
    })),
    {
      name: `a rush, seed ${from}`,
      again: `two_processes --from ${from}`,
      play: () => runRush({ seed: from, times: RUSHES }),
    },
    ...(["connect", "request"] as const).map((at) => ({
      name: `a sleeper at ${at}`,
      again: "two_processes",
      play: () => runSleeper({ at }),
    })),
  ],
  mongo: ({ from, kills }) =>
    seeds(from, kills / KILLS_A_ROUND / KILL_ROUNDS_TO_THREE).map((seed) => ({
      name: `three on MongoDB, seed ${seed}`,
      again: `mongo --from ${seed} --kills 1`,
      play: () => runThreeOnMongo({ seed, decks: DECKS_TO_THREE }),
    })),
  cuts: ({ stride }) => [
    ...[false, true].map((afterGets) => ({
      name: `cuts at every byte${afterGets ? " after reads" : ""}`,
      again: "cuts",
      play: () => cutAtEveryByte({ afterGets }),
    })),
    {
      name: "cuts of the service",
      again: `cuts --stride ${stride}`,
      play: () => cutTheService({ stride }),
    },
  ],
  storms: () =>
    (["idempotency_key", "external_id"] as const).map((handle) => ({
      name: `storm with one ${handle}`,
      again: "storms",
      play: () => storm({ clients: STORM_CLIENTS, handle }),
    })),
  full_disk: ({ from }) =>
    [false, true].map((crash) => ({
      name: `full disk${crash ? " and kill -9" : ""}`,
      again: `full_disk --from ${from}`,
      play: () => runFullDisk({ seed: from, crash }),
    })),
};

function seeds(from: number, count: number): number[] {
  return Array.from({ length: Math.ceil(count) }, (_, n) => from + n);
}

function speedOf(seed: number): number {
  return seed % TRUE_CLOCK_EVERY === 0 ? 1 : SPEED;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      from: { type: "string", default: "1" },
      kills: { type: "string", default: "60" },
      stride: { type: "string", default: "50" },
      jobs: { type: "string", default: "2" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    print(USAGE);
    return 0;
  }
  const options = {
    from: Number(values.from),
    kills: Number(values.kills),
    stride: Number(values.stride),
  };
  const chosen = positionals.length > 0 ? positionals : Object.keys(SUITES);
  const rounds = chosen.flatMap((name) => {
    const suite = SUITES[name];
    if (suite === undefined) throw new Error(`There is no such suite: ${name}\n${USAGE}`);
    return suite(options);
  });
  return await playAll(rounds, Number(values.jobs));
}

async function playAll(rounds: readonly Round[], jobs: number): Promise<number> {
  const startedAt = performance.now();
  const waiting = [...rounds];
  const tallies: Tally[] = [];
  let done = 0;
  let broken = 0;
  const playNext = async () => {
    for (let round = waiting.shift(); round !== undefined; round = waiting.shift()) {
      const played = await playOne(round);
      tallies.push(played.tally);
      if (played.broken) broken++;
      done++;
      const leftMs = (performance.now() - startedAt) / done * (rounds.length - done);
      print(
        `${done} of ${rounds.length} rounds, ${broken} broken, ${Math.round(leftMs / 1000)} s left`,
      );
    }
  };
  await Promise.all(Array.from({ length: jobs }, playNext));
  const sum = sumOf(tallies);
  print(
    `${sum.payments} payments, ${sum.ambiguousSends} ambiguous sends, ${sum.crashes} crashes, ` +
      `${sum.faults} faults, ${sum.paidTwice} paid twice, ${sum.lost} lost`,
  );
  return broken === 0 ? 0 : 1;
}

async function playOne(round: Round): Promise<{ readonly tally: Tally; readonly broken: boolean }> {
  try {
    const tally = await round.play();
    if (typeof tally !== "string") return { tally, broken: false };
    print(`not tried: ${round.name}: ${tally}`);
    return { tally: NOTHING, broken: false };
  } catch (error) {
    print(`BROKEN: ${round.name}: ${error instanceof Error ? error.message : error}`);
    print(`repeat: deno run --allow-all tests/chaos/run.ts ${round.again}\n`);
    return { tally: error instanceof Broken ? error.tally : NOTHING, broken: true };
  }
}

Deno.exit(await main());
