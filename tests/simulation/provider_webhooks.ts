// Konsol's webhooks: five tries a second apart, and on the way lost, repeated, late, or never Konsol's at all.

import type { KonsolPayment, ProviderLedger } from "./provider_ledger.ts";
import type { ProviderPlan } from "./provider_plan.ts";
import type { SeededRandom } from "./seeded_random.ts";
import type { VirtualTime } from "./virtual_time.ts";

const TRIES = 5;
const TRY_EVERY_MS = 1_000;

export interface WebhookParts {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly plan: ProviderPlan;
  readonly ledger: ProviderLedger;
  /** The status of the answer; undefined when there was none. */
  readonly post: (body: string) => Promise<number | undefined>;
  /** One that was posted at that time was answered with a 2xx. */
  readonly taken: (konsolId: string, postedAt: number) => void;
}

export class ProviderWebhooks {
  readonly #parts: WebhookParts;
  calm = false;
  /** None ever arrives. */
  isDeaf = false;

  constructor(parts: WebhookParts) {
    this.#parts = parts;
  }

  /** Tells of a change that just happened. */
  tell(payment: KonsolPayment): void {
    if (payment.callbackUrl === undefined || this.isDeaf) return;
    const { time, random, plan, ledger } = this.#parts;
    const { status } = payment.facts;
    const event = payment.past.length === 1
      ? "payment.created"
      : ["completed", "failed", "cancelled"].includes(status)
      ? `payment.${status}`
      : "payment.updated";
    const data = ledger.view(payment);
    const body = JSON.stringify({ event, data, timestamp: new Date(time.now).toISOString() });
    if (!this.calm && random.chance(plan.webhooks.drop)) return;
    const copies = !this.calm && random.chance(plan.webhooks.repeat) ? random.between(2, 4) : 1;
    for (let copy = 0; copy < copies; copy++) this.#deliver(payment.id, body, this.#delay());
  }

  /** From now on somebody forges one now and then. */
  startForging(): void {
    const { time, random, plan } = this.#parts;
    const { forgeEveryMs } = plan.webhooks;
    if (forgeEveryMs === 0) return;
    time.after(random.logBetween(1_000, 2 * forgeEveryMs), () => {
      if (this.calm) return;
      void this.#parts.post(this.#forged());
      this.startForging();
    });
  }

  #deliver(konsolId: string, body: string, afterMs: number, triesLeft = TRIES): void {
    const { time, post, taken } = this.#parts;
    time.after(afterMs, async () => {
      const postedAt = time.now;
      const status = await post(body);
      if (status !== undefined && status >= 200 && status < 300) taken(konsolId, postedAt);
      else if (triesLeft > 1) this.#deliver(konsolId, body, TRY_EVERY_MS, triesLeft - 1);
    });
  }

  #delay(): number {
    const { random, plan } = this.#parts;
    return random.logBetween(1, this.calm ? 100 : plan.webhooks.delayMaxMs);
  }

  #forged(): string {
    const { random, ledger, time } = this.#parts;
    const timestamp = new Date(time.now).toISOString();
    const known = [...ledger.payments.values()];
    const status = random.pick(["completed", "failed", "cancelled", "processing"]);
    const event = `payment.${status}`;
    const payment = known.length > 0 ? random.pick(known) : undefined;
    const data = { ...(payment && ledger.view(payment)), status };
    switch (random.between(0, 4)) {
      case 0:
        return "{not json";
      case 1:
        return JSON.stringify({
          event,
          data: { id: `unknown_${random.between(1, 5)}` },
          timestamp,
        });
      case 2:
        return JSON.stringify({ event, data: { id: "../balance", status }, timestamp });
      default:
        return JSON.stringify({ event, data: { id: "unknown_0", ...data }, timestamp });
    }
  }
}
