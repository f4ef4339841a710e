// When a payment may be sent again or given up as not paid: judged from raw records and what was asked of Konsol.

import type { RawRecord } from "./record_rules.ts";

/** Times in it are true ones. */
export interface ResubmitFacts {
  readonly now: number;
  readonly horizonMs: number;
  /** How wrong any clock may be, both ways. */
  readonly clocksOffMs: number;
  /** When the list was asked for that was answered, each time. */
  readonly listedAt: readonly number[];
  /** The latest execution of a payment of ours that a list ever showed. */
  readonly shownUpTo: number;
  /** A GET of one of Konsol's payments was answered that names it. */
  readonly isNamed: boolean;
  /** When its latest claim was stored; undefined = before a restore. */
  readonly claimedAt: number | undefined;
  /** When its first claim was stored. */
  readonly firstClaimedAt: number | undefined;
  /** When a restore brought it back with nobody knowing what was sent since; undefined = none did. */
  readonly restoredAt: number | undefined;
  /** When Konsol executed the first create of it; undefined = none. */
  readonly executedAt: number | undefined;
  /** Konsol's list lags by so much at most. */
  readonly listLagMs: number;
  /** When each webhook came or was asked for again that is not worked off. */
  readonly unworkedAt: readonly number[];
}

/** A store answers within so long: what is younger may not have been seen by whoever decided. */
const STORE_SLOW_MS = 3 * 60_000;
/** So old may the look at the list be that "not paid" rests on. */
const LIST_FRESH_MS = 60 * 60_000;
const SCANS_MIN = 3;
/** So far apart are the two readings of the list that absence rests on. */
const SCANS_APART_MS = 60_000;
const DOUBTS_MAX = 2;

/** What is wrong with a T9, or with a T11 that says "not paid", of a payment that may have been sent. */
export function brokenGivingUp(
  before: RawRecord,
  after: RawRecord,
  facts: ResubmitFacts,
): string[] {
  const { move, note = "" } = after.history.at(-1);
  if (before.maybeSentAt === undefined) return [];
  // Konsol's written word stands in for all that follows.
  if (move === "T11" && note.includes("Konsol's confirmation")) return [];
  const broken = move === "T9" ? brokenResubmit(before, facts) : [];
  const { now, horizonMs, clocksOffMs, listedAt } = facts;
  const slackMs = 2 * clocksOffMs + STORE_SLOW_MS;
  const sentBy = before.sendNotAfter ?? before.maybeSentAt;
  if (now + 2 * clocksOffMs < sentBy + horizonMs) broken.push("before the horizon");
  if (now + 2 * clocksOffMs < (facts.restoredAt ?? -Infinity) + horizonMs) {
    broken.push("before the horizon since the store came back");
  }
  if (facts.isNamed) broken.push("although Konsol has shown one that names it");
  if (facts.shownUpTo + 2 * clocksOffMs < sentBy + horizonMs) {
    broken.push("by a list that may lag behind the horizon");
  }
  if ((listedAt.at(-1) ?? -Infinity) < now - LIST_FRESH_MS - slackMs) {
    broken.push("without looking for it");
  }
  const since = (facts.firstClaimedAt ?? Infinity) + 2 * clocksOffMs;
  if (facts.unworkedAt.some((at) => at >= since && at < now - slackMs)) {
    broken.push("although a webhook may be its");
  }
  return broken.map((rule) => `${move} ${rule}`);
}

/** What is wrong with a note that the list was without it: that takes two readings of what is newer. */
export function brokenAbsence(before: RawRecord, after: RawRecord, facts: ResubmitFacts): string[] {
  const { claimedAt, listedAt, shownUpTo, clocksOffMs } = facts;
  if ((after.cleanScans ?? 0) <= (before.cleanScans ?? 0) || claimedAt === undefined) return [];
  if (shownUpTo + 2 * clocksOffMs < after.sendNotAfter) {
    return ["absence is believed of a list that shows nothing sent since"];
  }
  const latestAt = (facts.executedAt ?? Infinity) + facts.listLagMs;
  if (latestAt + 2 * clocksOffMs + STORE_SLOW_MS < after.cleanScanAt) {
    return ["absence is believed though the list shows it"];
  }
  // A claim that slept on its way to the store was over before it got there: nothing is sent past its time.
  const overAt = Math.min(claimedAt, after.sendNotAfter);
  const since = listedAt.filter((at) => at >= overAt - 2 * clocksOffMs);
  const apartMs = (since.at(-1) ?? 0) - (since[0] ?? 0);
  return apartMs < SCANS_APART_MS - 2 * clocksOffMs ? ["absence is believed of one reading"] : [];
}

function brokenResubmit(before: RawRecord, facts: ResubmitFacts): string[] {
  const broken: string[] = [];
  const doubts = before.history.filter(({ move }: RawRecord) => move === "T7").length;
  if (doubts >= DOUBTS_MAX) broken.push("of what was in doubt twice");
  const since = facts.claimedAt ?? Infinity;
  const scans = facts.listedAt.filter((at) => at >= since).length;
  if (facts.claimedAt !== undefined && scans < SCANS_MIN) broken.push(`after ${scans} scans`);
  return broken;
}
