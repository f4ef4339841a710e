// What must be true at every moment: judged from Konsol's ground truth, clients' answers and raw records alone.

import { Evidence } from "./evidence.ts";
import { HandleRules } from "./handle_rules.ts";
import { fits, fitsRecord, type Intent } from "./intent.ts";
import { brokenParking, type ParkingFacts } from "./parking_rules.ts";
import {
  isEdited,
  isEnd,
  type KonsolPayment,
  minorOf,
  type ProviderLedger,
} from "./provider_ledger.ts";
import { brokenAbsence, brokenGivingUp, type ResubmitFacts } from "./resubmit_rules.ts";
import {
  brokenByChange,
  brokenByInsert,
  isEndStatus,
  PAID_TWICE,
  type RawRecord,
} from "./record_rules.ts";
import { SendRules } from "./send_rules.ts";
import { WEBHOOK_URL } from "./webhook_url.ts";

export interface Rules {
  /** A second create may be executed, if it raised an alarm: Konsol may be later than the horizon. */
  readonly secondAllowed: boolean;
  /** How wrong the clocks of instances may be. */
  readonly clocksOffMs: number;
  /** How long after its last moment a request may still be executed. */
  readonly horizonMs: number;
  readonly queueMaxAgeMs: number;
  /** Konsol's list lags by so much at most. */
  readonly listLagMs: number;
  /** So many a day of what is not found at Konsol may be sent again by themselves (T9). */
  readonly resubmits: number;
}

const DAY_MS = 24 * 60 * 60_000;
/** A store answers within so long. */
const STORE_SLOW_MS = 3 * 60_000;

/** The moves that say "it was not paid" of what may have been sent. */
const GIVING_UP = ["T9", "T11"];

export class Invariants {
  readonly violations: string[] = [];
  /** Payments as they are stored, by id. */
  readonly records = new Map<string, RawRecord>();
  readonly webhooks = new Map<string, RawRecord>();
  /** When the latest alarm of each payment was raised. */
  readonly alarmedAt = new Map<string, number>();
  /** When Konsol said of its payments that it does not know them. */
  readonly deniedAt = new Map<string, number[]>();
  /** Our payments of which Konsol refused a create. */
  readonly refused = new Set<string>();
  /** Payments that a restore from a backup has lost, and when. */
  readonly lost = new Map<string, number>();
  /** When the latest answered GET of each Konsol payment was sent, in true time. */
  readonly asks = new Map<string, number>();
  /** When the list was asked for that was answered, each time, the latest last. */
  readonly listedAt: number[] = [];
  /** The latest execution of a payment of ours that any page of a list could show. */
  shownUpTo = -Infinity;
  readonly #intents: Intent[] = [];
  readonly evidence = new Evidence();
  /** Since when an answer to each webhook is wanted, in true time. */
  readonly #wanted = new Map<string, number>();
  /** Since when payments are in their submission state, and since when they wait to be sent, in true time. */
  readonly #since = new Map<string, number>();
  readonly #unsentSince = new Map<string, number>();
  #wasRestored = false;
  /** When payments came back of which nobody knows what was sent since. */
  readonly #restoredAt = new Map<string, number>();
  /** T9 since then: with a copy, what was counted of them is back, too. */
  #resubmits = 0;
  readonly #begunAt: number;
  readonly #acknowledged = new Map<string, Intent>();
  readonly sending: SendRules;
  readonly handles: HandleRules;
  readonly #rules: Rules;
  /** True time. */
  readonly #now: () => number;
  readonly #underWay: (paymentId: string) => number;
  ledger!: ProviderLedger;

  constructor(rules: Rules, now: () => number, underWay: (paymentId: string) => number) {
    this.#rules = rules;
    this.#now = now;
    this.#begunAt = now();
    this.#underWay = underWay;
    const common = {
      violate: (text: string) => this.violate(text),
      record: (id: string) => this.records.get(id),
    };
    this.handles = new HandleRules({
      ...common,
      lostAt: (id) => this.lost.get(id),
      listLagMs: rules.listLagMs,
      clocksOffMs: rules.clocksOffMs,
    });
    this.sending = new SendRules({
      ...common,
      listedAt: () => this.listedAt.at(-1) ?? -Infinity,
      now,
      slackMs: this.#slackMs(),
    });
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
    this.sending.stored(before, record);
    this.handles.stored(before, record);
    if (before !== undefined) this.#judgeMove(before, record);
    else this.#judgeInsert(record);
    this.#noteTimes(before, record);
  }

  /** A store that was put back: what is in it now is what there is. */
  restored(payments: readonly RawRecord[], webhooks: readonly RawRecord[]): void {
    const kept = new Set(payments.map(({ id }) => id));
    for (const id of this.records.keys()) if (!kept.has(id)) this.#forget(id);
    for (const record of payments) this.records.set(record.id, record);
    this.sending.restored(payments);
    this.evidence.restored();
    this.handles.restored();
    this.#since.clear();
    this.#unsentSince.clear();
    this.#wasRestored = true;
    for (const { id, konsolId, submission } of payments) {
      if (konsolId === undefined && submission !== "settled") this.#restoredAt.set(id, this.#now());
    }
    this.#resubmits = 0;
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

  /** A create was answered with what it created: by now that must be known of the payment. */
  judgeRecorded(paymentId: string, attempt: number, konsolId: string, answeredAt: number): void {
    const record = this.records.get(paymentId);
    if (record === undefined) return;
    const { submission, konsolId: linked, candidateKonsolId, providerDisagrees } = record;
    const isKnown = linked === konsolId || candidateKonsolId === konsolId || providerDisagrees ||
      ["review", "settled"].includes(submission) || this.isAlarmedSince(paymentId, answeredAt);
    if (!isKnown) this.violate(`an answer was dropped: ${konsolId} for ${paymentId}#${attempt}`);
  }

  #slackMs(): number {
    return STORE_SLOW_MS + 2 * this.#rules.clocksOffMs;
  }

  /** Konsol's webhook was taken with a 2xx: it is stored, and an answer is wanted that is as new. */
  webhookTaken(konsolId: string, postedAt: number): void {
    const isKept = this.webhooks.values().some((webhook) =>
      webhook.konsolId === konsolId &&
      (this.#wanted.get(webhook.id) ?? -Infinity) >= postedAt - this.#slackMs()
    );
    if (!isKept) this.violate(`a webhook was taken and not stored: ${konsolId}`);
  }

  executed(payment: KonsolPayment): void {
    const { paymentId = "" } = payment;
    const record = this.records.get(paymentId);
    const what = `Konsol's ${payment.id} for ${paymentId}`;
    this.handles.executed(payment);
    if (this.lost.has(paymentId)) return;
    if (record === undefined) return this.violate(`${what} is nobody's`);
    if (payment.sentAmountMinor !== record.amountMinor) {
      this.violate(`${what} has another amount: ${payment.sentAmountMinor}`);
    }
    if (payment.externalId !== (record.externalId ?? record.id)) {
      this.violate(`${what} has another external_id: ${payment.externalId}`);
    }
    if (!this.#intentsOf(record).some((intent) => fits(intent, payment))) {
      this.violate(`${what} has another recipient: ${payment.recipient} ${payment.bank ?? ""}`);
    }
    if (payment.currency !== record.currency) {
      this.violate(`${what} has another currency: ${payment.currency}`);
    }
    if (payment.callbackUrl !== WEBHOOK_URL) {
      this.violate(`${what} tells another of its changes: ${payment.callbackUrl}`);
    }
    const count = this.ledger.ofPayment(paymentId).length;
    if (count > 1 && !this.#rules.secondAllowed) {
      this.violate(`${PAID_TWICE}: Konsol executed ${count} creates of ${paymentId}`);
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
    this.handles.acknowledged(intent, id);
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
    this.alarmedAt.set(fields.payment_id ?? "", this.#now());
  }

  isAlarmedSince(paymentId: string, at: number): boolean {
    return (this.alarmedAt.get(paymentId) ?? -Infinity) >= at;
  }

  get acknowledgedIds(): readonly string[] {
    return [...this.#acknowledged.keys()].filter((id) => !this.lost.has(id));
  }

  #noteTimes(before: RawRecord | undefined, { id, submission, history }: RawRecord): void {
    if (before?.submission === submission) return;
    this.#since.set(id, this.#now());
    const isWaiting = before === undefined || GIVING_UP.includes(history.at(-1).move);
    if (isWaiting) this.#unsentSince.set(id, this.#now());
  }

  #forget(id: string): void {
    this.records.delete(id);
    this.lost.set(id, this.#now());
  }

  #intentsOf(record: RawRecord): readonly Intent[] {
    const handles = [record.idempotencyKey, record.externalId];
    return this.#intents.filter((intent) =>
      intent.handles.some((handle) => handles.includes(handle))
    );
  }

  #judgeInsert(record: RawRecord): void {
    this.handles.inserted(record, [...this.records.values()]);
    if (!this.#intentsOf(record).some((intent) => fitsRecord(intent, record))) {
      this.violate(`stored, but nobody asked for it: ${record.id}`);
    }
  }

  #judgeMove(before: RawRecord, after: RawRecord): void {
    const { id, konsolId } = after;
    if (konsolId !== undefined && konsolId !== before.konsolId) this.#judgeLink(after);
    for (const rule of brokenParking(before, after, () => this.#parkingFacts(before, after))) {
      this.violate(`${rule}: ${id}`);
    }
    if (after.cleanScans !== before.cleanScans) {
      for (const rule of brokenAbsence(before, after, this.#resubmitFacts(after))) {
        this.violate(`${rule}: ${id}`);
      }
    }
    const moved = before.submission !== after.submission;
    const isRequeued = moved && after.history.at(-1).move === "T4";
    const name = `${id}#${after.attempt}`;
    if (isRequeued && this.sending.isOpen(name)) {
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
    if (after.history.at(-1).move !== "T9") return;
    this.#resubmits++;
    const { clocksOffMs, resubmits } = this.#rules;
    const dayOf = (at: number) => Math.floor(at / DAY_MS);
    const days = 1 + dayOf(this.#now() + clocksOffMs) - dayOf(this.#begunAt - clocksOffMs);
    if (this.#resubmits > resubmits * days) {
      this.violate(`sent again though ${resubmits} a day are allowed: ${id}`);
    }
  }

  /** What slept on its way to the store counts from when it was meant, not from when it got there. */
  #parkingFacts(before: RawRecord, { id, attempt, konsolId }: RawRecord): ParkingFacts {
    const { clocksOffMs, queueMaxAgeMs, resubmits, horizonMs } = this.#rules;
    const { submissionSince, unsentSince, sendNotAfter = Infinity } = before;
    return {
      now: this.#now(),
      ...{ clocksOffMs, queueMaxAgeMs, horizonMs, resubmits },
      since: Math.min(this.#since.get(id) ?? -Infinity, submissionSince),
      claimedAt: Math.min(this.sending.claimedAt(id, attempt) ?? -Infinity, sendNotAfter),
      unsentSince: Math.min(this.#unsentSince.get(id) ?? -Infinity, unsentSince),
      ours: this.ledger.ofPayment(id),
      deniedAt: this.deniedAt.get(konsolId) ?? [],
      wasRefused: this.refused.has(id),
      wasRestored: this.#wasRestored,
    };
  }

  #resubmitFacts({ id, attempt }: RawRecord): ResubmitFacts {
    const { horizonMs, clocksOffMs, listLagMs } = this.#rules;
    const unworkedAt = [...this.webhooks.values()].filter(({ dueAt }) => dueAt !== undefined)
      .map((webhook) => this.#wanted.get(webhook.id) ?? Infinity);
    return {
      now: this.#now(),
      horizonMs,
      clocksOffMs,
      listLagMs,
      restoredAt: this.#restoredAt.get(id),
      executedAt: this.ledger.ofPayment(id).find((one) => !isEdited(one))?.createdAt,
      listedAt: this.listedAt,
      shownUpTo: this.shownUpTo,
      isNamed: this.evidence.isNamed(id),
      claimedAt: this.sending.claimedAt(id, attempt),
      firstClaimedAt: this.sending.claimedAt(id, 1),
      unworkedAt,
    };
  }

  #judgeLink({ id, konsolId, history }: RawRecord): void {
    const payment = this.ledger.payments.get(konsolId);
    if (payment?.paymentId !== id) this.violate(`linked to a payment that is not its: ${id}`);
    const asked = this.evidence.names(konsolId, id);
    const { move } = history.at(-1);
    if (move !== "T5" && !asked) this.violate(`linked by ${move} without asking Konsol: ${id}`);
    for (const other of this.records.values()) {
      if (other.id !== id && other.konsolId === konsolId) {
        this.violate(`${id} and ${other.id} both have Konsol's ${konsolId}`);
      }
    }
  }

  /** Ended as Konsol said: it must have said so, and of this payment. */
  #judgeReported(record: RawRecord): void {
    const { id, status } = record;
    if (!this.evidence.says(record)) this.violate(`${status}, but no GET said so of it: ${id}`);
    const completed = this.ledger.ofPayment(id)
      .filter(({ past }) => past.some((facts) => facts.status === "completed"));
    if (status === "completed" && completed.length !== 1) {
      this.violate(`completed, but ${completed.length} completed at Konsol: ${id}`);
    }
  }
}
