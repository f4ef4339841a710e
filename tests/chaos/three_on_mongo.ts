// Three services on one MongoDB: they are killed and frozen, and so is the database; connections are cut and delayed.

import { freePort } from "../../tasks/local_stack.ts";
import { type LocalMongo, mongoProgram, startLocalMongo } from "../../tasks/local_mongo.ts";
import { SeededRandom } from "../simulation/seeded_random.ts";
import { type DatabaseProxy, openDatabaseProxy } from "./database_proxy.ts";
import { startKonsolFaults } from "./konsol_faults.ts";
import { startLoad } from "./load.ts";
import { openStack, type Stack } from "./stack.ts";
import type { Tally } from "./tally.ts";
import { judge, mustBeRight, untilCalm } from "./verdict.ts";

const SERVICES = 3;
/** Less hurried than elsewhere: from a claim to its first byte there are 5 s on the services' clock, and in them
 * a write to a database that three services load. */
const SPEED = 3;
const QUIET_MAX_MS = 500;
const FREEZE_MIN_MS = 300;
const FREEZE_MAX_MS = 2_500;
const DELAY_MAX_MS = 120;

export interface ThreeOnMongoOptions {
  readonly seed: number;
  /** Decks of blows; every kind comes once in each. */
  readonly decks: number;
  readonly speed?: number;
}

interface Field {
  readonly stack: Stack;
  readonly random: SeededRandom;
  readonly proxies: readonly DatabaseProxy[];
  readonly database: Database;
}

/** Resolves with the text why this machine cannot try it where there is no MongoDB. */
export async function runThreeOnMongo(
  { seed, decks, speed = SPEED }: ThreeOnMongoOptions,
): Promise<Tally | string> {
  const program = mongoProgram();
  if (program === undefined) return "there is no MongoDB here: tasks/install_mongo.ts";
  const random = new SeededRandom(seed);
  await using database = await Database.start(program);
  await using proxies = new AsyncDisposableStack();
  const all: DatabaseProxy[] = [];
  for (let n = 0; n < SERVICES; n++) {
    all.push(proxies.use(await openDatabaseProxy(() => database.port)));
  }
  await using stack = await openStack({
    services: SERVICES,
    speed,
    databaseUrls: all.map(({ port }) => `mongodb://127.0.0.1:${port}/chaos?directConnection=true`),
  });
  const load = startLoad(stack, random.fork("load"), `mongo${seed}`);
  const faults = startKonsolFaults(stack, random.fork("faults"));
  const field: Field = { stack, random: random.fork("blows"), proxies: all, database };
  const struck = await strike(field, decks).finally(() =>
    Promise.all([faults.stop(), load.stop()])
  );
  await stack.clearFaults();
  const { problems, tally } = await judge(stack, load.books, await untilCalm(stack));
  const codes = await Promise.all(stack.services.map((service) => service.stop()));
  const unclean = codes.filter((code) => code !== 0).map((code) => `SIGTERM ended with ${code}`);
  const uncut = all.some(({ severed }) => severed > 0) ? [] : ["no connection was cut"];
  const wrong = [...problems, ...unclean, ...uncut];
  mustBeRight(stack, `three on MongoDB, seed ${seed}`, wrong, tally);
  return { ...tally, crashes: struck.crashes, faults: faults.count() + struck.others };
}

async function strike({ random, ...field }: Field, decks: number) {
  let crashes = 0;
  let others = 0;
  for (let deck = 0; deck < decks; deck++) {
    for (const blow of random.shuffled(Object.values(BLOWS))) {
      await wait(random.between(0, QUIET_MAX_MS));
      const killed = await blow({ ...field, random });
      crashes += killed;
      if (killed === 0) others++;
    }
  }
  return { crashes, others };
}

/** Each leaves everything running, and says how many processes it killed. */
const BLOWS: Readonly<Record<string, (field: Field) => Promise<number>>> = {
  async killService({ stack, random }) {
    const service = random.pick(stack.services);
    await service.kill();
    service.start();
    await service.untilReady();
    return 1;
  },
  async killDatabase({ database, random }) {
    await database.kill();
    await wait(random.between(0, QUIET_MAX_MS));
    await database.restart();
    return 1;
  },
  async freezeDatabase({ database, random }) {
    Deno.kill(database.pid, "SIGSTOP");
    await wait(random.between(FREEZE_MIN_MS, FREEZE_MAX_MS));
    Deno.kill(database.pid, "SIGCONT");
    return 0;
  },
  async freezeService({ stack, random }) {
    const service = random.pick(stack.services);
    service.pause();
    await wait(random.between(FREEZE_MIN_MS, FREEZE_MAX_MS));
    service.resume();
    return 0;
  },
  async cutConnections({ proxies, random }) {
    for (let times = random.between(1, 5); times > 0; times--) {
      random.pick(proxies).cut();
      await wait(random.between(0, 50));
    }
    return 0;
  },
  async delayConnections({ proxies, random }) {
    const proxy = random.pick(proxies);
    proxy.delay(random.between(1, DELAY_MAX_MS));
    await wait(random.between(FREEZE_MIN_MS, FREEZE_MAX_MS));
    proxy.delay(0);
    return 0;
  },
  async partitionService({ proxies, random }) {
    const proxy = random.pick(proxies);
    proxy.block();
    await wait(random.between(FREEZE_MIN_MS, FREEZE_MAX_MS));
    if (random.chance(0.5)) proxy.cut();
    proxy.unblock();
    return 0;
  },
};

/** The database process, on one port and one folder whatever happens to it. */
class Database {
  readonly port = Number(freePort());
  readonly #program: string;
  readonly #folder: string;
  #server: LocalMongo | undefined;

  private constructor(program: string, folder: string) {
    this.#program = program;
    this.#folder = folder;
  }

  static async start(program: string): Promise<Database> {
    const database = new Database(program, await Deno.makeTempDir({ prefix: "chaos_mongo_" }));
    await database.restart();
    return database;
  }

  get pid(): number {
    if (this.#server === undefined) throw new Error("Cannot tell the pid as the database is dead");
    return this.#server.pid;
  }

  async restart(): Promise<void> {
    this.#server = await startLocalMongo(this.#program, this.#folder, String(this.port));
  }

  async kill(): Promise<void> {
    await this.#server?.kill();
    this.#server = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
