// When a create may go out on the wire, and what must be known of it afterwards: judged from raw records alone.

import type { RawRecord } from "./record_rules.ts";

/** Whoever sends a create, with its wall clock and the true time at that moment. */
export interface Sender {
  readonly name: string;
  readonly wallNow: number;
  readonly now: number;
  /** Since when nothing befell it: no pause, no slow store. */
  readonly steadySince: number;
}

interface Claim {
  readonly sendNotAfter: number;
  readonly windowMs: number;
  readonly storedAt: number;
}

export interface SendWorld {
  violate(text: string): void;
  record(paymentId: string): RawRecord | undefined;
  /** When the list was asked for the last time that it answered. */
  listedAt(): number;
  /** True time. */
  now(): number;
  /** So old may be what a sender last saw, by any clock. */
  readonly slackMs: number;
}

/** Nobody knows of these in a copy whether they were sent since. */
const UNSENT = ["queued", "submitting"];
/** From a look at the pause to the first byte: a question to Konsol, the claim, and its window. */
const PAUSE_SEEN_MS = 60_000;

/** What Konsol says to one create with these, it says to all. */
const STOPS_ALL = [401, 403, 404, 405];

const isDoubt = ({ submission }: RawRecord) => submission === "in_doubt";

export class SendRules {
  readonly #world: SendWorld;
  /** Creates by payment and attempt: those that went out, and those whose sender heard what came of them. */
  readonly #began = new Set<string>();
  readonly #ended = new Set<string>();
  /** Since when payments are in the queue, in true time. */
  readonly #queued = new Map<string, number>();
  /** Claims by payment and attempt; what they allow, and when they were stored in true time. */
  readonly #claims = new Map<string, Claim>();
  /** What a copy that was brought back shows as unsent, with the length of its history there. */
  readonly #unfenced = new Map<string, number>();
  /** Since when nothing may be sent, for all anybody knows; undefined = it may, or nobody knows. */
  pausedSince: number | undefined;
  /** Who was told by Konsol to send no more, and since when; and who was asked to wait, from when and until when. */
  readonly #stoppedAt = new Map<string, number>();
  readonly #waits = new Map<string, { readonly since: number; readonly until: number }>();

  constructor(world: SendWorld) {
    this.#world = world;
  }

  stored(before: RawRecord | undefined, record: RawRecord): void {
    if (record.submission === "submitting") this.#noteClaim(record);
    if (record.submission === "queued" && before?.submission !== "queued") {
      this.#queued.set(record.id, this.#world.now());
    }
  }

  restored(payments: readonly RawRecord[]): void {
    this.#unfenced.clear();
    this.#began.clear();
    this.#claims.clear();
    for (const { id, submission, history } of payments) {
      if (UNSENT.includes(submission)) this.#unfenced.set(id, history.length);
    }
  }

  /** A create goes out on the wire. */
  began(sender: Sender, paymentId: string, attempt: number): void {
    const record = this.#world.record(paymentId);
    if (record === undefined) return this.#world.violate(`sent, but not stored: ${paymentId}`);
    const claim = record.history.find((event: RawRecord) =>
      event.move === "T3" && event.attempt === attempt
    );
    const name = `${paymentId}#${attempt}`;
    if (claim === undefined) this.#world.violate(`sent without a stored claim: ${name}`);
    else if (claim.cause.id !== sender.name) {
      this.#world.violate(`sent by ${sender.name}, not its owner: ${name}`);
    }
    this.#judgeTime(sender, name);
    this.#judgeHolds(sender, name);
    const known = record.history.slice(this.#unfenced.get(paymentId) ?? Infinity);
    if (this.#unfenced.has(paymentId) && !known.some(isDoubt)) {
      this.#world.violate(`sent from a copy of the store without a doubt: ${name}`);
    }
    if (claim !== undefined) this.#judgeSecond(record, claim, name);
    if (this.#began.has(name)) this.#world.violate(`sent twice under one claim: ${name}`);
    this.#began.add(name);
  }

  ended(paymentId: string, attempt: number): void {
    this.#ended.add(`${paymentId}#${attempt}`);
  }

  /** A create was answered with 4xx; `retryAfter` in seconds. */
  refusedUs(sender: string, status: number, retryAfter: string | undefined): void {
    const now = this.#world.now();
    if (STOPS_ALL.includes(status)) this.#stoppedAt.set(sender, now);
    if (status === 429 && retryAfter !== undefined) {
      this.#waits.set(sender, { since: now, until: now + Number(retryAfter) * 1_000 });
    }
  }

  /** Somebody resumed, or tries to: a person has looked. */
  resumed(): void {
    this.pausedSince = undefined;
    this.#stoppedAt.clear();
  }

  /** It went out, and whoever sent it has not heard yet what came of it. */
  isOpen(name: string): boolean {
    return this.#began.has(name) && !this.#ended.has(name);
  }

  claimedAt(paymentId: string, attempt: number): number | undefined {
    return this.#claims.get(`${paymentId}#${attempt}`)?.storedAt;
  }

  #noteClaim({ id, attempt, lease, history }: RawRecord): void {
    const name = `${id}#${attempt}`;
    if (this.#claims.has(name) || lease === undefined) return;
    const { at } = history.findLast((event: RawRecord) => event.move === "T3");
    const { sendNotAfter } = lease;
    const storedAt = this.#world.now();
    this.#claims.set(name, { sendNotAfter, windowMs: sendNotAfter - at, storedAt });
  }

  /** Not past the deadline of its claim, on the wall clock or by the time that really passed. */
  #judgeTime({ wallNow, now }: Sender, name: string): void {
    const claim = this.#claims.get(name);
    if (claim === undefined) return;
    if (wallNow > claim.sendNotAfter) this.#world.violate(`sent past its deadline: ${name}`);
    if (now - claim.storedAt > claim.windowMs) {
      this.#world.violate(`sent long after its claim: ${name}`);
    }
  }

  /** Whoever is stopped, by a person or by Konsol, sends nothing but what was under way. */
  #judgeHolds({ now, steadySince, name: sender }: Sender, name: string): void {
    const mustKnow = (since = Infinity) => now - Math.max(since, steadySince) > PAUSE_SEEN_MS;
    if (mustKnow(this.pausedSince)) this.#world.violate(`sent while sending is paused: ${name}`);
    if (mustKnow(this.#stoppedAt.get(sender))) {
      this.#world.violate(`sent although Konsol refused us: ${name}`);
    }
    const wait = this.#waits.get(sender);
    if (mustKnow(wait?.since) && now < (wait?.until ?? 0)) {
      this.#world.violate(`sent although Konsol asked us to wait: ${name}`);
    }
  }

  /** After a doubt only when the list was read since it was queued again. */
  #judgeSecond(record: RawRecord, claim: RawRecord, name: string): void {
    const { history } = record;
    const wasInDoubt = history.slice(0, history.indexOf(claim)).some(isDoubt);
    const queuedAt = this.#queued.get(record.id) ?? -Infinity;
    if (wasInDoubt && this.#world.listedAt() < queuedAt - this.#world.slackMs) {
      this.#world.violate(`sent again without looking for it first: ${name}`);
    }
  }
}
