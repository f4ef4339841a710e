// The work that no request does: sends what is queued, follows what is with Konsol, works webhooks off, calls back.

import type { Payment } from "../domain/payment.ts";
import type { Webhook } from "../domain/webhook.ts";
import { FOLLOWED } from "./follow_payment.ts";
import type { InFlight } from "./in_flight.ts";
import type { Ports } from "./ports.ts";

/** How often the store is asked for due work; what arrives by request is taken up without waiting for it. */
const TICK_MS = 500;
/** A loop that has not come round for this long is reported as not running. */
const STALLED_MS = 30_000;

export interface Workers {
  start(): void;
  /** Claims nothing more; resolves when everything under way has ended. */
  stop(): Promise<void>;
  /** undefined while all is well. */
  reasonNotRunning(): string | undefined;
}

/** What is done with each kind of due work; each bounds and joins its own by id. */
export interface WorkSteps {
  readonly submissions: InFlight;
  readonly followings: InFlight;
  readonly inbox: InFlight;
  submit(payment: Payment): Promise<unknown>;
  follow(payment: Payment): Promise<unknown>;
  process(webhook: Webhook): Promise<unknown>;
  /** Begins the callbacks that are due; waits for none of them. */
  deliver(): void;
}

export function createWorkers(
  ports: Pick<Ports, "clock" | "payments" | "webhooks" | "log">,
  steps: WorkSteps,
): Workers {
  const stopping = new AbortController();
  let loop: Promise<void> | undefined;
  let lastRound = -Infinity;
  let failure: string | undefined;

  async function round(): Promise<void> {
    steps.deliver();
    const now = ports.clock.now();
    const { submissions, followings, inbox } = steps;
    const queued = await dueOf(submissions, (limit) => ports.payments.due(["queued"], now, limit));
    queued.forEach((payment) => void steps.submit(payment));
    const followed = await dueOf(followings, (limit) => ports.payments.due(FOLLOWED, now, limit));
    followed.forEach((payment) => void steps.follow(payment));
    const webhooks = await dueOf(inbox, (limit) => ports.webhooks.due(now, limit));
    webhooks.forEach((webhook) => void steps.process(webhook));
  }

  async function rounds(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await round();
        failure = undefined;
        lastRound = ports.clock.monotonic();
      } catch (error) {
        if (failure === undefined) ports.log.error("worker_failed", { worker: "rounds", error });
        failure = error instanceof Error ? error.message : String(error);
      }
      await ports.clock.sleep(TICK_MS, stopping.signal);
    }
  }

  function reasonNotRunning(): string | undefined {
    if (stopping.signal.aborted) return "stopping";
    if (loop === undefined) return "not started";
    if (failure !== undefined) return `due work cannot be read: ${failure}`;
    return ports.clock.monotonic() - lastRound > STALLED_MS ? "stalled" : undefined;
  }

  return {
    start() {
      lastRound = ports.clock.monotonic();
      loop ??= rounds();
    },
    async stop() {
      stopping.abort();
      const { submissions, followings, inbox } = steps;
      await Promise.all([loop, submissions.stop(), followings.stop(), inbox.stop()]);
    },
    reasonNotRunning,
  };
}

/** Due work that is not under way already, as much as there are places for. */
async function dueOf<Item extends { readonly id: string }>(
  inFlight: InFlight,
  due: (limit: number) => Promise<readonly Item[]>,
): Promise<readonly Item[]> {
  const free = inFlight.free();
  if (free <= 0) return [];
  const items = await due(free + inFlight.taken());
  return items.filter((item) => !inFlight.isTaken(item.id)).slice(0, free);
}
