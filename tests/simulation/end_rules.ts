// What must be true once faults have stopped for long enough: everything has ended, or has an owner.

import type { Invariants } from "./invariants.ts";
import { isEnd, type ProviderLedger } from "./provider_ledger.ts";
import { isEndStatus, isSame, LOST, type RawRecord } from "./record_rules.ts";

/** Polls are at most this far apart, with jitter; and nothing that is due stays so for long. */
const POLL_MAX_MS = 17 * 60_000;
const IDLE_MAX_MS = 2 * 60_000;

export interface EndState {
  readonly invariants: Invariants;
  readonly ledger: ProviderLedger;
  /** Read from the real store. */
  readonly payments: readonly RawRecord[];
  readonly webhooks: readonly RawRecord[];
  readonly now: number;
  readonly calmSince: number;
  readonly queueMaxAgeMs: number;
  /** So long a payment is in doubt before a person is asked. */
  readonly doubtMaxMs: number;
  /** How wrong an instance's clock ever was. */
  readonly clocksOffMs: number;
  /** Konsol may execute later than the service waits. */
  readonly secondAllowed: boolean;
}

export function judgeEnd(end: EndState): void {
  const { invariants, payments, webhooks } = end;
  judgeDurability(end);
  for (const payment of payments) {
    for (const broken of unfinished(end, payment)) {
      invariants.violate(`at the end, payment ${payment.id}: ${broken}`);
    }
  }
  for (const webhook of webhooks) {
    if (webhook.dueAt !== undefined && end.now - webhook.dueAt > IDLE_MAX_MS) {
      invariants.violate(`at the end, webhook ${webhook.id} is due and idle`);
    }
  }
  for (const [id, { submission, providerDisagrees }] of invariants.records) {
    const executed = end.ledger.ofPayment(id);
    const [, second] = executed;
    if (second === undefined || submission === "review" || providerDisagrees) continue;
    if (!invariants.isAlarmedSince(id, second.createdAt)) {
      invariants.violate(`executed ${executed.length} times without an alarm: ${id}`);
    }
  }
}

/** What the store said that it keeps, it keeps. */
export function judgeDurability({ invariants, payments, webhooks }: EndState): void {
  for (
    const [kind, kept, told] of [
      ["payment", payments, invariants.records],
      ["webhook", webhooks, invariants.webhooks],
    ] as const
  ) {
    const byId = new Map(kept.map((record) => [record.id as string, record]));
    for (const [id, record] of told) {
      const stored = byId.get(id);
      if (stored === undefined) invariants.violate(`${LOST}: ${kind} ${id}`);
      else if (!isSame(stored, record)) {
        invariants.violate(`stored otherwise than said: ${kind} ${id}`);
      }
    }
    if (byId.size !== told.size) invariants.violate(`${byId.size - told.size} ${kind}s too many`);
  }
  const ids = new Set(payments.map(({ id }) => id));
  for (const id of invariants.acknowledgedIds) {
    if (!ids.has(id)) invariants.violate(`${LOST}: acknowledged payment ${id}`);
  }
}

function unfinished(end: EndState, payment: RawRecord): string[] {
  const { ledger, now } = end;
  const { submission, dueAt } = payment;
  if (submission === "settled") return contradictions(end, payment);
  if (submission === "review") return [];
  if (submission === "queued" && waitsForScan(end, payment)) return [];
  if (submission === "in_doubt" && isYoungDoubt(end, payment)) return [];
  if (submission !== "submitted") return [`still ${submission}`];
  const truth = ledger.payments.get(payment.konsolId);
  const ended = truth !== undefined && isEnd(truth.facts.status) &&
    truth.facts.statusWord === undefined;
  if (ended && now - truth.facts.at > POLL_MAX_MS) {
    return [`still submitted, ${truth.facts.status}`];
  }
  if (dueAt > now + POLL_MAX_MS) return [`next poll only in ${dueAt - now} ms`];
  return now - dueAt > IDLE_MAX_MS ? ["due and idle"] : [];
}

/** What clients or persons have sent at the very end may still be in doubt: it is looked for, and parked in its time. */
function isYoungDoubt(
  { now, doubtMaxMs }: EndState,
  { submissionSince, dueAt }: RawRecord,
): boolean {
  const isLookedFor = dueAt < now + POLL_MAX_MS && now - dueAt < IDLE_MAX_MS;
  return isLookedFor && now - submissionSince < doubtMaxMs;
}

/** Sent again after a doubt only with a clean scan; without one it goes to a person when it is too old (T14). */
function waitsForScan({ now, queueMaxAgeMs }: EndState, payment: RawRecord): boolean {
  const { maybeSentAt, unsentSince, dueAt } = payment;
  const isYoung = now - unsentSince < queueMaxAgeMs + POLL_MAX_MS;
  return maybeSentAt !== undefined && isYoung && dueAt < now + POLL_MAX_MS &&
    now - dueAt < IDLE_MAX_MS;
}

/** A settled payment is asked for again that long after its end, and answered a while later. */
const LATE_LOOKS_MS = [3_600_000, 86_400_000, 7 * 86_400_000];

/** Executed after all, and shown in Konsol's list when a payment that was given up was looked for once more. */
function isLookedForAgain(end: EndState, payment: RawRecord, executedAt: number): boolean {
  const wasGivenUp = payment.history.some(({ move }: RawRecord) => move === "T9" || move === "T11");
  const slackMs = POLL_MAX_MS + 2 * end.clocksOffMs;
  return wasGivenUp && LATE_LOOKS_MS.some((lookMs) => {
    const lookAt = payment.submissionSince + lookMs;
    const since = Math.max(executedAt, end.calmSince);
    return since < lookAt - slackMs && lookAt + slackMs < end.now;
  });
}

/** An end that Konsol contradicts must be flagged, but for what it says later than anybody looked. */
function contradictions(end: EndState, payment: RawRecord): string[] {
  const { status, submissionSince, konsolId } = payment;
  if (!isEndStatus(status)) return [`settled as ${status}`];
  if (payment.providerDisagrees) return [];
  // A person who says "not paid" is right about one that was cancelled as well.
  const byPerson = payment.history.at(-1).move === "T11";
  const other = end.ledger.ofPayment(payment.id).find(({ facts }) =>
    facts.status !== status && !(byPerson && facts.status === "cancelled")
  );
  if (other === undefined) return [];
  const { contradictedAt } = other;
  // A look that is answered with "no such payment" is over, for now: known, and told to the lead.
  if (end.invariants.deniedAt.has(other.id)) return [];
  if (isLookedForAgain(end, payment, other.createdAt)) return [`${status}, executed, and not told`];
  if (contradictedAt === undefined && end.secondAllowed) return [];
  if (contradictedAt === undefined) return [`${status}, but at Konsol ${other.facts.status}`];
  const slackMs = POLL_MAX_MS + 2 * end.clocksOffMs;
  const looked = konsolId === other.id &&
    LATE_LOOKS_MS.some((lookMs) =>
      contradictedAt < submissionSince + lookMs - slackMs &&
      submissionSince + lookMs + slackMs < end.now && end.calmSince < end.now - slackMs
    );
  return looked ? [`${status} and not flagged, while Konsol says ${other.facts.status}`] : [];
}
