// Konsol as a simulation has it: behind the transport's send(), with every fault that we can name.

import type { Call, KonsolTransport, RawResult } from "../../adapters/konsol/transport.ts";
import type { Clock } from "../../application/ports.ts";
import {
  badBody,
  clientErrorPage,
  CONNECT_FAILED,
  errorNamingPayment,
  existsAlready,
  existsWords,
  jsonAnswer,
  oddError,
  ownError,
  proxyPage,
  redirect,
  refusal,
  RESET,
  serverError,
  TIMEOUT,
  traced,
  unknownId,
} from "./provider_answers.ts";
import { isEnd, type KonsolPayment, minorOf, type ProviderLedger } from "./provider_ledger.ts";
import { inOrder } from "./list_order.ts";
import type { CallFate, CreateFate, ProviderPlan } from "./provider_plan.ts";
import type { SeededRandom } from "./seeded_random.ts";
import type { Owner, VirtualTime } from "./virtual_time.ts";

type Json = Readonly<Record<string, unknown>>;

/** An instance as far as Konsol is concerned. */
export interface Caller extends Owner {
  crash(): void;
  readonly name: string;
  readonly clock: Pick<Clock, "now" | "monotonic">;
}

export interface ProviderWitness {
  /** A create is about to go out on the wire. */
  createBegan(caller: Caller, paymentId: string, attempt: number): void;
  /** The create came to something, and its caller hears of it. */
  createEnded(caller: Caller, paymentId: string, attempt: number, raw: RawResult): void;
  /** What a create created was told to the caller, in time and as it was asked for. */
  createAnswered(caller: Caller, paymentId: string, attempt: number, konsolId: string): void;
  /** An answer to a GET of one payment reached the caller. */
  getAnswered(konsolId: string, json: Json): void;
  /** A GET that was sent at `askedAt` was answered in Konsol's own words. */
  asked(konsolId: string, askedAt: number): void;
  /** The first page of the list was answered. */
  listed(askedAt: number): void;
  /** The list as it is shown holds a payment of ours that was executed then. */
  shown(executedAt: number): void;
  /** Konsol said that it does not know the id. */
  getDenied(konsolId: string): void;
  noteProvider(text: string): void;
}

export interface ProviderParts {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly plan: ProviderPlan;
  readonly ledger: ProviderLedger;
  readonly witness: ProviderWitness;
  readonly timeoutMs: number;
}

/** What befalls one call when it is not left to chance. */
export interface ScriptedFate {
  readonly fate?: CreateFate & CallFate | CreateFate | CallFate;
  readonly crash?: "before" | "after";
}

/** What a call comes to: when it takes effect, and when it is answered, if ever. */
interface Course {
  readonly effectAfterMs: number | undefined;
  readonly answerAfterMs: number | undefined;
  readonly answer: (effect: unknown) => RawResult;
}

const STALE_MAX_MS = 60_000;

export class FaultyProvider {
  readonly #parts: ProviderParts;
  /** Nothing fails any more. */
  calm = false;
  /** Instead of chance; undefined = all is fine. */
  script: ((call: Call) => ScriptedFate | undefined) | undefined;
  /** Creates under way that may still take effect, by our payment's id. */
  readonly underWay = new Map<string, number>();
  #nextFate: ScriptedFate["fate"];

  constructor(parts: ProviderParts) {
    this.#parts = parts;
  }

  transportFor(caller: Caller): Pick<KonsolTransport, "send"> {
    return { send: (call) => caller.gone ? new Promise(() => {}) : this.#scripted(caller, call) };
  }

  async #scripted(caller: Caller, call: Call): Promise<RawResult> {
    if (this.script === undefined) return await this.#send(caller, call);
    const { fate, crash } = this.script(call) ?? {};
    if (crash === "before") {
      caller.crash();
      return await new Promise(() => {});
    }
    this.#nextFate = fate ?? "fine";
    const raw = await this.#send(caller, call);
    if (crash !== "after") return raw;
    caller.crash();
    return await new Promise(() => {});
  }

  #fateOf<Fate extends string>(weights: Readonly<Partial<Record<Fate, number>>>): Fate {
    const scripted = this.#nextFate as Fate | undefined;
    this.#nextFate = undefined;
    if (scripted !== undefined) return scripted;
    return this.calm ? "fine" as Fate : this.#parts.random.weighted(weights);
  }

  #send(caller: Caller, call: Call & { readonly attempt?: number }): Promise<RawResult> {
    if (isPast(caller.clock, call.window)) {
      return Promise.resolve({ kind: "not_begun", reason: "send_window_passed" });
    }
    if (call.method === "POST") return this.#create(caller, call);
    const [path = "", query = ""] = call.path.split("?");
    const [, id] = /^\/api\/payments\/([^/]+)$/.exec(path) ?? [];
    if (id !== undefined) return this.#member(caller, call, decodeURIComponent(id));
    if (path === "/api/payments") return this.#list(caller, new URLSearchParams(query));
    return this.#simple(
      caller,
      "balance",
      () => jsonAnswer(200, { balance: 1e6, currency: "RUB" }),
    );
  }

  #create(caller: Caller, call: Call & { readonly attempt?: number }): Promise<RawResult> {
    const { random, plan, ledger, witness } = this.#parts;
    const body = JSON.parse(JSON.stringify(call.body)) as Json;
    const paymentId = String((body.metadata as Json).payment_id);
    const fate = this.#fateOf<CreateFate>(plan.create);
    witness.createBegan(caller, paymentId, call.attempt ?? 0);
    witness.noteProvider(`${caller.name} POST ${paymentId}#${call.attempt} -> ${fate}`);
    const existing = plan.refusesRepeated && [...ledger.payments.values()]
      .find(({ externalId }) => externalId !== undefined && externalId === body.external_id);
    const course = existing ? this.#refusesRepeated(existing) : this.#createCourse(fate, body);
    this.#mayTakeEffect(paymentId, course.effectAfterMs === undefined ? 0 : 1);
    let created: KonsolPayment | undefined;
    return this.#run(caller, course, () => {
      this.#mayTakeEffect(paymentId, -1);
      const edited = fate === "wrong_amount" ? wrongAmount(random, body) : undefined;
      return created = ledger.execute(body, edited);
    }).then((raw) => {
      witness.createEnded(caller, paymentId, call.attempt ?? 0, raw);
      const told = raw.kind === "answer" && raw.status === 201 && raw.json as Json;
      if (told && created && String(told.id) === created.id) {
        witness.createAnswered(caller, paymentId, call.attempt ?? 0, created.id);
      }
      return raw;
    });
  }

  #mayTakeEffect(paymentId: string, by: number): void {
    this.underWay.set(paymentId, (this.underWay.get(paymentId) ?? 0) + by);
  }

  #refusesRepeated(existing: KonsolPayment): Course {
    const { random, plan, ledger } = this.#parts;
    const status = plan.refusesRepeated ?? 409;
    if (status === 200) return this.#quick(undefined, () => jsonAnswer(200, ledger.view(existing)));
    const named = random.chance(0.3) ? { payment_id: existing.id } : {};
    const words = existsWords(existing.externalId);
    return this.#quick(undefined, () => ownError(status, words, named));
  }

  #createCourse(fate: CreateFate, body: Json): Course {
    const { random, plan, ledger, time, timeoutMs } = this.#parts;
    const created = (effect: unknown) => jsonAnswer(201, ledger.view(effect as KonsolPayment));
    const idOf = (effect: unknown) => (effect as KonsolPayment).id;
    const now = this.#latency();
    const serverErrorOrTraced = () =>
      plan.tracesErrors ? traced(serverError(random), time.now) : serverError(random);
    const past = () => timeoutMs + random.logBetween(1, plan.lateMaxMs);
    switch (fate) {
      case "fine":
      case "wrong_amount":
        return this.#quick(now, created);
      case "slow_answer":
        return { effectAfterMs: now, answerAfterMs: past(), answer: created };
      case "late":
        return { effectAfterMs: past(), answerAfterMs: undefined, answer: created };
      case "late_after_reset":
        return { effectAfterMs: past(), answerAfterMs: now, answer: () => RESET };
      case "vanished":
        return { effectAfterMs: undefined, answerAfterMs: undefined, answer: () => TIMEOUT };
      case "reset_before":
        return this.#quick(undefined, () => RESET);
      case "reset_after":
        return this.#quick(now, () => RESET);
      case "connect_failed":
        return this.#quick(undefined, () => CONNECT_FAILED);
      case "server_error_before":
        return this.#quick(undefined, serverErrorOrTraced);
      case "server_error_after":
        return this.#quick(now, serverErrorOrTraced);
      case "proxy_page_before":
        return this.#quick(undefined, () => clientErrorPage(random));
      case "proxy_page_after":
        return this.#quick(now, () => clientErrorPage(random));
      case "refused":
        return this.#quick(undefined, () => refusal(random));
      case "unauthorized":
        return this.#quick(undefined, () => ownError(random.pick([401, 403]), "Неверный токен"));
      case "rate_limited": {
        const after = random.pick([undefined, "1", "30", "600"]);
        const words = { success: false, errors: ["Слишком много запросов"] };
        return this.#quick(undefined, () => jsonAnswer(429, words, after));
      }
      case "odd_error_before":
        return this.#quick(undefined, () => oddError(random));
      case "odd_error_after":
        return this.#quick(now, () => oddError(random));
      case "redirect_before":
        return this.#quick(undefined, () => redirect(random));
      case "redirect_after":
        return this.#quick(now, () => redirect(random));
      // A proxy that asks a second time when the first answer does not come.
      case "exists_after":
        return this.#quick(now, () => existsAlready(random, String(body.external_id)));
      case "bad_body_after":
        return this.#quick(now, (effect) => badBody(random, idOf(effect)));
      case "error_names_payment":
        return this.#quick(now, (effect) => errorNamingPayment(random, idOf(effect)));
      case "other_payment_before":
        return this.#quick(undefined, () => this.#otherPayment(body) ?? serverError(random));
      case "other_payment_after":
        return this.#quick(now, (effect) => this.#otherPayment(body) ?? created(effect));
    }
  }

  /** An answer that shows a payment that was not asked for. */
  #otherPayment(body: Json): RawResult | undefined {
    const { random, ledger } = this.#parts;
    const ours = (body.metadata as Json | undefined)?.payment_id;
    const others = [...ledger.payments.values()].filter(({ paymentId }) => paymentId !== ours);
    return others.length === 0 ? undefined : jsonAnswer(201, ledger.view(random.pick(others)));
  }

  #member(caller: Caller, call: Call, id: string): Promise<RawResult> {
    const { random, plan, ledger, witness } = this.#parts;
    const fate = this.#fateOf<CallFate>(plan.call);
    const { method } = call;
    if (fate !== "fine") witness.noteProvider(`${caller.name} ${method} ${id} -> ${fate}`);
    const staleMs = fate === "fine" && !this.calm && method === "GET" && random.chance(0.1)
      ? random.between(0, STALE_MAX_MS)
      : 0;
    const shown = () => {
      const payment = ledger.payments.get(id);
      const view = payment && ledger.view(payment, this.#parts.time.now - staleMs);
      return view ? jsonAnswer(200, view) : unknownId(plan.tracesErrors);
    };
    const effect = method === "GET" ? () => shown() : () => this.#change(call, id);
    const course = this.#memberCourse(fate, id);
    const askedAt = this.#parts.time.now;
    return this.#run(caller, course, effect).then((raw) => {
      if (method !== "GET" || raw.kind !== "answer") return raw;
      if (raw.status === 200 && raw.json) witness.getAnswered(id, raw.json as Json);
      if (raw.json !== undefined) witness.asked(id, askedAt);
      if (raw.status === 404) witness.getDenied(id);
      return raw;
    });
  }

  #memberCourse(fate: CallFate, id: string): Course {
    const { random, ledger } = this.#parts;
    const now = this.#latency();
    const lost = { answerAfterMs: undefined, answer: () => TIMEOUT };
    switch (fate) {
      case "fine":
        return this.#quick(now, (effect) => effect as RawResult);
      case "timeout_before":
        return { effectAfterMs: undefined, ...lost };
      case "timeout_after":
        return { effectAfterMs: now, ...lost };
      case "reset_before":
        return this.#quick(undefined, () => RESET);
      case "reset_after":
        return this.#quick(now, () => RESET);
      case "connect_failed":
        return this.#quick(undefined, () => CONNECT_FAILED);
      case "server_error_before":
        return this.#quick(undefined, () => serverError(random));
      case "server_error_after":
        return this.#quick(now, () => serverError(random));
      case "proxy_page":
        return this.#quick(undefined, () => clientErrorPage(random));
      case "not_found":
        return this.#quick(undefined, () => ownError(404, "Платеж не найден"));
      case "refused":
        return this.#quick(undefined, () => ownError(409, "Недопустимый переход статуса"));
      case "unauthorized":
        return this.#quick(undefined, () => ownError(401, "Неверный токен"));
      case "bad_body":
        return this.#quick(undefined, () => badBody(random, id));
      case "other_payment": {
        const other = random.pick([undefined, ...ledger.payments.values()]);
        return this.#quick(
          undefined,
          () => other ? jsonAnswer(200, ledger.view(other)) : proxyPage(500),
        );
      }
    }
  }

  /** A PUT or DELETE taking effect. Konsol replaces metadata whole. */
  #change(call: Call, id: string): RawResult {
    const { ledger } = this.#parts;
    const payment = ledger.payments.get(id);
    if (payment === undefined) return ownError(404, "Платеж не найден");
    if (isEnd(payment.facts.status)) return ownError(409, "Платеж уже завершен");
    const body = JSON.parse(JSON.stringify(call.body ?? {})) as Json;
    const patch = call.method === "DELETE" ? { status: "cancelled" } : body;
    ledger.change(payment, patch, call.method);
    return jsonAnswer(200, ledger.view(payment));
  }

  #list(caller: Caller, query: URLSearchParams): Promise<RawResult> {
    const { random, plan, ledger, time, witness } = this.#parts;
    const page = Number(query.get("page") ?? 1);
    const perPage = Math.min(Number(query.get("per_page") ?? 20), plan.perPageMax);
    const { listLagMaxMs, listLagIsSteady } = plan;
    const lagMs = this.calm ? 0 : listLagIsSteady ? listLagMaxMs : random.between(0, listLagMaxMs);
    const askedAt = time.now;
    return this.#simple(caller, `list page ${page}`, () => {
      if (plan.listAway && !this.calm) return proxyPage(503);
      const { rows, latestAt } = ledger.viewAll(time.now - lagMs);
      witness.shown(latestAt);
      const ordered = this.calm ? rows : inOrder(plan.listOrder, rows, random);
      const items = ordered.slice((page - 1) * perPage, page * perPage);
      const whole = { items, total: rows.length, page, per_page: perPage };
      return jsonAnswer(200, plan.listBare ? items : whole);
    }).then((raw) => {
      if (page === 1 && raw.kind === "answer" && raw.status === 200) witness.listed(askedAt);
      return raw;
    });
  }

  /** A question without effect. */
  #simple(caller: Caller, what: string, effect: () => RawResult): Promise<RawResult> {
    const { plan, witness } = this.#parts;
    const fate = this.#fateOf<CallFate>(plan.call);
    witness.noteProvider(`${caller.name} GET ${what} -> ${fate}`);
    return this.#run(caller, this.#memberCourse(fate, ""), effect);
  }

  #run(caller: Caller, course: Course, effect: () => unknown): Promise<RawResult> {
    const { time, timeoutMs } = this.#parts;
    const { effectAfterMs, answerAfterMs, answer } = course;
    return new Promise((resolve) => {
      let came: unknown;
      if (effectAfterMs !== undefined) time.after(effectAfterMs, () => came = effect());
      if (answerAfterMs !== undefined && answerAfterMs < timeoutMs) {
        time.after(answerAfterMs, () => resolve(answer(came)), caller);
      } else {
        time.after(timeoutMs, () => resolve(TIMEOUT), caller);
      }
    });
  }

  #quick(effectAfterMs: number | undefined, answer: Course["answer"]): Course {
    const answerAfterMs = (effectAfterMs ?? 0) + this.#latency() + 1;
    return { effectAfterMs, answerAfterMs, answer };
  }

  #latency(): number {
    const { random, plan } = this.#parts;
    return random.logBetween(1, this.calm ? 50 : plan.latencyMaxMs);
  }
}

/** As the real transport has it: a test of that one stands in tests/adapters/konsol. */
function isPast(clock: Pick<Clock, "now" | "monotonic">, window: Call["window"]): boolean {
  if (window === undefined) return false;
  return clock.now() > window.notAfter || clock.monotonic() > window.notAfterMonotonic;
}

function wrongAmount(random: SeededRandom, body: Json): number {
  return Math.max(1, minorOf(body.amount) + random.pick([1, -1, 1_000]));
}
