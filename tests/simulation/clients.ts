// The systems that ask for payments: they create, repeat, look, update and cancel at random, with handles.

import type { HttpAnswer } from "./instance.ts";
import type { Intent } from "./intent.ts";
import type { Money } from "./provider_ledger.ts";
import { rankOf } from "./record_rules.ts";
import type { SeededRandom } from "./seeded_random.ts";
import type { World } from "./world.ts";

interface Seen {
  readonly status: string;
  readonly restores: number;
}

const UNSEEN: Seen = { status: "pending", restores: 0 };

/** One wish of a client's, by whichever handles it has. */
interface Order {
  readonly intent: Intent;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  id?: string;
  /** The furthest status that an answer showed since the store was last brought back. */
  seen: Seen;
  /** Another wish was sent under its handles: one of the two must be refused. */
  hasRival?: true;
  /** It comes with a key once, which then comes with another external_id: that must be no second payment. */
  readonly mixesHandles: boolean;
  readonly index: number;
}

const CARDS = ["2200120000003459", "4111111111111111", "5555555555554444", "2202200000000008"];
const PHONES = ["+79123456789", "+79031112233", "+79990001122"];
/** As clients write them, and as Konsol is to be told. */
const BANKS = [
  { named: "Сбербанк", told: "Сбербанк" },
  { named: "Тинькофф", told: "Т-Банк" },
  { named: "100000000005", told: "ВТБ" },
];
const AMOUNTS = [
  "1000.10",
  "0.29",
  "1.15",
  "4.35",
  "1000",
  "8.2",
  "0.01",
  "1.1",
  "999999.99",
  "0.57",
];
/** Of what a client does to its payment, so much comes long after: even when faults have stopped. */
const LATER_SHARE = 0.2;
const CREATE_TRIES = 8;
const MIXES_SHARE = 0.04;
const HASTE_MAX_MS = 10_000;

export class Clients {
  readonly #world: World;
  readonly #random: SeededRandom;
  /** What few lives have is drawn apart: the others stay as they are. */
  readonly #rare: SeededRandom;
  readonly orders: Order[] = [];

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random.fork("clients");
    this.#rare = world.random.fork("rare clients");
  }

  /** Everyone begins somewhere in the first part of `withinMs`. */
  start(withinMs: number): void {
    const { orders, claims, bursts, areSteady } = this.#world.plan.clients;
    const isBurst = this.#random.chance(bursts);
    const all = orders + claims;
    const spreadMs = isBurst ? 1_000 : withinMs * 0.7;
    for (let index = 0; index < all; index++) {
      const order = index < orders ? this.#drawOrder(index) : this.#drawClaim(index);
      this.orders.push(order);
      const drawn = this.#random.between(0, spreadMs);
      const startsAt = areSteady && !isBurst ? (index * withinMs + drawn) / all : drawn;
      this.#world.time.after(startsAt, () => void this.#live(order, withinMs));
    }
  }

  /** What each asks once more at the end: it must find what it found before. */
  async repeatAll(): Promise<void> {
    await Promise.all(this.orders.map((order) => this.#create(order)));
  }

  async #live(order: Order, withinMs: number): Promise<void> {
    const random = this.#random;
    const { concurrent, hasty } = this.#world.plan.clients;
    if (random.chance(concurrent)) void this.#create(order);
    for (let tries = 0; order.id === undefined && tries < CREATE_TRIES; tries++) {
      const answer = await this.#create(order);
      if (answer !== undefined && answer.status < 500) break;
      await this.#world.time.sleep(random.logBetween(500, 60_000));
    }
    const acts = random.between(0, 6);
    const isHasty = random.chance(hasty);
    for (let act = 0; act < acts; act++) {
      const isLater = random.chance(LATER_SHARE);
      const soonMs = isHasty ? HASTE_MAX_MS : withinMs / 3;
      await this.#world.time.sleep(
        isLater ? random.between(0, 2 * withinMs) : random.logBetween(10, soonMs),
      );
      await this.#act(order);
    }
  }

  async #act(order: Order): Promise<void> {
    const random = this.#random;
    const { cancels, updates, repeats, conflicts, looks } = this.#world.plan.clients;
    if (random.chance(repeats)) await this.#create(order);
    if (random.chance(conflicts)) await this.#create(this.#conflicting(order));
    if (order.id === undefined) return;
    if (order.mixesHandles && !order.hasRival && !this.#wasRestored) await this.#mixHandles(order);
    const path = `/konsol/payments/${order.id}`;
    if (random.chance(looks)) {
      const query = random.pick(["", "?refresh=true", "/events"]);
      await this.#ask(order, "GET", path + query);
    }
    if (random.chance(updates)) await this.#ask(order, "PUT", path, this.#drawUpdate());
    if (random.chance(cancels)) await this.#ask(order, "DELETE", path);
  }

  async #create(order: Order): Promise<HttpAnswer | undefined> {
    const { invariants } = this.#world;
    invariants.asked(order.intent);
    const prefer: Record<string, string> = this.#random.chance(0.2)
      ? { prefer: "respond-async" }
      : {};
    const seenBefore = this.#seenBy(order);
    const answer = await this.#send("POST", order.path, order.body, {
      ...order.headers,
      ...prefer,
    });
    if (answer !== undefined && answer.status >= 400 && answer.status < 500 && !order.hasRival) {
      const { code } = answer.json;
      invariants.violate(`a client was refused what it asked for before: ${answer.status} ${code}`);
    }
    if (answer !== undefined && answer.status < 300) {
      order.id = answer.json.id;
      invariants.acknowledged(order.intent, answer.status, answer.json);
      this.#saw(order, answer, seenBefore);
    }
    return answer;
  }

  /** Once the key was answered with this payment, it is this payment's, whatever comes with it. */
  async #mixHandles(order: Order): Promise<void> {
    const key = `mixed-${order.index}`;
    const keyed = {
      ...order,
      intent: { ...order.intent, handles: [...order.intent.handles, key] },
      headers: { "idempotency-key": key },
    };
    const answer = await this.#create(keyed);
    // With the copy, the binding may be gone.
    if (answer?.status !== 200 || this.#wasRestored) return;
    const externalId = `${order.intent.handles[0]}-again`;
    await this.#create({
      ...keyed,
      intent: { ...order.intent, handles: [key, externalId] },
      body: { ...order.body, external_id: externalId },
      hasRival: true,
    });
  }

  async #ask(
    order: Order,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<HttpAnswer | undefined> {
    const seenBefore = this.#seenBy(order);
    const answer = await this.#send(method, path, body);
    if (answer?.status === 200 && answer.json?.status !== undefined) {
      this.#saw(order, answer, seenBefore);
    }
    return answer;
  }

  async #send(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HttpAnswer | undefined> {
    const loses = this.#world.provider.calm ? 0 : this.#world.plan.clients.loses;
    const answer = await this.#world.call({ method, path, body, headers }, { loses });
    const { id = "", status = "", code = "" } = answer?.json ?? {};
    this.#world.trace.add(
      `client ${method} ${path} -> ${answer?.status ?? "no answer"} ${id} ${status}${code}`,
    );
    return answer;
  }

  get #wasRestored(): boolean {
    return this.#world.restores > 0;
  }

  #seenBy(order: Order): Seen {
    const { restores } = this.#world;
    if (order.seen.restores !== restores) order.seen = { status: "pending", restores };
    return order.seen;
  }

  /** `before`: what had been seen when the question was sent; an answer may not show less. */
  #saw(order: Order, answer: HttpAnswer, before: Seen): void {
    if (before.restores !== this.#world.restores) return;
    const { invariants, restores } = this.#world;
    const { status, id } = answer.json;
    invariants.shown(answer.json);
    const isBack = rankOf(status) < rankOf(before.status) ||
      (rankOf(before.status) === 2 && status !== before.status);
    if (isBack) invariants.violate(`shown as ${status} after ${before.status}: ${id}`);
    if (rankOf(status) > rankOf(this.#seenBy(order).status)) order.seen = { status, restores };
  }

  #drawOrder(index: number): Order {
    const random = this.#random;
    const kind = random.pick(["key", "external", "both"]);
    const key = kind === "external" ? undefined : `key-${index}`;
    const externalId = kind === "key" ? undefined : `order-${index}`;
    const { fields, intent } = this.#drawMoney();
    const body = {
      ...fields,
      currency: "RUB",
      payment_type: `${intent.method}_payment`,
      description: random.pick([undefined, "Оплата услуг"]),
      user_id: random.pick([undefined, 7]),
      external_id: externalId,
      metadata: random.pick([undefined, { order: index, payment_id: "pay_forged" }]),
      callback_url: this.#world.receiver.drawAddress(),
    };
    this.#mayHaveStranger(externalId, intent);
    const handles = [key, externalId].filter((handle) => handle !== undefined);
    const headers: Record<string, string> = key === undefined ? {} : { "idempotency-key": key };
    return {
      intent: { ...intent, handles },
      path: "/konsol/payments",
      headers,
      body,
      seen: UNSEEN,
      mixesHandles: kind === "external" && this.#rare.chance(MIXES_SHARE),
      index,
    };
  }

  /** An older system paid the same under the same external_id: that is not this payment. */
  #mayHaveStranger(externalId: string | undefined, money: Money): void {
    const { plan, time, ledger } = this.#world;
    if (externalId === undefined || !plan.provider.strangersShareHandles) return;
    if (this.#random.chance(0.5)) ledger.addStranger(externalId, time.start - 60_000, money);
  }

  #drawClaim(index: number): Order {
    const { fields, intent } = this.#drawMoney();
    const body = { ...fields, payment_method: intent.method, user_id: 7 };
    const handles = [`claim_${index}`];
    const path = `/konsol/claims/${index}/accept`;
    const one = { intent: { ...intent, handles }, path, headers: {}, body, seen: UNSEEN };
    return { ...one, mixesHandles: false, index };
  }

  #drawMoney() {
    const random = this.#random;
    const text = random.pick(AMOUNTS);
    const amountMinor = Math.round(Number(text) * 100);
    const amount = random.chance(0.5) ? text : Number(text);
    const method = random.pick(["card", "phone"] as const);
    const recipient = random.pick(method === "card" ? CARDS : PHONES);
    const bank = method === "card" ? undefined : random.pick(BANKS);
    const fields = bank === undefined
      ? { amount, card_number: recipient }
      : { amount, phone_number: recipient, bank: bank.named };
    const handles: string[] = [];
    return { fields, intent: { amountMinor, method, recipient, bank: bank?.told, handles } };
  }

  /** Another wish under the same handles: it must be refused, or be the only one. */
  #conflicting(order: Order): Order {
    order.hasRival = true;
    const amountMinor = order.intent.amountMinor + 100;
    const amount = (amountMinor / 100).toFixed(2);
    return {
      ...order,
      intent: { ...order.intent, amountMinor },
      body: { ...order.body, amount },
      seen: UNSEEN,
    };
  }

  #drawUpdate(): object {
    return this.#random.pick([
      { description: "Другое описание" },
      { metadata: { note: "changed", payment_id: "pay_forged" } },
      { status: "completed" },
      { status: "processing" },
      { status: "failed", description: "не надо" },
      { status: "cancelled" },
    ]);
  }
}
