// Cuts a create at every byte of its request and of its answer, and compares what the gateway says with what Konsol did.

import type { Payment } from "../../domain/payment.ts";
import type { CreateOutcome } from "../../domain/provider_payment.ts";
import { createSandbox } from "../../adapters/sandbox/create_sandbox.ts";
import {
  CARD,
  CARD_NUMBER,
  claimedPayment,
  clock,
  gatewayTo,
  OPEN_WINDOW,
  TOKEN,
} from "../adapters/konsol/rig.ts";
import { type Cut, openCuttingProxy, type Passed } from "./cutting_proxy.ts";
import { type Konsol, readJson } from "./stack.ts";
import { Broken, NOTHING, type Tally } from "./tally.ts";

/** At once, each with a proxy and a gateway of its own. */
const LANES = 8;
const EARLIER_GETS = 2;
const PROBLEMS_SHOWN = 20;
const HOWS = ["close", "reset"] as const;

export interface ByteOffsetsOptions {
  /** Reads that the same gateway keeps a connection of, before each create. */
  readonly afterGets: boolean;
}

interface Sent {
  readonly payment: Payment;
  readonly outcome: CreateOutcome;
  readonly cut?: Cut;
  readonly passed: Passed;
}

/** Throws when the gateway denied what Konsol did, Konsol did anything twice, or a cut did not take place. */
export async function cutAtEveryByte({ afterGets }: ByteOffsetsOptions): Promise<Tally> {
  const numbers = counter();
  await using sandbox = await createSandbox({ token: TOKEN, stepMs: 600_000 });
  const whole = await sendThrough(sandbox.url, [undefined], afterGets, numbers);
  if (whole.sent[0]?.outcome.kind !== "accepted") throw new Error("Cannot cut as nothing works");
  const cuts = everyCut(whole.request, whole.response);
  const lanes = Array.from(
    { length: LANES },
    (_, lane) => cuts.filter((_, n) => n % LANES === lane),
  );
  const all = await Promise.all(
    lanes.map((lane) => sendThrough(sandbox.url, lane, afterGets, numbers)),
  );
  const sent = all.flatMap((lane) => lane.sent);
  const konsol: Konsol = await readJson(`${sandbox.url}/sandbox/state`);
  const problems = [
    ...sent.flatMap((one) => problemsOf(one, konsol)),
    ...sent.flatMap((one) => uncut(one, whole)),
    ...(sent.length === cuts.length ? [] : [`${cuts.length} cuts, ${sent.length} creates`]),
    ...all.flatMap(({ reused }) => reused > 0 ? [`${reused} creates on a used connection`] : []),
  ];
  const tally = {
    ...NOTHING,
    payments: sent.length,
    ambiguousSends: sent.filter(({ outcome }) => outcome.kind === "unknown").length,
    faults: sent.filter(({ cut }) => isInside(cut, whole)).length,
    paidTwice: sent.filter((one) => timesExecuted(one, konsol) > 1).length,
  };
  if (problems.length === 0) return tally;
  const wrong = problems.slice(0, PROBLEMS_SHOWN).join("\n");
  throw new Broken(`${problems.length} wrong\n${wrong}`, tally);
}

/** One beyond the end too, where nothing is cut. */
export function everyCut(requestBytes: number, responseBytes: number): Cut[] {
  const offsets = (side: Cut["side"], length: number) =>
    Array.from({ length: length + 2 }, (_, after) => HOWS.map((how) => ({ side, after, how })));
  return [...offsets("request", requestBytes), ...offsets("response", responseBytes)].flat();
}

async function sendThrough(
  sandboxUrl: string,
  cuts: readonly (Cut | undefined)[],
  afterGets: boolean,
  numbers: () => number,
) {
  let cut: Cut | undefined;
  await using proxy = await openCuttingProxy(() => sandboxUrl, () => cut);
  using rig = gatewayTo(proxy.url, { timeoutMs: 30_000 });
  const sent: Sent[] = [];
  for (cut of cuts) {
    for (let n = 0; afterGets && n < EARLIER_GETS; n++) await rig.gateway.getBalance();
    const id = `pay_${String(numbers()).padStart(6, "0")}`;
    const payment = claimedPayment({ id, recipient: CARD, createdAt: clock.now() });
    const request = { payment, cardNumber: CARD_NUMBER };
    const outcome = await rig.gateway.createPayment(request, OPEN_WINDOW);
    const passed = proxy.creates.at(-1) ?? { request: NaN, response: NaN };
    sent.push({ payment, cut, outcome, passed });
  }
  const { request = 0, response = 0 } = proxy.creates[0] ?? {};
  return { sent, request, response, reused: proxy.reused };
}

function timesExecuted({ payment }: Sent, { executed }: Konsol): number {
  return executed.filter(({ payment_id }) => payment_id === payment.id).length;
}

function problemsOf(sent: Sent, konsol: Konsol): string[] {
  const { outcome, cut } = sent;
  const times = timesExecuted(sent, konsol);
  const at = `${cut?.side} byte ${cut?.after}, ${cut?.how}: ${outcome.kind}, executed ${times}`;
  const denied = times > 0 && (outcome.kind === "refused" || outcome.kind === "not_executed");
  const invented = outcome.kind === "accepted" && times === 0;
  const missed = cut?.side === "response" && times === 0;
  return times > 1 || denied || invented || missed ? [at] : [];
}

/** The last offset of each side lies beyond its end. */
function isInside(cut: Cut | undefined, whole: Passed): boolean {
  return cut !== undefined && cut.after <= whole[cut.side];
}

/** A proxy that cuts nothing would prove nothing: so many bytes have passed, and no answer that was not whole. */
function uncut({ cut, passed, outcome }: Sent, whole: Passed): string[] {
  if (cut === undefined) return [];
  const { side, after } = cut;
  const at = `${side} byte ${after}, ${cut.how}: ${outcome.kind}, passed ${passed[side]}`;
  if (!isInside(cut, whole)) {
    return outcome.kind === "accepted" ? [] : [`cut beyond the end: ${at}`];
  }
  const isAnswered = side === "response" && after === whole.response;
  const isUnknown = outcome.kind === "unknown";
  return passed[side] === after && (isUnknown || isAnswered) ? [] : [`not cut: ${at}`];
}

function counter(): () => number {
  let count = 0;
  return () => ++count;
}
