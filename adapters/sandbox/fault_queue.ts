// The faults that a test has asked for, each waiting for the calls or webhooks it is to spoil.
import { z } from "zod";

const callNames = ["create", "get", "list", "update", "cancel", "balance"] as const;
export type CallName = (typeof callNames)[number];

const callFaults = [
  "accept_then_timeout",
  "timeout",
  "error_with_effect",
  "error_without_effect",
  "status",
  "reset",
  "bad_body",
  "wrong_amount",
  "rate_limited",
] as const;
const webhookFaults = [
  "duplicate_webhooks",
  "drop_webhooks",
  "reorder_webhooks",
  "delay_webhooks",
] as const;
const stickyFaults = ["refuse_repeated_external_id"] as const;

export const faultSchema = z.strictObject({
  fault: z.enum([...callFaults, ...webhookFaults, ...stickyFaults]),
  /** Which calls it meets; webhook faults ignore it. */
  call: z.enum(callNames).default("create"),
  times: z.int().min(1).max(1_000_000).default(1),
  /** For `reset`: does the connection break before or after the effect? */
  when: z.enum(["before", "after"]).default("after"),
  /** For `status` and both `error_…` faults. */
  status: z.int().min(200).max(599).default(500),
  body: z.unknown().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** For `rate_limited`. */
  retry_after_s: z.int().min(0).default(1),
  /** For `delay_webhooks`. */
  ms: z.int().min(0).max(600_000).default(1000),
});
export type Fault = z.output<typeof faultSchema>;

export class FaultQueue {
  #waiting: { fault: Fault; left: number }[] = [];
  #refusesRepeated = false;

  add(fault: Fault): void {
    if (isOneOf(stickyFaults, fault)) this.#refusesRepeated = true;
    else this.#waiting.push({ fault, left: fault.times });
  }

  clear(): void {
    this.#waiting = [];
    this.#refusesRepeated = false;
  }

  /** Whether `refuse_repeated_external_id` is on; it stays until cleared. */
  get refusesRepeated(): boolean {
    return this.#refusesRepeated;
  }

  takeForCall(call: CallName): Fault | undefined {
    return this.#take((fault) => isOneOf(callFaults, fault) && fault.call === call);
  }

  takeForWebhook(): Fault | undefined {
    return this.#take((fault) => isOneOf(webhookFaults, fault));
  }

  #take(matches: (fault: Fault) => boolean): Fault | undefined {
    const found = this.#waiting.find(({ fault }) => matches(fault));
    if (!found) return undefined;
    found.left--;
    this.#waiting = this.#waiting.filter(({ left }) => left > 0);
    return found.fault;
  }
}

function isOneOf(names: readonly string[], { fault }: Fault): boolean {
  return names.includes(fault);
}
