// One short life as it is told: what a client and a person do, who insist until they are answered.

import type { Backup } from "./backup.ts";
import type { HttpAnswer, HttpRequest } from "./instance.ts";
import type { World } from "./world.ts";

const MINUTE = 60_000;
const SIGNED = { by: "Анна", reason: "проверено в кабинете" };
const TRIES = 12;
const TRY_EVERY_MS = 3_000;
const CARD = "4111111111111111";
const PHONE = "+79123456789";

const TO_CARD = {
  intent: { method: "card", recipient: CARD, bank: undefined },
  body: { payment_type: "card_payment", card_number: CARD },
} as const;
const TO_PHONE = {
  intent: { method: "phone", recipient: PHONE, bank: "Т-Банк" },
  body: { payment_type: "phone_payment", phone_number: PHONE, bank: "Тинькофф" },
} as const;

/** A client and a person who insist until they are answered. */
export class Story {
  readonly #world: World;
  id = "";
  #orders = 0;
  #copy: Backup | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  get ledger() {
    return this.#world.ledger;
  }

  async wait(ms: number): Promise<void> {
    await this.#world.time.sleep(ms);
  }

  async insist(request: HttpRequest): Promise<HttpAnswer | undefined> {
    for (let tries = 0; tries < TRIES; tries++) {
      const answer = await this.#world.call(request);
      this.#world.trace.add(`${request.method} ${request.path} -> ${answer?.status}`);
      if (answer !== undefined && answer.status < 500) return answer;
      await this.wait(TRY_EVERY_MS);
    }
    return undefined;
  }

  /** A create, repeated until it is answered; the first one's id is the story's. */
  async create(
    more: Readonly<Record<string, string>> = {},
    fields: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    this.#orders++;
    await this.#order(TO_CARD, more, fields);
  }

  async createByPhone(): Promise<void> {
    this.#orders++;
    await this.#order(TO_PHONE);
  }

  /** The latest create once more, in the same words. */
  async repeat(): Promise<void> {
    await this.#order(TO_CARD);
  }

  async #order(
    to: typeof TO_CARD | typeof TO_PHONE,
    more: Readonly<Record<string, string>> = {},
    fields: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const number = this.#orders;
    const handles = [`order-${number}`, `key-${number}`];
    const intent = { amountMinor: 100_010, ...to.intent, handles };
    this.#world.invariants.asked(intent);
    const answer = await this.insist({
      method: "POST",
      path: "/konsol/payments",
      headers: { "idempotency-key": handles[1]!, ...more },
      body: { amount: "1000.10", currency: "RUB", external_id: handles[0], ...to.body, ...fields },
    });
    if (answer === undefined) return;
    if (answer.status >= 300) throw new Error(`A create was answered with ${answer.status}`);
    this.#world.invariants.acknowledged(intent, answer.status, answer.json);
    if (number === 1) this.id = answer.json.id;
  }

  async copyStore(): Promise<void> {
    this.#copy = await this.#world.time.heldFor(this.#world.backUp());
  }

  /** The copy takes the place of the store; all processes start anew on it. */
  async bringCopyBack(): Promise<void> {
    if (this.#copy === undefined) throw new Error("There is no copy of the store");
    await this.#world.time.heldFor(this.#world.bringBack(this.#copy));
  }

  /** As a person does after a restore: looks what is lacking, and again until Konsol's list was read whole. */
  async resumeRestored(): Promise<void> {
    const path = "/konsol/submission";
    for (let tries = 0; tries < TRIES; tries++) {
      await this.wait(2 * MINUTE);
      const shown = await this.insist({ method: "GET", path });
      const lacking_payments = shown?.json?.restore?.lacking_payments;
      const body = { ...SIGNED, lacking_payments };
      const answer = await this.insist({ method: "POST", path: `${path}/resume`, body });
      if (answer?.status === 200) return;
    }
  }

  async ask(method: string, path = "", body?: unknown): Promise<void> {
    await this.insist({ method, path: `/konsol/payments/${this.id}${path}`, body });
  }

  async post(path: string, body: object = {}): Promise<void> {
    await this.insist({ method: "POST", path, body: { ...SIGNED, ...body } });
  }

  async decide(decision: object): Promise<void> {
    await this.insist({ method: "GET", path: "/konsol/reviews" });
    await this.post(`/konsol/payments/${this.id}/review`, { attempt: 1, ...decision });
  }
}
