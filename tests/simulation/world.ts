// Everything of one scenario put together: time, stores, Konsol, instances, and the witness that watches them.

import type { Ids, Log } from "../../application/ports.ts";
import { CallbackRules } from "./callback_rules.ts";
import { FaultyReceiver } from "./faulty_receiver.ts";
import { type Backup, backUp, putBack } from "./backup.ts";
import type { RawResult } from "../../adapters/konsol/transport.ts";
import type { PortCall, StoreFate } from "./faulty_store.ts";
import { type Caller, FaultyProvider, type ProviderWitness } from "./faulty_provider.ts";
import { type HttpAnswer, type HttpRequest, Instance, type InstanceWorld } from "./instance.ts";
import { Invariants } from "./invariants.ts";
import { type KonsolPayment, ProviderLedger } from "./provider_ledger.ts";
import { ProviderWebhooks } from "./provider_webhooks.ts";
import type { RawRecord } from "./record_rules.ts";
import { countedIds } from "./counted_ids.ts";
import { clocksOffOf, type ScenarioPlan } from "./scenario_plan.ts";
import { SeededRandom } from "./seeded_random.ts";
import type { Service } from "./service.ts";
import { openWithFaults } from "./sqlite_faults.ts";
import { StoreWeather } from "./store_plan.ts";
import { Trace } from "./trace.ts";
import { VirtualTime } from "./virtual_time.ts";

const PAGE = { perPage: 1_000, page: 1 };

export class World implements InstanceWorld, ProviderWitness {
  readonly time = new VirtualTime();
  readonly trace = new Trace(this.time);
  readonly service: Service;
  readonly plan: ScenarioPlan;
  readonly random: SeededRandom;
  readonly chance: SeededRandom;
  readonly settings: ScenarioPlan["settings"];
  readonly invariants: Invariants;
  readonly ledger: ProviderLedger;
  readonly provider: FaultyProvider;
  readonly webhooks: ProviderWebhooks;
  readonly receiver: FaultyReceiver;
  readonly telling: CallbackRules;
  readonly weather: StoreWeather;
  readonly ids: Ids;
  readonly instances: Instance[] = [];
  stores: InstanceWorld["stores"];
  changes = 0;
  idleMaxMs = 5 * 60_000;
  crashes = 0;
  /** Instead of the weather: what befalls each call of a store. */
  storeScript: ((call: PortCall) => StoreFate | undefined) | undefined;
  onCrash: (() => void) | undefined;
  /** A create goes out from there. */
  onSend: ((instance: Instance, paymentId: string) => void) | undefined;
  /** A payment was claimed once more. */
  onClaim: ((paymentId: string) => void) | undefined;
  restored = false;
  /** Whether the last that was stored of it says so: persons would see it at /readyz. */
  isPaused = false;
  /** Counts the backups that were brought back: what clients saw before is not binding then. */
  restores = 0;
  readonly controlKeys = new Set<string>();
  readonly faults = { provider: 0, store: 0 };
  #born = 0;
  #restoredAt = -Infinity;
  #earliestDue: { readonly changes: number; readonly at: number } | undefined;

  constructor(service: Service, plan: ScenarioPlan, random: SeededRandom) {
    const { time } = this;
    this.service = service;
    this.plan = plan;
    this.random = random;
    this.settings = plan.settings;
    this.chance = random.fork("chance");
    const weather = random.fork("weather");
    this.weather = new StoreWeather(weather, plan.storeFaults, plan.store === "sqlite");
    this.stores = this.#openStores();
    this.invariants = new Invariants(
      {
        secondAllowed: plan.lateBeyondHorizon,
        clocksOffMs: clocksOffOf(plan),
        horizonMs: plan.settings.resubmitHorizonMs,
        queueMaxAgeMs: plan.settings.queueMaxAgeMs,
        listLagMs: plan.provider.listLagMaxMs,
        resubmits: plan.settings.resubmit === "never" ? 0 : plan.settings.resubmitDailyMax,
      },
      () => time.now,
      (paymentId) => this.provider.underWay.get(paymentId) ?? 0,
    );
    const provider = plan.provider;
    this.ledger = new ProviderLedger(time, random.fork("ledger"), provider, this);
    this.invariants.ledger = this.ledger;
    this.provider = new FaultyProvider({
      time,
      random: random.fork("provider calls"),
      plan: provider,
      ledger: this.ledger,
      witness: this,
      timeoutMs: plan.settings.konsolTimeoutMs,
    });
    this.webhooks = new ProviderWebhooks({
      time,
      random: random.fork("webhooks"),
      plan: provider,
      ledger: this.ledger,
      post: async (body) => {
        const request = { method: "POST", path: "/konsol/webhook", body };
        return (await this.call(request))?.status;
      },
      taken: (konsolId, postedAt) => {
        if (postedAt > this.#restoredAt) this.invariants.webhookTaken(konsolId, postedAt);
      },
    });
    this.telling = new CallbackRules({
      violate: (text) => this.invariants.violate(text),
      now: () => time.now,
      clocksAgree: clocksOffOf(plan) === 0,
    });
    this.receiver = new FaultyReceiver({
      time,
      random: random.fork("receiver"),
      plan: plan.receivers,
      witness: this.telling,
    });
    this.ids = countedIds();
  }

  /** A new process on the surviving stores. */
  startInstance(): Instance {
    const instance = new Instance(this, `i${++this.#born}`);
    this.instances.push(instance);
    const { skewMaxMs } = this.plan.operators;
    instance.clock.skewMs = this.random.between(-skewMaxMs, skewMaxMs);
    this.trace.add(`${instance.name} starts`);
    void instance.start().then(() => {
      if (instance.gone) this.time.after(RESTART_MS, () => this.startInstance());
    });
    return instance;
  }

  get alive(): readonly Instance[] {
    return this.instances.filter(({ gone }) => !gone);
  }

  /** Over the network to any instance; undefined = no answer came, whatever was done. */
  call(
    request: HttpRequest,
    options: { readonly loses?: number } = {},
  ): Promise<HttpAnswer | undefined> {
    const { time, random } = this;
    const { loses = 0 } = options;
    return new Promise((resolve) => {
      const serving = this.alive.filter(({ isServing }) => isServing);
      if (serving.length === 0) return resolve(undefined);
      const instance = random.pick(serving);
      const timeout = time.after(CLIENT_TIMEOUT_MS, () => resolve(undefined));
      if (random.chance(loses)) return;
      const isAnswerLost = random.chance(loses);
      const latencyMs = random.logBetween(1, 200);
      time.after(latencyMs, async () => {
        const answer = await instance.request(request);
        if (answer.status >= 500 && answer.json?.code === "unexpected_error") {
          this.invariants.violate(`unexpected error: ${request.method} ${request.path}`);
        }
        if (isAnswerLost) return;
        time.after(latencyMs, () => {
          timeout.cancelled = true;
          resolve(answer);
        });
      }, instance);
    });
  }

  earliestDue(): number {
    if (this.#earliestDue?.changes !== this.changes) {
      let at = Infinity;
      const { records, webhooks } = this.invariants;
      for (const { dueAt } of records.values()) if (dueAt < at) at = dueAt;
      for (const { dueAt } of webhooks.values()) if (dueAt < at) at = dueAt;
      for (const { dueAt } of this.telling.callbacks.values()) if (dueAt < at) at = dueAt;
      this.#earliestDue = { changes: this.changes, at };
    }
    return this.#earliestDue.at;
  }

  fateOf(instance: Instance, call: PortCall): StoreFate | undefined {
    const fate = this.storeScript ? this.storeScript(call) : this.weather.fateOf(call);
    if (fate?.at !== undefined) this.faults.store++;
    const slowMs = (fate?.beforeMs ?? 0) + (fate?.afterMs ?? 0);
    if (slowMs > SLOW_MS) instance.isTroubled(slowMs);
    return fate;
  }

  storeAnswered(instance: Instance, { port, method, args }: PortCall, answer: unknown): void {
    if (port === "control" && method === "put" && answer === true) {
      this.changes++;
      this.controlKeys.add(String(args[0]));
      const { paused } = args[2] as { readonly paused?: boolean };
      this.isPaused = paused ?? this.isPaused;
      if (paused !== undefined) this.#notePause();
      this.trace.add(`${instance.name} put ${args[0]} ${JSON.stringify(args[2])}`);
    }
    if (port !== "payments" && port !== "webhooks" && port !== "callbacks") return;
    if (method !== "insertOrGet" && method !== "save") return;
    const { kind, ...more } = answer as RawRecord;
    if (kind !== "inserted" && kind !== "saved") return;
    this.changes++;
    const record: RawRecord = more.item ?? more.payment ?? more.webhook;
    if (port === "payments") {
      if (record.submission === "submitting" && record.attempt > 1) this.onClaim?.(record.id);
      const { id, version, submission, status, attempt } = record;
      const move = record.history.at(-1)?.move ?? "";
      this.trace.add(
        `${instance.name} stored ${id} v${version} ${submission}#${attempt} ${status} ${move}`,
      );
      this.invariants.stored(record);
      this.telling.stored(record, (args.at(method === "save" ? 2 : 1) ?? []) as RawRecord[]);
    } else if (port === "callbacks") {
      const { id, version, state, dueAt, tried } = record;
      this.trace.add(`${instance.name} stored ${id} v${version} ${state} ${tried} ${dueAt ?? ""}`);
      this.telling.storedCallback(record);
    } else {
      const { id, version, state, konsolId, dueAt } = record;
      this.trace.add(
        `${instance.name} stored ${id} v${version} ${state} ${konsolId} ${dueAt ?? ""}`,
      );
      this.invariants.storedWebhook(record);
    }
  }

  #notePause(): void {
    const { sending } = this.invariants;
    if (this.isPaused) sending.pausedSince ??= this.time.now;
    else sending.resumed();
  }

  /** Whether somebody resumes cannot be said until that was answered. */
  async resuming(resume: () => Promise<HttpAnswer | undefined>): Promise<HttpAnswer | undefined> {
    this.invariants.sending.resumed();
    const answer = await resume();
    if (answer !== undefined && answer.status >= 400 && answer.status < 500) this.#notePause();
    return answer;
  }

  logged(instance: Instance, level: keyof Log, event: string, fields: RawRecord): void {
    if (level === "info") return;
    if (event === "alarm") this.invariants.alarm(fields);
    const error = fields.error as Error | undefined;
    this.trace.add(
      `${instance.name} ${level} ${event} ${fields.alarm ?? fields.worker ?? ""} ` +
        `${fields.payment_id ?? ""} ${fields.reason ?? error?.message ?? ""}`,
    );
    const isOutage = error?.name === "StoreUnavailable" || error?.name === "Refusal";
    if (error !== undefined && !isOutage) {
      this.invariants.violate(`${event}: ${error.message ?? JSON.stringify(error)}`);
    }
  }

  crashed(instance: Instance): void {
    this.crashes++;
    this.trace.add(`${instance.name} is gone`);
    this.onCrash?.();
  }

  createBegan(caller: Caller, paymentId: string, attempt: number): void {
    this.changes++;
    const { name, clock, steadySince } = caller as Instance;
    const sender = { name, wallNow: clock.now(), now: this.time.now, steadySince };
    this.invariants.sending.began(sender, paymentId, attempt);
    this.onSend?.(caller as Instance, paymentId);
  }

  createEnded(caller: Caller, paymentId: string, attempt: number, raw: RawResult): void {
    const { sending, refused } = this.invariants;
    sending.ended(paymentId, attempt);
    if (raw.kind !== "answer" || raw.status < 400 || raw.status > 499) return;
    refused.add(paymentId);
    sending.refusedUs(caller.name, raw.status, raw.json === undefined ? undefined : raw.retryAfter);
  }

  createAnswered(caller: Caller, paymentId: string, attempt: number, konsolId: string): void {
    const instance = caller as Instance;
    const { troubles } = instance;
    const answeredAt = this.time.now;
    this.time.after(RECORD_MAX_MS, () => {
      if (instance.troubles !== troubles) return;
      this.invariants.judgeRecorded(paymentId, attempt, konsolId, answeredAt);
    }, instance);
  }

  getAnswered(konsolId: string, json: Readonly<Record<string, unknown>>): void {
    this.invariants.evidence.answered(konsolId, json);
  }

  getDenied(konsolId: string): void {
    const { deniedAt } = this.invariants;
    deniedAt.set(konsolId, [...deniedAt.get(konsolId) ?? [], this.time.now]);
  }

  asked(konsolId: string, askedAt: number): void {
    // One that slept on its way ends after others that were begun later.
    const { asks } = this.invariants;
    asks.set(konsolId, Math.max(askedAt, asks.get(konsolId) ?? -Infinity));
  }

  listed(askedAt: number): void {
    const { listedAt } = this.invariants;
    const isLate = askedAt < (listedAt.at(-1) ?? -Infinity);
    listedAt.push(askedAt);
    // Who asked before may have slept until its answer.
    if (isLate) listedAt.sort((a, b) => a - b);
  }

  shown(executedAt: number): void {
    this.invariants.shownUpTo = Math.max(this.invariants.shownUpTo, executedAt);
  }

  noteProvider(text: string): void {
    if (!text.endsWith("-> fine")) this.faults.provider++;
    this.trace.add(text);
  }

  executed(payment: KonsolPayment): void {
    this.trace.add(`Konsol executes ${payment.id} for ${payment.paymentId}`);
    this.invariants.executed(payment);
  }

  changed(payment: KonsolPayment, why: string): void {
    if (payment.paymentId === undefined) return;
    const { status, amountMinor } = payment.facts;
    this.trace.add(`Konsol's ${payment.id} is ${status} ${amountMinor} (${why})`);
    this.webhooks.tell(payment);
  }

  #openStores(): InstanceWorld["stores"] {
    const { service, time } = this;
    if (this.plan.store === "memory") return service.createMemoryStores();
    const monotonic = () => time.now - time.start;
    return openWithFaults(
      () => service.openSqliteStores(":memory:", { monotonic }),
      () => this.#commitFails(),
    );
  }

  #commitFails(): boolean {
    const fails = this.weather.commitFails();
    if (fails) this.faults.store++;
    return fails;
  }

  backUp(): Promise<Backup> {
    return backUp(this.stores, this.controlKeys);
  }

  /** Every process ends; the store is as it was when the copy was made. */
  async bringBack(backup: Backup): Promise<void> {
    for (const instance of this.alive) instance.crash();
    await this.stores.close();
    this.stores = this.#openStores();
    this.weather.calm = true;
    await putBack(this.stores, backup);
    this.weather.calm = false;
    const payments = await this.storedPayments();
    this.invariants.restored(payments, await this.storedWebhooks());
    this.telling.restored(payments);
    this.restored = true;
    this.restores++;
    this.#restoredAt = this.time.now;
    this.changes++;
    this.trace.add(`the store is back from a copy with ${backup.payments.length} payments`);
  }

  async end(): Promise<void> {
    this.onCrash = undefined;
    const { crashes } = this;
    for (const instance of this.alive) instance.crash();
    this.crashes = crashes;
    await this.stores.close();
  }

  async storedPayments(): Promise<readonly RawRecord[]> {
    return (await this.stores.payments.list({}, PAGE)).items;
  }

  async storedCallbacks(): Promise<readonly RawRecord[]> {
    return (await this.stores.callbacks.list({}, PAGE)).items;
  }

  async storedEvents(): Promise<readonly RawRecord[]> {
    return await this.stores.events.list(undefined, PAGE.perPage) ?? [];
  }

  async storedWebhooks(): Promise<readonly RawRecord[]> {
    return (await this.stores.webhooks.list({}, PAGE)).items;
  }
}

/** A process that could not start is started again after so long. */
const RESTART_MS = 1_000;
/** So long an instance that nothing befalls may take to record what Konsol answered. */
const SLOW_MS = 1_000;
const RECORD_MAX_MS = 75_000;
const CLIENT_TIMEOUT_MS = 60_000;
