// The systems that are called back: they answer late, wrongly or never, and remember what reached them.

import type { CallbackAnswer } from "../../domain/callback.ts";
import type { ReceiverFate, ReceiverPlan } from "./receiver_plan.ts";
import type { SeededRandom } from "./seeded_random.ts";
import type { Owner, VirtualTime } from "./virtual_time.ts";

/** Whoever calls back. */
export interface Sender extends Owner {
  readonly name: string;
  crash(): void;
}

export interface CallbackRequest {
  readonly url: string;
  readonly eventId: string;
  readonly body: string;
}

export interface ReceiverWitness {
  /** `takesMs`: until the connection has ended, whether or not the instance still lives then. */
  tryBegan(sender: Sender, request: CallbackRequest, takesMs: number): void;
  /** It reached the receiver; `accepted`: which said so with a 2xx, whoever heard that. */
  received(request: CallbackRequest, accepted: boolean): void;
}

export interface ReceiverParts {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly plan: ReceiverPlan;
  readonly witness: ReceiverWitness;
}

const TIMEOUT_MS = 15_000;
const LATENCY_MAX_MS = 200;
const SLOW_MAX_MS = 14_000;
const ADDRESSES = [
  "https://hooks.shop.example/konsol?key=s3cret",
  "https://hooks.bot.example/paid",
  "https://hooks.bot.example:443/also",
];
const STATUS: Readonly<Partial<Record<ReceiverFate, number>>> = {
  fine: 200,
  slow: 204,
  error: 500,
  not_found: 404,
  redirect: 302,
  busy: 503,
  gone: 410,
};

/** Instead of what is drawn; `crash`: the instance ends before the request went out, or before it is answered. */
export interface ScriptedReception {
  readonly fate?: ReceiverFate;
  readonly crash?: "before" | "after";
}

export class FaultyReceiver {
  calm = false;
  script: (() => ScriptedReception | undefined) | undefined;
  readonly #parts: ReceiverParts;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }

  /** Where a new payment wants its callbacks, if it does. */
  drawAddress(): string | undefined {
    const { random, plan } = this.#parts;
    return random.chance(plan.share) ? random.pick(ADDRESSES) : undefined;
  }

  send(caller: Sender, request: CallbackRequest): Promise<CallbackAnswer> {
    const { time, random, plan, witness } = this.#parts;
    const scripted = this.script?.();
    if (scripted?.crash === "before") {
      caller.crash();
      return new Promise(() => {});
    }
    const isFine = this.script !== undefined || (this.calm && !plan.neverMended);
    const fate = scripted?.fate ?? (isFine ? "fine" : random.weighted(plan.fates));
    const arrivesMs = random.logBetween(1, LATENCY_MAX_MS);
    const takesMs = arrivesMs + random.logBetween(1, fate === "slow" ? SLOW_MAX_MS : 50);
    const answer = answerOf(fate, takesMs, random);
    const reaches = fate !== "connect_failed" && fate !== "hangs";
    const endsMs = Math.min(answer.ms, TIMEOUT_MS);
    witness.tryBegan(caller, request, endsMs);
    const accepts = ["fine", "slow", "answer_lost"].includes(fate);
    if (scripted?.crash === "after") time.after(endsMs, () => caller.crash());
    if (reaches) time.after(arrivesMs, () => witness.received(request, accepts));
    return new Promise((resolve) => {
      time.after(endsMs, () => resolve(answer), caller);
    });
  }
}

function answerOf(fate: ReceiverFate, ms: number, random: SeededRandom): CallbackAnswer {
  if (fate === "connect_failed") return { kind: "failed", reason: "connect_failed", ms };
  if (fate === "answer_lost") return { kind: "failed", reason: "connection_lost", ms };
  const httpStatus = STATUS[fate];
  if (httpStatus === undefined) return { kind: "failed", reason: "timed_out", ms: TIMEOUT_MS };
  const retryAfterMs = fate === "busy" ? random.logBetween(1_000, 3_600_000) : undefined;
  return { kind: "answered", httpStatus, ms, retryAfterMs, start: "" };
}
