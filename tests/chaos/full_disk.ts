// A disk that is full and then is not: nothing is acknowledged, claimed or lost meanwhile, and all goes on afterwards.

import { SeededRandom } from "../simulation/seeded_random.ts";
import { eventually } from "../support/eventually.ts";
import { Books, payOnce, payUntilAnswered } from "./client.ts";
import { drawOrder, type Order } from "./orders.ts";
import { mountSmallDisk } from "./small_disk.ts";
import { openStack, type Stack } from "./stack.ts";
import { NOTHING, type Tally } from "./tally.ts";
import { integrityProblems, judge, mustBeRight, untilCalm } from "./verdict.ts";
import type { Victim } from "./victim.ts";

const PATIENCE = { timeoutMs: 120_000, everyMs: 50 };
const ORDERS = 20;
/** Refusals in a row that show that not even the last page of the log takes a payment. */
const REFUSALS_MIN = 20;
const CLAIMS_FAILED_MIN = 3;
/** On the service's clock: long enough for the disk to be full by then. */
const HELD_BACK_S = 30;
const WEBHOOKS_OF_ONE = 3;
const SLOW_AMOUNT = 70.03;
const TRIES_MAX = 2_000;

export interface FullDiskOptions {
  readonly seed: number;
  /** kill -9 while it is full. */
  readonly crash: boolean;
}

/** A text instead of a tally says why this machine cannot try it. */
export async function runFullDisk({ seed, crash }: FullDiskOptions): Promise<Tally | string> {
  const disk = await mountSmallDisk();
  if (typeof disk === "string") return disk;
  await using mounted = disk;
  await using stack = await openStack({
    dataFolder: mounted.folder,
    env: { KONSOL_TIMEOUT: "2" },
  });
  const service = stack.services[0] as Victim;
  const books = new Books();
  const random = new SeededRandom(seed);
  const orders = (name: string) =>
    Array.from({ length: ORDERS }, (_, n) => plain(drawOrder(random, `${name}_${n}`)));
  const payAll = (all: readonly Order[]) =>
    Promise.all(all.map((order) => payUntilAnswered(stack, () => service.url, order, books)));

  await payAll(orders("before"));
  await untilCalm(stack);
  await stack.fault("drop_webhooks", { times: WEBHOOKS_OF_ONE });
  await payAll([underWay(drawOrder(random, "under_way"))]);
  await heldBack(stack, () => payAll(orders("queued")));
  await mounted.fill();
  await stack.clearFaults();
  const refused = orders("full");
  await untilNothingIsTaken(stack, service, refused, books);
  const before = await stack.konsol();
  const failed = claimsFailed(service);
  await eventually(async () => {
    const { creates_received } = await stack.konsol();
    const tried = claimsFailed(service) >= failed + CLAIMS_FAILED_MIN;
    return tried || creates_received > before.creates_received;
  }, PATIENCE);
  await untilNothingIsTaken(stack, service, refused, books);
  await mustAnswer(service, "/healthz", 200);
  await mustAnswer(service, "/readyz", 503);
  const after = await stack.konsol();
  const sent = after.creates_received - before.creates_received;

  if (crash) await service.kill();
  await mounted.free();
  if (crash) service.start();
  await service.untilReady();
  await payAll(refused);
  const payments = await untilCalm(stack);
  const { problems, tally } = await judge(stack, books, payments);
  const executed = (await stack.konsol()).creates_executed - after.creates_executed;
  const code = await service.stop();
  mustBeRight(stack, `full disk, seed ${seed}`, [
    ...problems,
    ...(sent === 0 ? [] : [`${sent} creates were sent while no claim could be stored`]),
    ...(executed > 0 ? [] : ["nothing was sent when there was room again"]),
    ...(code === 0 ? [] : [`SIGTERM ended with ${code}`]),
    ...integrityProblems(stack.databasePath),
  ], tally);
  return { ...NOTHING, ...tally, faults: 1, crashes: crash ? 1 : 0 };
}

/** Konsol makes it at once, answers too late and tells nobody: the doubt comes up when there is no room to store it. */
function underWay(order: Order): Order {
  return { ...order, amount: SLOW_AMOUNT, body: { ...order.body, amount: SLOW_AMOUNT } };
}

/** Payments that were due and could not be claimed. */
function claimsFailed({ lines }: Victim): number {
  return lines.filter((line) => line.includes('"worker_failed"') && line.includes('"submissions"'))
    .length;
}

/** Only what completes, so that the end is the same for all. */
function plain(order: Order): Order {
  return { ...order, amount: 70.5, body: { ...order.body, amount: 70.5 } };
}

/** What is ordered meanwhile is acknowledged and stays queued. */
async function heldBack(stack: Stack, order: () => Promise<unknown>): Promise<void> {
  await stack.fault("rate_limited", { times: 1_000_000, retry_after_s: HELD_BACK_S });
  await order();
}

/** Creates answer 503 with Retry-After, all of them; what is taken before the disk is quite full is kept. */
async function untilNothingIsTaken(
  stack: Stack,
  { url }: Victim,
  orders: readonly Order[],
  books: Books,
): Promise<void> {
  let refusals = 0;
  for (let n = 0; n < TRIES_MAX && refusals < REFUSALS_MIN; n++) {
    const order = orders[n % orders.length] as Order;
    const answer = await payOnce(stack, url, order);
    if (answer?.status === 503 && answer.headers.has("retry-after")) refusals++;
    else if (answer?.status === 201 || answer?.status === 202) {
      books.note(order, answer.json.id);
      refusals = 0;
    } else if (answer?.status !== 200) {
      const told = JSON.stringify(answer?.json);
      throw new Error(`With a full disk a client was told ${answer?.status}: ${told}`);
    }
  }
  if (refusals < REFUSALS_MIN) throw new Error("The service takes payments with a full disk");
}

async function mustAnswer({ url }: Victim, path: string, status: number): Promise<void> {
  await eventually(async () => {
    const response = await fetch(url + path);
    await response.body?.cancel();
    return response.status === status;
  }, PATIENCE);
}
