// The same cuts as seen by a client of the whole service: real process, real store, webhooks, and Konsol's own books.

import { eventually } from "../support/eventually.ts";
import { Books, payUntilAnswered } from "./client.ts";
import { everyCut } from "./byte_offsets.ts";
import { type Cut, openCuttingProxy } from "./cutting_proxy.ts";
import type { Order } from "./orders.ts";
import { openStack, type Stack } from "./stack.ts";
import { NOTHING, type Tally } from "./tally.ts";
import { judge, mustBeRight, shownPayments, untilCalm } from "./verdict.ts";

/** By close and reset, of request and answer: the offset beyond the end, where nothing is cut. */
const BEYOND_MAX = 4;
const FOUND = { timeoutMs: 120_000, everyMs: 200 };

export interface ServiceCutsOptions {
  /** Every how many bytes: 1 = at each. */
  readonly stride: number;
}

/** Every payment that Konsol executed is completed in the end, and no other is. */
export async function cutTheService({ stride }: ServiceCutsOptions): Promise<Tally> {
  const next: { cut?: Cut; target?: string } = {};
  // The proxy's address is a setting of the service, the sandbox's is known only once it runs.
  await using door = await openCuttingProxy(() => next.target ?? "", () => takeCut(next));
  await using stack = await openStack({
    konsolUrl: door.url,
    env: { SUBMIT_WAIT: "10", KONSOL_TIMEOUT: "5" },
  });
  next.target = stack.sandbox.url;
  const books = new Books();
  const pay = async (name: string, cut?: Cut) => {
    next.cut = cut;
    await payUntilAnswered(stack, () => stack.services[0]?.url ?? "", orderOf(name), books);
  };
  await pay("whole");
  const { request = 0, response = 0 } = door.creates[0] ?? {};
  const cuts = everyCut(request, response).filter(({ after }) => after % stride === 0);
  for (const [n, cut] of cuts.entries()) {
    await pay(`cut_${n}`, cut);
    // A whole one between two cuts: doubts in a row would make the service stop sending.
    await pay(`uncut_${n}`);
  }
  await eventually(() => mustAgree(stack), FOUND);
  const { problems, tally } = await judge(stack, books, await untilCalm(stack));
  const uncut = door.severed < cuts.length - BEYOND_MAX
    ? [`${door.severed} of ${cuts.length} were cut`]
    : [];
  mustBeRight(stack, "cuts of the service", [...problems, ...uncut], tally);
  return { ...NOTHING, ...tally, faults: door.severed };
}

function takeCut(next: { cut?: Cut }): Cut | undefined {
  const { cut } = next;
  next.cut = undefined;
  return cut;
}

function orderOf(name: string): Order {
  const card = "2202200000000065";
  return {
    name,
    amount: 100.5,
    externalId: name,
    body: {
      amount: 100.5,
      currency: "RUB",
      payment_type: "card_payment",
      card_number: card,
      external_id: name,
    },
    headers: {},
    recipient: { card_number: "220220******0065" },
  };
}

/** No webhook is lost here, so whatever Konsol executed gets known. */
async function mustAgree(stack: Stack): Promise<void> {
  const payments = await shownPayments(stack);
  const { executed } = await stack.konsol();
  const paid = new Set(executed.map(({ payment_id }) => payment_id));
  const wrong = payments.filter(({ id, status }) => (status === "completed") !== paid.has(id))
    .map(({ id, status }) => `${id} is ${status}, executed: ${paid.has(id)}`);
  if (wrong.length > 0) throw new Error(`${wrong.length} wrong\n${wrong.slice(0, 20).join("\n")}`);
}
