// What clients are told must be what is stored: each change once, in order, in the same words at every try.

import type { CallbackRequest, ReceiverWitness, Sender } from "./faulty_receiver.ts";
import type { RawRecord } from "./record_rules.ts";

/** A change that clients can see. */
interface Shown {
  readonly status: string;
  readonly detail: string | undefined;
}

interface Try {
  readonly instance: string;
  readonly until: number;
}

export interface TellingParts {
  readonly violate: (text: string) => void;
  /** True time. */
  readonly now: () => number;
  /** All clocks are right, so that a lease means the same to all. */
  readonly clocksAgree: boolean;
}

const TRIES_MAX = 10;
/** The longest wait of the schedule with its jitter; and nothing that is due stays so for long. */
const NEXT_TRY_MAX_MS = 27 * 3_600_000;
const IDLE_MAX_MS = 20 * 60_000;
/** Ten tries with their jitter, and the rests of a host that keeps failing. */
const SCHEDULE_MAX_MS = 90 * 3_600_000;
/** A card's or a phone's digits in full. */
const PERSONAL = /\d{13,}|\+7\d{10}/;

export class CallbackRules implements ReceiverWitness {
  /** As stored, by the id of their event. */
  readonly callbacks = new Map<string, RawRecord>();
  /** Ids of all events in the order of their changes, and those of each payment. */
  readonly #told = new Map<string, string[]>();
  readonly #shown = new Map<string, Shown>();
  readonly #bodies = new Map<string, string>();
  readonly #accepted = new Set<string>();
  readonly #underWay = new Map<string, Try>();
  /** Who ever claimed which: where clocks differ, another may have claimed it since. */
  readonly #claims = new Set<string>();
  readonly #parts: TellingParts;

  constructor(parts: TellingParts) {
    this.#parts = parts;
  }

  /** The store was put back: what it told before is in no log any more. */
  restored(payments: readonly RawRecord[]): void {
    for (const map of [this.callbacks, this.#told, this.#bodies, this.#underWay]) map.clear();
    this.#shown.clear();
    for (const payment of payments) this.#shown.set(payment.id, shownOf(payment));
  }

  /** A payment was stored with these events. */
  stored(payment: RawRecord, events: readonly RawRecord[]): void {
    const before = this.#shown.get(payment.id);
    const shown = shownOf(payment);
    const isNews = before?.status !== shown.status || before?.detail !== shown.detail;
    this.#shown.set(payment.id, shown);
    if (events.length !== (isNews ? 1 : 0)) {
      this.#violate(`${events.length} events for ${isNews ? "a" : "no"} change`, payment.id);
    }
    for (const event of events) this.#noteEvent(payment, event);
  }

  storedCallback(record: RawRecord): void {
    const { id, state, deathReason, triedInRound } = record;
    this.callbacks.set(id, record);
    if (record.lease !== undefined) this.#claims.add(`${id} ${record.lease.owner}`);
    if (state === "delivered" && !this.#accepted.has(id)) this.#violate("delivered, it says", id);
    if (deathReason === "gave_up" && triedInRound < TRIES_MAX) {
      this.#violate(`given up after ${triedInRound} tries`, id);
    }
    if (state === "pending" && !Number.isFinite(record.dueAt)) this.#violate("never due", id);
  }

  tryBegan({ name }: Sender, { eventId, body }: CallbackRequest, takesMs: number): void {
    const record = this.callbacks.get(eventId);
    if (record === undefined) return this.#violate("sent, but there is no such callback", eventId);
    if (body !== this.#bodies.get(eventId)) this.#violate("sent in other words", eventId);
    const { clocksAgree } = this.#parts;
    const isClaimed = clocksAgree
      ? record.lease?.owner === name
      : this.#claims.has(`${eventId} ${name}`);
    if (!isClaimed) this.#violate(`sent by ${name}, which has no claim`, eventId);
    const isFirst = record.tried === 0;
    const earlier = this.#earlierOf(record).filter(({ state }) => state === "pending");
    if (isFirst && earlier.length > 0) this.#violate("sent before its turn", eventId);
    const other = this.#underWay.get(eventId);
    const now = this.#parts.now();
    if (clocksAgree && other !== undefined && other.until > now) {
      this.#violate(`sent by ${name} while ${other.instance} sends it`, eventId);
    }
    this.#underWay.set(eventId, { instance: name, until: now + takesMs });
  }

  received({ eventId }: CallbackRequest, accepted: boolean): void {
    if (accepted) this.#accepted.add(eventId);
  }

  /** The whole log as the store has it, and what somebody read of it page by page. */
  judgeLog(log: readonly RawRecord[], read: readonly string[]): void {
    const ids = log.map(({ id }) => id);
    const isPrefix = read.every((id, index) => ids[index] === id);
    if (!isPrefix) this.#violate("an event appeared behind a cursor", read.at(-1) ?? "");
    for (const [paymentId, told] of this.#told) {
      const kept = log.filter((event) => event.paymentId === paymentId).map(({ id }) => id);
      if (kept.join() !== told.join()) this.#violate("its events are not in the log", paymentId);
    }
    if (new Set(ids).size !== ids.length) this.#violate("an event is twice in the log", "");
  }

  /** Each is delivered, given up, or will be tried again in time. */
  judgeEnd(stored: readonly RawRecord[]): void {
    const byId = new Map(stored.map((callback) => [callback.id, callback]));
    for (const id of this.callbacks.keys()) {
      const callback = byId.get(id);
      if (callback === undefined) return this.#violate("a callback is lost", id);
      const { state, dueAt, tries } = callback;
      if (state !== "pending") continue;
      const now = this.#parts.now();
      const begunAt = tries[0]?.at ?? now;
      if (now - begunAt > SCHEDULE_MAX_MS) this.#violate("still pending after its schedule", id);
      if (dueAt > now + NEXT_TRY_MAX_MS) this.#violate("tried again much too late", id);
      if (now - dueAt > IDLE_MAX_MS) this.#violate("due and idle", id);
    }
  }

  #noteEvent(payment: RawRecord, { id, body, callbackUrl, ...event }: RawRecord): void {
    const { data, ...head } = JSON.parse(body);
    const { status, detail } = shownOf(payment);
    const isRight = data.id === payment.id && data.status === status && data.detail === detail &&
      head.id === id && head.type === event.type && callbackUrl === payment.callbackUrl;
    if (!isRight) this.#violate("says something else than is stored", id);
    if (PERSONAL.test(JSON.stringify({ ...data, metadata: undefined }))) {
      this.#violate("tells a whole number of a card or a phone", id);
    }
    this.#bodies.set(id, body);
    const told = this.#told.get(payment.id) ?? [];
    this.#told.set(payment.id, [...told, id]);
    if (callbackUrl === undefined) return;
    const { createdAt: dueAt } = event;
    const { id: paymentId } = payment;
    this.callbacks.set(id, { id, paymentId, state: "pending", tried: 0, dueAt });
  }

  #earlierOf({ id, paymentId }: RawRecord): readonly RawRecord[] {
    const told = this.#told.get(paymentId) ?? [];
    return told.slice(0, told.indexOf(id)).flatMap((earlier) => this.callbacks.get(earlier) ?? []);
  }

  #violate(rule: string, id: string): void {
    this.#parts.violate(`telling: ${rule}: ${id}`);
  }
}

/** README, "detail": worked out anew from the raw record. */
function shownOf(payment: RawRecord): Shown {
  const { status, submission, maybeSentAt, providerDisagrees } = payment;
  const waits = submission === "queued" || submission === "submitting";
  const detail = providerDisagrees
    ? "provider_disagrees"
    : submission === "review"
    ? "under_review"
    : submission === "in_doubt"
    ? "awaiting_confirmation"
    : waits && maybeSentAt !== undefined
    ? "resubmitting"
    : undefined;
  return { status, detail };
}
