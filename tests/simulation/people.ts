// Persons: they decide reviews by what Konsol's cabinet shows, truthfully and sometimes too early, pause and resume.

import type { HttpAnswer } from "./instance.ts";
import type { RawRecord } from "./record_rules.ts";
import type { SeededRandom } from "./seeded_random.ts";
import type { World } from "./world.ts";

const SIGNED = { by: "Анна", reason: "проверено в кабинете" };
/** A pause, whoever made it, is looked at so often. */
const RESUME_EVERY_MS = 10 * 60_000;

const DAWDLES_MAX_MS = 60 * 60_000;
/** How often persons try to decide one payment. */
const DECISIONS_MAX = 6;
/** How often they are told that Konsol's list was not read whole, before they compare it by hand. */
const REFUSALS_MAX = 3;

export class People {
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #decided = new Map<string, number>();
  #calm = false;
  #isDone = false;
  #refusals = 0;

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random.fork("people");
  }

  start(): void {
    const { people, operators } = this.#world.plan;
    this.#every(people.decideEveryMs, () => this.#decideAll(), true);
    this.#every(RESUME_EVERY_MS, async () => {
      if (this.#world.isPaused) await this.#resume();
    }, true);
    this.#every(operators.pausesSubmission, () => this.#post("/konsol/submission/pause", SIGNED));
  }

  /** Nobody pauses any more; what needs a person may go on needing one. */
  async repair(): Promise<void> {
    this.#calm = true;
    for (let tries = 0; tries < 10; tries++) {
      if (await this.#resume()) return;
    }
  }

  /** They go home: what happens from here on needs no person. */
  stop(): void {
    this.#isDone = true;
  }

  /** What needs a person, before and after they look, must be shown to persons. */
  async judgeInbox(): Promise<void> {
    const { invariants } = this.#world;
    const before = new Map(invariants.records.values().map((record) => [record.id, needs(record)]));
    const items = await this.#reviews();
    if (items === undefined) return;
    const shown = new Set(items.map(({ id }) => id));
    for (const [id, record] of invariants.records) {
      const needed = needs(record);
      if (needed === before.get(id) && needed !== shown.has(id)) {
        invariants.violate(`${needed ? "not" : "needlessly"} shown for review: ${id}`);
      }
    }
  }

  /** After a restore they look at what the store lacks; where the list stays unread, at the cabinet. */
  async #resume(): Promise<boolean> {
    const path = "/konsol/submission/resume";
    let said: RawRecord = {};
    for (let tries = 0; tries < 3; tries++) {
      const body = { ...SIGNED, ...said };
      const answer = await this.#world.resuming(() => this.#post(path, body));
      const code = answer?.json?.code;
      if (code === "restore_not_checked" && ++this.#refusals >= REFUSALS_MAX) {
        said = { ...said, unscanned: true };
        this.#world.invariants.handles.isUnscanned = true;
      } else if (code === "restore_lacks_payments") {
        const shown = await this.#world.call({ method: "GET", path: "/konsol/submission" });
        said = { ...said, lacking_payments: shown?.json?.restore?.lacking_payments };
      } else return answer?.status === 200;
    }
    return false;
  }

  #every(everyMs: number, act: () => Promise<unknown>, alsoInCalm = false): void {
    if (everyMs === 0) return;
    this.#world.time.after(this.#random.logBetween(everyMs / 4, 2 * everyMs), () => {
      if (this.#isDone || (this.#calm && !alsoInCalm)) return;
      void act();
      this.#every(everyMs, act, alsoInCalm);
    });
  }

  async #decideAll(): Promise<void> {
    const { records } = this.#world.invariants;
    const waits = records.values().some((record) =>
      needs(record) && (this.#decided.get(record.id) ?? 0) < DECISIONS_MAX
    );
    if (!waits) return;
    for (const item of await this.#reviews() ?? []) {
      const decision = this.#decisionOf(item);
      const decided = this.#decided.get(item.id) ?? 0;
      if (decision === undefined || decided >= DECISIONS_MAX) continue;
      this.#decided.set(item.id, decided + 1);
      // Some look first and decide much later: by then another may have decided.
      const isSlow = this.#random.chance(0.2);
      if (isSlow) await this.#world.time.sleep(this.#random.logBetween(1_000, DAWDLES_MAX_MS));
      const path = `/konsol/payments/${item.id}/review`;
      const { attempt } = item.review;
      await this.#judgeOutdated(item, decision);
      await this.#post(path, { ...SIGNED, attempt, ...decision });
    }
  }

  /** The truth as the cabinet shows it; undefined = nothing that they could decide yet. */
  #decisionOf({ id, review }: RawRecord): RawRecord | undefined {
    const { ledger, provider, plan, time, invariants } = this.#world;
    const record = invariants.records.get(id);
    if (record === undefined || !needs(record)) return undefined;
    // It has ended, and nothing can be done but to tell the client: some do, others forget.
    if (record.submission !== "review") {
      const { since } = review;
      return this.#random.chance(0.5) ? { decision: "acknowledge", since } : undefined;
    }
    const ours = ledger.ofPayment(id);
    const [first] = ours;
    if (first !== undefined) {
      if (ours.length > 1) return undefined;
      const { status, amountMinor } = first.facts;
      const isOver = status === "failed" || status === "cancelled";
      if (isOver && this.#random.chance(0.5)) return { decision: "not_paid", then: "fail" };
      const fits = amountMinor === record.amountMinor;
      return fits ? { decision: "paid", konsol_id: first.id } : undefined;
    }
    // Konsol paid it as another one, whose row a restore lost: this one need not be sent.
    if (review.reason?.includes("its row was lost")) return { decision: "not_paid", then: "fail" };
    const then = this.#random.chance(plan.people.resubmits) ? "resubmit" : "fail";
    const underWay = provider.underWay.get(id) ?? 0;
    if (underWay === 0 && this.#random.chance(plan.people.getsConfirmation)) {
      return { decision: "not_paid", then, konsol_confirmation: "письмо Консоли № 7" };
    }
    const from = Date.parse(review.not_paid_allowed_from ?? 0);
    if (time.now < from && !this.#random.chance(plan.people.tooEarly)) return undefined;
    return { decision: "not_paid", then };
  }

  /** Some decide from a page that is an attempt old: that must be refused. */
  async #judgeOutdated({ id, review }: RawRecord, decision: RawRecord): Promise<void> {
    if (review.attempt === 0 || !this.#random.chance(0.2)) return;
    const outdated = { ...SIGNED, ...decision, attempt: review.attempt - 1 };
    const answer = await this.#post(`/konsol/payments/${id}/review`, outdated);
    if (answer?.status === 200) {
      this.#world.invariants.violate(`a decision on an older attempt was taken: ${id}`);
    }
  }

  async #reviews(): Promise<readonly RawRecord[] | undefined> {
    const request = { method: "GET", path: "/konsol/reviews?per_page=100" };
    const answer = await this.#world.call(request);
    return answer?.status === 200 ? answer.json.items : undefined;
  }

  async #post(path: string, body: RawRecord): Promise<HttpAnswer | undefined> {
    const answer = await this.#world.call({ method: "POST", path, body });
    const { decision = "", then = "" } = body;
    const { id = "", code = "" } = answer?.json ?? {};
    this.#world.trace.add(`person ${path} ${decision} ${then} -> ${answer?.status} ${id}${code}`);
    return answer;
  }
}

function needs({ submission, providerDisagrees, acknowledgedAt }: RawRecord): boolean {
  return submission === "review" || (providerDisagrees === true && acknowledgedAt === undefined);
}
