// What the simulated Konsol knows: the truth about every payment that it executed, and how each goes on.

import type { ProviderPlan } from "./provider_plan.ts";
import type { SeededRandom } from "./seeded_random.ts";
import type { VirtualTime } from "./virtual_time.ts";

export type KonsolStatus = "pending" | "processing" | "completed" | "failed" | "cancelled";

/** What of a payment changes; each change is kept with its time. */
interface Facts {
  readonly at: number;
  readonly status: KonsolStatus;
  readonly amountMinor: number;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly description?: string;
  /** What a person in the cabinet made of the rest. */
  readonly edited?: Readonly<Record<string, unknown>>;
  /** Another word for the status, that nobody documented. */
  readonly statusWord?: string;
}

export interface KonsolPayment {
  readonly id: string;
  /** metadata.payment_id as it was created; undefined = an older system's. */
  readonly paymentId: string | undefined;
  readonly externalId: string | undefined;
  readonly currency: string;
  readonly method: "card" | "phone";
  /** Whole, as it was sent: the witness needs it. */
  readonly recipient: string;
  readonly bank: string | undefined;
  readonly callbackUrl: string | undefined;
  readonly userId: unknown;
  readonly createdAt: number;
  readonly sentAmountMinor: number;
  facts: Facts;
  readonly past: Facts[];
  paidAt?: number;
  /** The list shows it with an amount that nobody can read. */
  readonly isGarbled: boolean;
  /** When it last contradicted an end that it had. */
  contradictedAt?: number;
}

/** Who gets how much. */
export interface Money {
  readonly amountMinor: number;
  readonly method: "card" | "phone";
  readonly recipient: string;
}

const STRANGERS_MONEY: Money = {
  amountMinor: 100_000,
  method: "phone",
  recipient: "+79990000000",
};

type Json = Readonly<Record<string, unknown>>;

export interface LedgerListener {
  executed(payment: KonsolPayment): void;
  changed(payment: KonsolPayment, why: string): void;
}

export class ProviderLedger {
  readonly payments = new Map<string, KonsolPayment>();
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  /** What few lives have is drawn apart: the others stay as they are. */
  readonly #rare: SeededRandom;
  readonly #plan: ProviderPlan;
  readonly #listener: LedgerListener;
  readonly #views = new WeakMap<Facts, Json>();
  #count = 0;
  /** In the second phase nothing odd happens to a payment any more. */
  calm = false;

  constructor(
    time: VirtualTime,
    random: SeededRandom,
    plan: ProviderPlan,
    listener: LedgerListener,
  ) {
    this.#time = time;
    this.#random = random;
    this.#rare = random.fork("rare");
    this.#plan = plan;
    this.#listener = listener;
  }

  ofPayment(paymentId: string): readonly KonsolPayment[] {
    return [...this.payments.values()].filter((payment) => payment.paymentId === paymentId);
  }

  /** Executes a create; `amountMinor` may differ from what was sent. */
  execute(body: Json, amountMinor = minorOf(body.amount)): KonsolPayment {
    const metadata = (body.metadata ?? {}) as Json;
    const payment = this.#add({
      paymentId: textOf(metadata.payment_id),
      externalId: textOf(body.external_id),
      currency: String(body.currency),
      method: body.payment_method === "card" ? "card" : "phone",
      recipient: String(body.card_number ?? body.phone_number),
      bank: textOf(body.bank),
      callbackUrl: textOf(body.callback_url),
      userId: body.user_id,
      sentAmountMinor: minorOf(body.amount),
      createdAt: this.#time.now,
      amountMinor,
      metadata,
      description: textOf(body.description),
    });
    this.#listener.executed(payment);
    this.#listener.changed(payment, "created");
    this.#live(payment);
    return payment;
  }

  /** A payment of an older system, which may have used the same handles. */
  addStranger(externalId: string, createdAt: number, like: Partial<Money> = {}): void {
    const money: Money = { ...STRANGERS_MONEY, ...like };
    const payment = this.#add({
      paymentId: undefined,
      externalId,
      currency: "RUB",
      method: money.method,
      recipient: money.recipient,
      bank: "Сбербанк",
      callbackUrl: undefined,
      userId: 1,
      sentAmountMinor: money.amountMinor,
      createdAt,
      amountMinor: money.amountMinor,
      metadata: {},
      description: undefined,
    });
    this.change(payment, { status: "completed" }, "older");
  }

  change(payment: KonsolPayment, patch: Partial<Facts>, why: string): void {
    const before = payment.facts;
    const { statusWord: _, ...kept } = before;
    payment.facts = { ...kept, ...patch, at: this.#time.now };
    payment.past.push(payment.facts);
    if (payment.facts.status === "completed" && before.status !== "completed") {
      payment.paidAt = this.#time.now;
    }
    const wasEnd = isEnd(before.status) && payment.facts.status !== before.status;
    if (wasEnd) payment.contradictedAt = this.#time.now;
    this.#listener.changed(payment, why);
  }

  /** As a list shows them then, the newest first, and when the latest of ours in it was executed. */
  viewAll(at: number): { readonly rows: Json[]; readonly latestAt: number } {
    const rows: Json[] = [];
    let latestAt = -Infinity;
    for (const payment of [...this.payments.values()].toReversed()) {
      const row = this.view(payment, at);
      if (row === undefined) continue;
      rows.push(payment.isGarbled && !this.calm ? { ...row, amount: "уточняется" } : row);
      if (payment.paymentId !== undefined) latestAt = Math.max(latestAt, payment.createdAt);
    }
    return { rows, latestAt };
  }

  /** As a client sees it, as of `asOf`; undefined when it was not there then. */
  view(payment: KonsolPayment, asOf = this.#time.now): Json | undefined {
    const facts = payment.past.findLast(({ at }) => at <= asOf);
    if (facts === undefined) return undefined;
    const known = this.#views.get(facts);
    if (known !== undefined) return known;
    const view = Object.freeze(JSON.parse(JSON.stringify(this.#viewOf(payment, facts))));
    this.#views.set(facts, view);
    return view;
  }

  #viewOf(payment: KonsolPayment, facts: Facts): Json {
    const { amountsAreTexts, idsAreNumbers } = this.#plan;
    const amount = (facts.amountMinor / 100).toFixed(2);
    return {
      id: idsAreNumbers ? Number(payment.id) : payment.id,
      amount: amountsAreTexts ? amount : Number(amount),
      currency: payment.currency,
      status: facts.statusWord ?? facts.status,
      description: facts.description,
      user_id: payment.userId,
      external_id: payment.externalId,
      callback_url: payment.callbackUrl,
      metadata: facts.metadata,
      payment_method: payment.method,
      ...(payment.method === "card"
        ? { card_number: `${payment.recipient.slice(0, 6)}******${payment.recipient.slice(-4)}` }
        : { phone_number: payment.recipient, bank: payment.bank }),
      payment_url: `https://konsol.invalid/payments/${payment.id}`,
      created_at: new Date(payment.createdAt).toISOString(),
      paid_at: facts.status === "completed" && payment.paidAt !== undefined
        ? new Date(payment.paidAt).toISOString()
        : undefined,
      error_message: facts.status === "failed" ? "Банк получателя отклонил перевод" : undefined,
      ...facts.edited,
    };
  }

  #add(
    { amountMinor, metadata, description, ...fixed }:
      & Omit<KonsolPayment, "id" | "facts" | "past" | "isGarbled">
      & Pick<Facts, "amountMinor" | "metadata" | "description">,
  ): KonsolPayment {
    const { createdAs, idsAreNumbers } = this.#plan;
    const status = createdAs === "any"
      ? this.#random.pick(["pending", "processing", "completed", "failed"] as const)
      : createdAs;
    const facts = { at: fixed.createdAt, status, amountMinor, metadata, description };
    const number = ++this.#count;
    const id = idsAreNumbers ? String(70_000 + number) : `kp-${number}`;
    const isGarbled = fixed.paymentId !== undefined && this.#rare.chance(this.#plan.listGarbles);
    const payment: KonsolPayment = { ...fixed, id, facts, past: [facts], isGarbled };
    if (status === "completed") payment.paidAt = fixed.createdAt;
    this.payments.set(id, payment);
    return payment;
  }

  /** The life of a payment: to its processing, to its end, and sometimes past it. */
  #live(payment: KonsolPayment): void {
    const random = this.#random;
    const { ends, stepMaxMs, cabinetCancels, cabinetEditsAmount, unheardStatus } = this.#plan;
    const step = () => random.logBetween(100, stepMaxMs);
    const end = random.weighted(ends);
    const at = step();
    const endAt = at + step();
    const open = () => !isEnd(payment.facts.status);
    const later = (ms: number, odd: boolean, act: () => void) =>
      void this.#time.after(ms, () => odd && this.calm ? undefined : act());
    later(at, false, () => {
      if (payment.facts.status !== "pending") return;
      this.change(payment, { status: "processing" }, "went on");
    });
    if (random.chance(unheardStatus)) {
      const statusWord = random.pick(["manualpay", "nalog_unbound", "COMPLETED", "done"]);
      later(at + 50, true, () => open() && this.change(payment, { statusWord }, "odd word"));
    }
    if (random.chance(cabinetEditsAmount)) {
      const by = random.pick([1, -1, 100, 5_000]);
      const amountMinor = Math.max(1, payment.facts.amountMinor + by);
      const editAt = random.between(1, endAt);
      later(editAt, true, () => open() && this.change(payment, { amountMinor }, "edited"));
    }
    this.#editMore(payment, endAt);
    if (random.chance(cabinetCancels)) {
      const cancelAt = random.between(1, endAt);
      later(
        cancelAt,
        true,
        () => open() && this.change(payment, { status: "cancelled" }, "cabinet"),
      );
    }
    if (end === "never") return;
    later(endAt, false, () => open() && this.change(payment, { status: end }, "ended"));
    this.#contradict(payment, endAt);
  }

  /** Our reference may go, too: without it the payment is nobody's, but it is still asked for by its id. */
  #editMore(payment: KonsolPayment, endAt: number): void {
    if (!this.#rare.chance(this.#plan.cabinetEditsMore)) return;
    const edited = this.#rare.pick([
      { currency: "USD" },
      { external_id: "another" },
      { metadata: { payment_id: "pay_another" } },
      payment.method === "card"
        ? { card_number: "220000******0000" }
        : { phone_number: "+79990000000" },
    ]);
    this.#time.after(this.#rare.between(1, endAt), () => {
      if (!this.calm && !isEnd(payment.facts.status)) this.change(payment, { edited }, "edited");
    });
  }

  #contradict(payment: KonsolPayment, endAt: number): void {
    const random = this.#random;
    const { returns, revives, lateTruthMaxMs } = this.#plan;
    const returned = random.chance(returns);
    const revived = random.chance(revives);
    const at = endAt + random.logBetween(1_000, lateTruthMaxMs);
    this.#time.after(at, () => {
      if (this.calm) return;
      const { status } = payment.facts;
      if (status === "completed" && returned) {
        this.change(payment, { status: "failed" }, "returned by the bank");
      } else if ((status === "failed" || status === "cancelled") && revived) {
        this.change(payment, { status: "completed" }, "paid after all");
      }
    });
  }
}

export function isEnd(status: KonsolStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/** Somebody changed in the cabinet what it is known by. */
export function isEdited({ past }: KonsolPayment): boolean {
  return past.some(({ edited }) => edited !== undefined);
}

export function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

/** Kopecks of a wire amount, read as decimal text. */
export function minorOf(amount: unknown): number {
  const [whole = "", fraction = ""] = String(amount).split(".");
  const minor = Number(whole) * 100 + Number(fraction.padEnd(2, "0"));
  if (!Number.isSafeInteger(minor) || fraction.length > 2) {
    throw new Error(`Konsol cannot read the amount ${amount}`);
  }
  return minor;
}
