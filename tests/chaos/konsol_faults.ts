// Asks the sandbox for one fault after the other, drawn from a seed, until told to stop.

import type { SeededRandom } from "../simulation/seeded_random.ts";
import type { Stack } from "./stack.ts";

type Fault = readonly [fault: string, more?: Readonly<Record<string, unknown>>];

/** No 401, 403, 404 and 405: they stop all sending until a person resumes it. */
const FAULTS: readonly Fault[] = [
  ["reset", { when: "before" }],
  ["reset", { when: "after" }],
  ["error_with_effect"],
  ["error_with_effect", { status: 502 }],
  ["error_without_effect", { status: 503 }],
  ["accept_then_timeout"],
  ["timeout"],
  ["bad_body"],
  ["wrong_amount"],
  ["rate_limited", { retry_after_s: 1 }],
  ["reset", { call: "get" }],
  ["error_with_effect", { call: "get" }],
  ["error_with_effect", { call: "list" }],
  ["drop_webhooks", { times: 3 }],
  ["duplicate_webhooks", { times: 2 }],
  ["reorder_webhooks"],
  ["delay_webhooks", { ms: 300 }],
];
/** Faults after which only webhooks, or Konsol's own list, tell that it paid. */
const SILENT = ["reset", "error_with_effect", "accept_then_timeout", "bad_body"];
const SILENCE = 0.5;
/** Of the payment itself and of those that are made with it. */
const SILENT_WEBHOOKS = 8;
const EVERY_MAX_MS = 200;
const FAULTS_MAX = 1_000_000;

export interface KonsolFaults {
  /** How many have been asked for. */
  count(): number;
  stop(): Promise<void>;
}

export function startKonsolFaults(stack: Stack, random: SeededRandom): KonsolFaults {
  let stopping = false;
  let count = 0;

  async function go(): Promise<void> {
    for (let n = 0; n < FAULTS_MAX && !stopping; n++) {
      const [fault, more] = random.pick(FAULTS);
      if (SILENT.includes(fault) && random.chance(SILENCE)) {
        if (await stack.fault("drop_webhooks", { times: SILENT_WEBHOOKS })) count++;
      }
      if (await stack.fault(fault, more)) count++;
      await new Promise((resolve) => setTimeout(resolve, random.between(0, EVERY_MAX_MS)));
    }
  }

  const going = go();
  return {
    count: () => count,
    async stop() {
      stopping = true;
      await going;
    },
  };
}
