// Compares what clients were told, what the service shows and what Konsol did; shares nothing with the service.

import { DatabaseSync } from "node:sqlite";
import { eventually } from "../support/eventually.ts";
import type { Books } from "./client.ts";
import type { Order } from "./orders.ts";
import { type Executed, type Json, readJson, type Stack } from "./stack.ts";
import { Broken, NOTHING, type Tally } from "./tally.ts";

const ENDS = ["completed", "failed", "cancelled"];
const IN_DOUBT = "awaiting_confirmation";
const WAITS = [IN_DOUBT, "under_review", "provider_disagrees"];
/** What must be the same at Konsol as here, and where it is not there, there, too. */
const PAID = ["amount", "currency", "card_number", "phone_number", "bank"];
const CALM = { timeoutMs: 180_000, everyMs: 250 };
const EVENTS_AT_ONCE = 16;
const PROBLEMS_SHOWN = 40;
const PAGES_MAX = 10_000;

export interface Verdict {
  readonly problems: readonly string[];
  readonly tally: Pick<Tally, "payments" | "ambiguousSends" | "paidTwice" | "lost">;
}

/**
 * Waits until every payment has ended or waits for a person, and then gives them all. In doubt may stay only
 * what Konsol never executed.
 */
export async function untilCalm(stack: Stack): Promise<readonly Json[]> {
  return await eventually(async () => {
    const payments = await shownPayments(stack);
    const konsol = Map.groupBy(await stack.konsolPayments(), ({ metadata }) => metadata.payment_id);
    const restless = payments.filter((payment) => {
      const theirs = konsol.get(payment.id)?.[0];
      const doubted = theirs !== undefined && payment.detail === IN_DOUBT;
      return doubted || !isAtRest(payment, theirs);
    });
    if (restless.length > 0) {
      throw new Error(`${restless.length} payments do not come to rest: ${show(restless[0])}`);
    }
    return payments;
  }, CALM);
}

/** Konsol may say `processing` for ever, and then so do we. */
function isAtRest(payment: Json, theirs: Json): boolean {
  if (ENDS.includes(payment.status) || WAITS.includes(payment.detail)) return true;
  const stays = theirs !== undefined && Math.round(theirs.amount * 100) % 100 === 2;
  return stays && payment.status === "processing" && theirs.status === "processing";
}

/** Nothing may be under way any more. */
export async function judge(
  stack: Stack,
  books: Books,
  payments: readonly Json[],
): Promise<Verdict> {
  const { executed } = await stack.konsol();
  const konsol = byId(await stack.konsolPayments());
  const twice = timesExecuted(executed).filter(([, times]) => times > 1);
  const lost = lostOrders(books, byId(payments));
  const problems = [
    ...twice.map(([id, times]) => `paid ${times} times: ${id}`),
    ...lost,
    ...books.complaints.map((complaint) => `a client was told: ${complaint}`),
    ...onePaymentAHandle(books, payments),
    ...nobodys(executed, payments),
    ...payments.flatMap((payment) => lies(payment, executed, konsol)),
    ...stack.surprises(),
  ];
  return {
    problems,
    tally: {
      payments: payments.length,
      ambiguousSends: await countDoubts(stack, payments),
      paidTwice: twice.length,
      lost: lost.length,
    },
  };
}

/** Throws with all that is wrong, and with what the processes said last. */
export function mustBeRight(
  stack: Stack,
  what: string,
  problems: readonly string[],
  tally: Verdict["tally"],
): void {
  if (problems.length === 0) return;
  const said = [stack.sandbox, ...stack.services].map((victim) => victim.tail()).join("");
  const wrong = problems.slice(0, PROBLEMS_SHOWN).join("\n");
  throw new Broken(`${what}: ${problems.length} wrong\n${wrong}${said}`, { ...NOTHING, ...tally });
}

/** For a file that no process has open. */
export function integrityProblems(databasePath: string): string[] {
  const database = new DatabaseSync(databasePath);
  try {
    const rows = database.prepare("PRAGMA integrity_check").all();
    const said = rows.map((row) => String(row.integrity_check)).filter((text) => text !== "ok");
    return said.map((text) => `integrity_check: ${text}`);
  } finally {
    database.close();
  }
}

export async function shownPayments(stack: Stack): Promise<Json[]> {
  const { url } = stack.services.find((service) => service.isRunning) ?? { url: "" };
  const all: Json[] = [];
  let cursor = "";
  for (let page = 0; page < PAGES_MAX; page++) {
    const query = `per_page=100${cursor && `&cursor=${cursor}`}`;
    const shown = await readJson(`${url}/konsol/payments?${query}`, { headers: stack.headers });
    all.push(...shown.items);
    if (shown.next_cursor === undefined) return all;
    cursor = encodeURIComponent(shown.next_cursor);
  }
  throw new Error(`Cannot read more than ${PAGES_MAX} pages of payments`);
}

/** Executed creates of each payment, by the reference that Konsol kept. */
function timesExecuted(executed: readonly Executed[]): (readonly [id: string, times: number])[] {
  const groups = Map.groupBy(executed, ({ payment_id }) => payment_id ?? "nobody");
  return [...groups].map(([id, group]) => [id, group.length] as const);
}

/** Acknowledged, and now gone or another's. */
function lostOrders(books: Books, payments: ReadonlyMap<string, Json>): string[] {
  return [...books.acknowledged].flatMap(([order, ids]) =>
    [...ids].flatMap((id) => {
      const payment = payments.get(id);
      if (payment === undefined) return [`lost: ${order.name} was acknowledged as ${id}`];
      const differing = differences(order, payment);
      return differing.length > 0 ? [`${id} of ${order.name} has another ${differing.join()}`] : [];
    })
  );
}

function differences(order: Order, payment: Json): string[] {
  const { amount, externalId, body: { currency }, recipient } = order;
  const wanted = { amount, currency, external_id: externalId, ...recipient };
  return Object.entries(wanted).filter(([name, value]) => payment[name] !== value)
    .map(([name]) => name);
}

function onePaymentAHandle({ acknowledged }: Books, payments: readonly Json[]): string[] {
  const several = [...acknowledged].filter(([, ids]) => ids.size !== 1)
    .map(([order, ids]) => `one handle, ${ids.size} payments: ${order.name} ${[...ids].join()}`);
  if (payments.length === acknowledged.size) return several;
  return [...several, `${acknowledged.size} orders made ${payments.length} payments`];
}

function nobodys(executed: readonly Executed[], payments: readonly Json[]): string[] {
  const ours = byId(payments);
  return executed.filter(({ payment_id }) => !ours.has(payment_id ?? ""))
    .map((paid) => `Konsol paid nobody's payment: ${show(paid)}`);
}

function lies(
  payment: Json,
  executed: readonly Executed[],
  konsol: ReadonlyMap<string, Json>,
): string[] {
  const paid = executed.filter(({ payment_id }) => payment_id === payment.id)
    .map(({ id }) => konsol.get(id));
  const wrong = paid.filter((theirs) => PAID.some((name) => theirs[name] !== payment[name])).map(
    (theirs) => `Konsol pays something else: ${show(payment)}, ${show(theirs)}`,
  );
  const theirs = paid.map(({ status }) => status).join();
  const untrue = payment.status === "completed"
    ? theirs !== "completed"
    : ENDS.includes(payment.status) && !["", payment.status].includes(theirs);
  return untrue
    ? [...wrong, `shown ${payment.status}, Konsol says "${theirs}": ${payment.id}`]
    : wrong;
}

async function countDoubts(stack: Stack, payments: readonly Json[]): Promise<number> {
  const { url } = stack.services.find((service) => service.isRunning) ?? { url: "" };
  const queue = [...payments];
  let doubts = 0;
  const count = async () => {
    for (let payment = queue.pop(); payment !== undefined; payment = queue.pop()) {
      const path = `${url}/konsol/payments/${payment.id}/events`;
      const { items } = await readJson(path, { headers: stack.headers });
      doubts += items.filter(({ move }: Json) => move === "T7").length;
    }
  };
  await Promise.all(Array.from({ length: EVENTS_AT_ONCE }, count));
  return doubts;
}

function byId(items: readonly Json[]): Map<string, Json> {
  return new Map(items.map((item) => [item.id, item]));
}

function show(value: unknown): string {
  return JSON.stringify(value);
}
