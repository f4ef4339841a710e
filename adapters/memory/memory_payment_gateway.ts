// The gateway to a Konsol in memory, which goes wrong where it is told to; for tests and simulation.

import type { Clock } from "../../application/ports.ts";
import type {
  Applied,
  Balance,
  CreateRequest,
  Found,
  Listed,
  PaymentGateway,
  ProviderChanges,
  SendWindow,
  Unavailable,
} from "../../application/provider_ports.ts";
import type { CreateOutcome, ProviderPayment } from "../../domain/provider_payment.ts";
import { Holds } from "./holds.ts";
import { type MemoryKonsol, reported } from "./memory_konsol.ts";

type Reason = Unavailable["reason"];
/** Changes the answer, not what was executed. */
type Telling = { readonly tell: Partial<ProviderPayment> };
type Refusing = { readonly refuse: string };
/** With an `httpStatus`: Konsol said so itself; without one: it was not reached. */
type NotExecuting = {
  readonly notExecuted: string;
  readonly httpStatus?: number;
  readonly retryAfterMs?: number;
};
/** An answer that proves nothing; nothing was executed. */
type Doubting = { readonly doubt: string; readonly httpStatus?: number };

/** What a create comes to. */
export type CreateBehaviour =
  | "accept"
  | "accept_then_lose_answer"
  | "accept_then_hold"
  | "lose_before_effect"
  | "hold_then_accept"
  | Telling
  | Refusing
  | NotExecuting
  | Doubting;

/** `hold` answers, when it is released, what was true when it was asked. */
export type GetBehaviour = "answer" | "hold" | "not_found" | Reason | Telling;

/** `stale`: without the newest payment. `unreadable_row`: the page's first row cannot be read. */
export type ListBehaviour = "answer" | "stale" | "unreadable_row" | Reason;

/** What an update or a cancel comes to; `ignore` answers without doing it. */
export type ChangeBehaviour = "apply" | "apply_then_lose_answer" | "ignore" | Reason | Refusing;

/** Each call takes the first of its own; with none left it does as Konsol does. */
export interface NextBehaviours {
  readonly create: CreateBehaviour[];
  readonly get: GetBehaviour[];
  readonly list: ListBehaviour[];
  readonly update: ChangeBehaviour[];
  readonly cancel: ChangeBehaviour[];
  readonly balance: Reason[];
}

export interface MemoryPaymentGatewayOptions {
  readonly konsol: MemoryKonsol;
  readonly clock: Pick<Clock, "now" | "monotonic">;
}

const CALLS_KEPT_MAX = 10_000;
const LOST = { kind: "unknown", reason: "timeout" } as const;

export class MemoryPaymentGateway implements PaymentGateway {
  readonly next: NextBehaviours = {
    create: [],
    get: [],
    list: [],
    update: [],
    cancel: [],
    balance: [],
  };
  /** The calls that were begun, the oldest first: `create pay_1`, `get konsol_1`. */
  readonly calls: string[] = [];
  readonly #konsol: MemoryKonsol;
  readonly #clock: MemoryPaymentGatewayOptions["clock"];
  readonly #holds = new Holds();

  constructor({ konsol, clock }: MemoryPaymentGatewayOptions) {
    this.#konsol = konsol;
    this.#clock = clock;
  }

  /** Calls that wait to be released. */
  get held(): number {
    return this.#holds.size;
  }

  /** Lets every call that is held go on. */
  release(): void {
    this.#holds.release();
  }

  async createPayment({ payment }: CreateRequest, window: SendWindow): Promise<CreateOutcome> {
    if (this.#isPast(window)) {
      return { kind: "not_executed", because: "not_begun", reason: "send_window_passed" };
    }
    this.#note(`create ${payment.id}`);
    const behaviour = this.next.create.shift() ?? "accept";
    if (behaviour === "lose_before_effect") return LOST;
    if (behaviour === "hold_then_accept") await this.#holds.wait();
    const withoutEffect = outcomeWithoutEffect(behaviour);
    if (withoutEffect !== undefined) return withoutEffect;
    const record = this.#konsol.create(payment);
    if (behaviour === "accept_then_hold") await this.#holds.wait();
    if (record === undefined) return refusedCreate("insufficient_balance");
    if (behaviour === "accept_then_lose_answer") return LOST;
    return { kind: "accepted", payment: { ...reported(record), ...told(behaviour) } };
  }

  async getPayment(konsolId: string): Promise<Found | Unavailable> {
    this.#note(`get ${konsolId}`);
    const behaviour = this.next.get.shift() ?? "answer";
    const record = this.#konsol.record(konsolId);
    if (isReason(behaviour)) return unavailable(behaviour);
    if (behaviour === "hold") await this.#holds.wait();
    if (record === undefined || behaviour === "not_found") return { kind: "not_found" };
    return { kind: "found", payment: { ...reported(record), ...told(behaviour) } };
  }

  listPayments(
    { page, perPage }: { readonly page: number; readonly perPage: number },
  ): Promise<Listed | Unavailable> {
    this.#note(`list ${page} ${perPage}`);
    const behaviour = this.next.list.shift() ?? "answer";
    if (isReason(behaviour)) return Promise.resolve(unavailable(behaviour));
    const all = this.#konsol.listed().slice(behaviour === "stale" ? 1 : 0);
    const rows = all.slice((page - 1) * perPage, page * perPage).map(reported);
    const unreadable = behaviour === "unreadable_row" ? 1 : 0;
    return Promise.resolve({ kind: "listed", payments: rows.slice(unreadable), unreadable });
  }

  updatePayment(konsolId: string, changes: ProviderChanges): Promise<Applied | Unavailable> {
    this.#note(`update ${konsolId} ${JSON.stringify(changes)}`);
    const given = Object.entries(changes).filter(([, value]) => value !== undefined);
    return this.#change(konsolId, this.next.update.shift(), Object.fromEntries(given));
  }

  cancelPayment(konsolId: string): Promise<Applied | Unavailable> {
    this.#note(`cancel ${konsolId}`);
    return this.#change(konsolId, this.next.cancel.shift(), { status: "cancelled" });
  }

  getBalance(): Promise<{ readonly kind: "found"; readonly balance: Balance } | Unavailable> {
    this.#note("balance");
    const reason = this.next.balance.shift();
    if (reason !== undefined) return Promise.resolve(unavailable(reason));
    const balance = { amountMinor: this.#konsol.balanceMinor, currency: "RUB", more: {} };
    return Promise.resolve({ kind: "found", balance });
  }

  #change(
    konsolId: string,
    behaviour: ChangeBehaviour = "apply",
    changes: ProviderChanges,
  ): Promise<Applied | Unavailable> {
    return Promise.try(() => {
      if (isReason(behaviour)) return unavailable(behaviour);
      if (behaviour === "ignore") return { kind: "answered" };
      if (typeof behaviour === "object") return refusedChange(409, behaviour.refuse);
      const changed = this.#konsol.change(konsolId, changes);
      if (behaviour === "apply_then_lose_answer") return unavailable("timeout");
      if (changed === "changed") return { kind: "answered" };
      return refusedChange(changed === "unknown" ? 404 : 409, changed);
    });
  }

  #isPast({ notAfter, notAfterMonotonic }: SendWindow): boolean {
    return this.#clock.now() > notAfter || this.#clock.monotonic() > notAfterMonotonic;
  }

  #note(call: string): void {
    if (this.calls.length === CALLS_KEPT_MAX) this.calls.shift();
    this.calls.push(call);
  }
}

function outcomeWithoutEffect(behaviour: CreateBehaviour): CreateOutcome | undefined {
  if (typeof behaviour === "string" || "tell" in behaviour) return undefined;
  if ("refuse" in behaviour) return refusedCreate(behaviour.refuse);
  const { httpStatus } = behaviour;
  if ("doubt" in behaviour) return { kind: "unknown", reason: behaviour.doubt, httpStatus };
  const { notExecuted: reason, retryAfterMs } = behaviour;
  const because = httpStatus === undefined ? "not_connected" : "konsol_answered";
  return { kind: "not_executed", because, reason, httpStatus, retryAfterMs };
}

function told(behaviour: CreateBehaviour | GetBehaviour): Partial<ProviderPayment> {
  return typeof behaviour === "object" && "tell" in behaviour ? behaviour.tell : {};
}

function refusedCreate(code: string): CreateOutcome {
  return { kind: "refused", code, message: `Konsol refuses: ${code}` };
}

function refusedChange(httpStatus: number, error: string): Applied {
  return { kind: "refused", httpStatus, words: { error } };
}

function unavailable(reason: Reason): Unavailable {
  return { kind: "unavailable", reason };
}

function isReason(behaviour: unknown): behaviour is Reason {
  return behaviour === "timeout" || behaviour === "circuit_open" || behaviour === "failed";
}
