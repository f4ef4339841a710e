// What must be true at every moment: judged from Konsol's ground truth, clients' answers and raw records alone.

import { fits, fitsRecord, type Intent } from "./intent.ts";
import { isEnd, type KonsolPayment, minorOf, type ProviderLedger } from "./provider_ledger.ts";
import { brokenAbsence, brokenGivingUp, type ResubmitFacts } from "./resubmit_rules.ts";
import { brokenByChange, brokenByInsert, isEndStatus, type RawRecord } from "./record_rules.ts";

/** What Konsol said of a payment when it was asked. */
interface Evidence {
  readonly status: string;
  readonly amountMinor: number;
  readonly paymentId: string | undefined;
}

/** Whoever sends a create, with its wall clock and the true time at that moment. */
export interface Sender {
  readonly name: string;
  readonly wallNow: number;
  readonly now: number;
}

interface Claim {
  readonly sendNotAfter: number;
  readonly windowMs: number;
  readonly storedAt: number;
}

export interface Rules {
  /** A second create may be executed, if it raised an alarm: Konsol may be later than the horizon. */
  readonly secondAllowed: boolean;
  /** How wrong the clocks of instances may be. */
  readonly clocksOffMs: number;
  /** How long after its last moment a request may still be executed. */
  readonly horizonMs: number;
}

/** A store answers within so long. */
const STORE_SLOW_MS = 3 * 60_000;

/** Nobody knows of these in a copy whether they were sent since. */
const UNSENT = ["queued", "submitting"];
/** The moves that say "it was not paid" of what may have been sent. */
const GIVING_UP = ["T9", "T11"];

const isDoubt = ({ submission }: RawRecord) => submission === "in_doubt";

export class Invariants {
  readonly violations: string[] = [];
  /** Payments as they are stored, by id. */
  readonly records = new Map<string, RawRecord>();
  readonly webhooks = new Map<string, RawRecord>();
  readonly alarms = new Map<string, Set<string>>();
  /** Konsol's payments of which it once said that it does not know them. */
  readonly denied = new Set<string>();
  /** Payments that a restore from a backup may have lost. */
  readonly lost = new Set<string>();
  /** When the latest answered GET of each Konsol payment was sent, in true time. */
  readonly asks = new Map<string, number>();
  /** When the list was asked for that was answered, each time, the latest last. */
  readonly listedAt: number[] = [];
  /** The latest execution of a payment of ours that any page of a list could show. */
  shownUpTo = -Infinity;
  readonly #intents: Intent[] = [];
  readonly #evidence = new Map<string, Evidence[]>();
  /** Our payments that an answered GET of one of Konsol's named. */
  readonly #named = new Set<string>();
  /** Creates by payment and attempt: those that went out, and those whose sender heard what came of them. */
  readonly #began = new Set<string>();
  readonly #ended = new Set<string>();
  /** Since when an answer to each webhook is wanted, in true time. */
  readonly #wanted = new Map<string, number>();
  /** Since when payments are in the queue, in true time. */
  readonly #queued = new Map<string, number>();
  /** Claims by payment and attempt; what they allow, and when they were stored in true time. */
  readonly #claims = new Map<string, Claim>();
  /** What a copy that was brought back shows as unsent, with the length of its history there. */
  readonly #unfenced = new Map<string, number>();
  readonly #byHandle = new Map<string, string>();
  readonly #acknowledged = new Map<string, Intent>();
  readonly #rules: Rules;
  /** True time. */
  readonly #now: () => number;
  readonly #underWay: (paymentId: string) => number;
  ledger!: ProviderLedger;

  constructor(rules: Rules, now: () => number, underWay: (paymentId: string) => number) {
    this.#rules = rules;
    this.#now = now;
    this.#underWay = underWay;
  }

  violate(text: string): void {
    this.violations.push(text);
  }

  asked(intent: Intent): void {
    this.#intents.push(intent);
  }

  /** A stored payment after a write that the store confirmed to whoever heard of it. */
  stored(record: RawRecord): void {
    const before = this.records.get(record.id);
    this.records.set(record.id, record);
    const broken = before ? brokenByChange(before, record) : brokenByInsert(record);
    for (const rule of broken) this.violate(`payment ${record.id}: ${rule}`);
    if (record.submission === "submitting") this.#noteClaim(record);
    if (record.submission === "queued" && before?.submission !== "queued") {
      this.#queued.set(record.id, this.#now());
    }
    if (before !== undefined) this.#judgeMove(before, record);
    else this.#judgeHandles(record);
  }

  /** A store that was put back: what is in it now is what there is. */
  restored(payments: readonly RawRecord[], webhooks: readonly RawRecord[]): void {
    const kept = new Set(payments.map(({ id }) => id));
    for (const id of this.records.keys()) if (!kept.has(id)) this.#forget(id);
    for (const record of payments) this.records.set(record.id, record);
    const unsent = payments.filter(({ submission }) => UNSENT.includes(submission));
    this.#unfenced.clear();
    for (const { id, history } of unsent) this.#unfenced.set(id, history.length);
    this.#began.clear();
    this.#claims.clear();
    this.#named.clear();
    this.webhooks.clear();
    for (const webhook of webhooks) this.webhooks.set(webhook.id, webhook);
  }

  storedWebhook(webhook: RawRecord): void {
    const { id, state, wantedSince, konsolId } = webhook;
    const before = this.webhooks.get(id);
    this.webhooks.set(id, webhook);
    // It may have come long before it was stored: whoever took it was paused.
    if (before?.wantedSince !== wantedSince) {
      this.#wanted.set(id, Math.min(this.#now(), wantedSince));
    }
    if (state !== "processed" || before?.state === "processed") return;
    const wantedAt = this.#wanted.get(id) ?? -Infinity;
    const askedAt = this.asks.get(konsolId) ?? -Infinity;
    if (askedAt < wantedAt - this.#slackMs()) {
      this.violate(`worked off without asking Konsol: webhook ${id}`);
    }
  }

  /** A create goes out on the wire. */
  createBegan(sender: Sender, paymentId: string, attempt: number): void {
    const record = this.records.get(paymentId);
    if (record === undefined) return this.violate(`sent, but not stored: ${paymentId}`);
    const claim = record.history.find((event: RawRecord) =>
      event.move === "T3" && event.attempt === attempt
    );
    const name = `${paymentId}#${attempt}`;
    if (claim === undefined) this.violate(`sent without a stored claim: ${name}`);
    else if (claim.cause.id !== sender.name) {
      this.violate(`sent by ${sender.name}, not its owner: ${name}`);
    }
    this.#judgeSendTime(sender, name);
    const known = record.history.slice(this.#unfenced.get(paymentId) ?? Infinity);
    if (this.#unfenced.has(paymentId) && !known.some(isDoubt)) {
      this.violate(`sent from a copy of the store without a doubt: ${name}`);
    }
    if (claim !== undefined) this.#judgeSecondSend(record, claim, name);
    if (this.#began.has(name)) this.violate(`sent twice under one claim: ${name}`);
    this.#began.add(name);
  }

  createEnded(paymentId: string, attempt: number): void {
    this.#ended.add(`${paymentId}#${attempt}`);
  }

  /** A create was answered with what it created: by now that must be known of the payment. */
  judgeRecorded(paymentId: string, attempt: number, konsolId: string): void {
    const record = this.records.get(paymentId);
    if (record === undefined) return;
    const { submission, konsolId: linked, candidateKonsolId, providerDisagrees } = record;
    const isKnown = linked === konsolId || candidateKonsolId === konsolId || providerDisagrees ||
      ["review", "settled"].includes(submission) || this.alarms.has(paymentId);
    if (!isKnown) this.violate(`an answer was dropped: ${konsolId} for ${paymentId}#${attempt}`);
  }

  /** After a doubt only when the list was read since it was queued again. */
  #judgeSecondSend(record: RawRecord, claim: RawRecord, name: string): void {
    const { history } = record;
    const wasInDoubt = history.slice(0, history.indexOf(claim)).some(isDoubt);
    const queuedAt = this.#queued.get(record.id) ?? -Infinity;
    if (wasInDoubt && (this.listedAt.at(-1) ?? -Infinity) < queuedAt - this.#slackMs()) {
      this.violate(`sent again without looking for it first: ${name}`);
    }
  }

  #slackMs(): number {
    return STORE_SLOW_MS + 2 * this.#rules.clocksOffMs;
  }

  /** Not past the deadline of its claim, on the wall clock or by the time that really passed. */
  #judgeSendTime({ wallNow, now }: Sender, name: string): void {
    const claim = this.#claims.get(name);
    if (claim === undefined) return;
    if (wallNow > claim.sendNotAfter) this.violate(`sent past its deadline: ${name}`);
    if (now - claim.storedAt > claim.windowMs) this.violate(`sent long after its claim: ${name}`);
  }

  getAnswered(konsolId: string, json: Readonly<Record<string, unknown>>): void {
    if (String(json.id) !== konsolId) return;
    const { payment_id } = (json.metadata ?? {}) as Record<string, unknown>;
    const said = this.#evidence.get(konsolId) ?? [];
    said.push({
      status: String(json.status),
      amountMinor: minorOf(json.amount),
      paymentId: payment_id === undefined ? undefined : String(payment_id),
    });
    this.#evidence.set(konsolId, said);
    this.#named.add(String(payment_id));
  }

  executed(payment: KonsolPayment): void {
    const { paymentId = "" } = payment;
    const record = this.records.get(paymentId);
    const what = `Konsol's ${payment.id} for ${paymentId}`;
    if (this.lost.has(paymentId)) return;
    if (record === undefined) return this.violate(`${what} is nobody's`);
    if (payment.sentAmountMinor !== record.amountMinor) {
      this.violate(`${what} has another amount: ${payment.sentAmountMinor}`);
    }
    if (payment.externalId !== (record.externalId ?? record.id)) {
      this.violate(`${what} has another external_id: ${payment.externalId}`);
    }
    if (!this.#intentsOf(record).some((intent) => fits(intent, payment))) {
      this.violate(`${what} has another recipient: ${payment.recipient}`);
    }
    const count = this.ledger.ofPayment(paymentId).length;
    if (count > 1 && !this.#rules.secondAllowed) {
      this.violate(`PAID TWICE: Konsol executed ${count} creates of ${paymentId}`);
    }
    const settledBy = record.history.findLast((event: RawRecord) => event.submission === "settled");
    if (settledBy && ["T2", "T6"].includes(settledBy.move)) {
      this.violate(`${what} was executed after ${settledBy.move}`);
    }
  }

  /** A client was told that its payment exists. */
  acknowledged(intent: Intent, status: number, json: RawRecord): void {
    const { id } = json;
    const record = this.records.get(id);
    if (record === undefined) {
      if (!this.lost.has(id)) this.violate(`acknowledged (${status}), but not stored: ${id}`);
      return;
    }
    if (record.amountMinor !== intent.amountMinor || minorOf(json.amount) !== intent.amountMinor) {
      this.violate(`acknowledged with another amount: ${id}`);
    }
    if (!fitsRecord(intent, record)) this.violate(`acknowledged with another recipient: ${id}`);
    for (const handle of intent.handles) {
      const known = this.#byHandle.get(handle);
      if (known !== undefined && known !== id && !this.lost.has(known)) {
        this.violate(`one handle, two payments: ${handle} -> ${known}, ${id}`);
      }
      this.#byHandle.set(handle, id);
    }
    this.#acknowledged.set(id, intent);
  }

  /** Whatever a client sees of a payment is what it is or was. */
  shown(json: RawRecord): void {
    const record = this.records.get(json.id);
    if (record === undefined) {
      if (!this.lost.has(json.id)) this.violate(`shown, but not stored: ${json.id}`);
      return;
    }
    const was = record.history.some((event: RawRecord) => event.status === json.status);
    if (!was) this.violate(`shown as ${json.status}, which it never was: ${json.id}`);
    if (json.paid_at !== undefined && json.status !== "completed") {
      this.violate(`shown as paid while ${json.status}: ${json.id}`);
    }
  }

  alarm(fields: RawRecord): void {
    const { payment_id: id = "", alarm } = fields;
    this.alarms.set(id, (this.alarms.get(id) ?? new Set()).add(alarm));
  }

  get acknowledgedIds(): readonly string[] {
    return [...this.#acknowledged.keys()].filter((id) => !this.lost.has(id));
  }

  #noteClaim({ id, attempt, lease, history }: RawRecord): void {
    const name = `${id}#${attempt}`;
    if (this.#claims.has(name) || lease === undefined) return;
    const { at } = history.findLast((event: RawRecord) => event.move === "T3");
    const { sendNotAfter } = lease;
    this.#claims.set(name, { sendNotAfter, windowMs: sendNotAfter - at, storedAt: this.#now() });
  }

  #forget(id: string): void {
    this.records.delete(id);
    this.lost.add(id);
  }

  #intentsOf(record: RawRecord): readonly Intent[] {
    const handles = [record.idempotencyKey, record.externalId];
    return this.#intents.filter((intent) =>
      intent.handles.some((handle) => handles.includes(handle))
    );
  }

  #judgeHandles(record: RawRecord): void {
    for (const field of ["idempotencyKey", "externalId"]) {
      const handle = record[field];
      const same = [...this.records.values()].filter((other) => other[field] === handle);
      if (handle !== undefined && same.length > 1) this.violate(`two payments with ${handle}`);
    }
    if (!this.#intentsOf(record).some((intent) => fitsRecord(intent, record))) {
      this.violate(`stored, but nobody asked for it: ${record.id}`);
    }
  }

  #judgeMove(before: RawRecord, after: RawRecord): void {
    const { id, konsolId } = after;
    if (konsolId !== undefined && konsolId !== before.konsolId) this.#judgeLink(after);
    if (after.cleanScans !== before.cleanScans) {
      for (const rule of brokenAbsence(before, after, this.#resubmitFacts(after))) {
        this.violate(`${rule}: ${id}`);
      }
    }
    const moved = before.submission !== after.submission;
    const isRequeued = moved && after.history.at(-1).move === "T4";
    const name = `${id}#${after.attempt}`;
    if (isRequeued && this.#began.has(name) && !this.#ended.has(name)) {
      this.violate(`not executed, it says, before that was answered: ${name}`);
    }
    if (isRequeued && this.#underWay(id) > 0 && !this.#rules.secondAllowed) {
      this.violate(`not executed, it says, while a create is under way: ${id}`);
    }
    if (moved && GIVING_UP.includes(after.history.at(-1).move)) this.#judgeGivingUp(before, after);
    if (before.status === after.status || !isEndStatus(after.status)) return;
    const move = after.history.at(-1).move;
    const ours = this.ledger.ofPayment(id);
    if (after.status === "completed" || move === "T12") return this.#judgeReported(after);
    const open = ours.filter(({ facts }) => !isEnd(facts.status) || facts.status === "completed");
    if (open.length > 0) this.violate(`${after.status} by ${move}, but live at Konsol: ${id}`);
    if (this.#underWay(id) > 0 && move !== "T11") {
      this.violate(`${after.status} by ${move}, but a create is under way: ${id}`);
    }
  }

  #judgeGivingUp(before: RawRecord, after: RawRecord): void {
    const { id } = after;
    if (this.#underWay(id) > 0 && !this.#rules.secondAllowed) {
      this.violate(`given up as not paid while under way: ${id}`);
    }
    for (const rule of brokenGivingUp(before, after, this.#resubmitFacts(after))) {
      this.violate(`${rule}: ${id}`);
    }
  }

  #resubmitFacts({ id, attempt }: RawRecord): ResubmitFacts {
    const { horizonMs, clocksOffMs } = this.#rules;
    const unworkedAt = [...this.webhooks.values()].filter(({ dueAt }) => dueAt !== undefined)
      .map((webhook) => this.#wanted.get(webhook.id) ?? Infinity);
    return {
      now: this.#now(),
      horizonMs,
      clocksOffMs,
      listedAt: this.listedAt,
      shownUpTo: this.shownUpTo,
      isNamed: this.#named.has(id),
      claimedAt: this.#claims.get(`${id}#${attempt}`)?.storedAt,
      firstClaimedAt: this.#claims.get(`${id}#1`)?.storedAt,
      unworkedAt,
    };
  }

  #judgeLink({ id, konsolId, history }: RawRecord): void {
    const payment = this.ledger.payments.get(konsolId);
    if (payment?.paymentId !== id) this.violate(`linked to a payment that is not its: ${id}`);
    const asked = this.#evidence.get(konsolId)?.some(({ paymentId }) => paymentId === id);
    const { move } = history.at(-1);
    if (move !== "T5" && !asked) this.violate(`linked by ${move} without asking Konsol: ${id}`);
    for (const other of this.records.values()) {
      if (other.id !== id && other.konsolId === konsolId) {
        this.violate(`${id} and ${other.id} both have Konsol's ${konsolId}`);
      }
    }
  }

  /** Ended as Konsol said: it must have said so, and of this payment. */
  #judgeReported({ id, konsolId, status, amountMinor }: RawRecord): void {
    const said = this.#evidence.get(konsolId)?.some((evidence) =>
      evidence.status === status && evidence.amountMinor === amountMinor &&
      evidence.paymentId === id
    );
    if (!said) this.violate(`${status}, but no GET said so of it: ${id}`);
    const completed = this.ledger.ofPayment(id)
      .filter(({ past }) => past.some((facts) => facts.status === "completed"));
    if (status === "completed" && completed.length !== 1) {
      this.violate(`completed, but ${completed.length} completed at Konsol: ${id}`);
    }
  }
}
