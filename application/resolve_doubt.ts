// Finds out by Konsol's list about a payment that may be there: found, it is linked; absent, the rules decide.

import type { Cause, Payment } from "../domain/payment.ts";
import {
  flagDisagreement,
  lookAgain,
  NO_CLEAN_SCANS,
  parkContradicted,
  parkForReview,
  REVIEW_LOOK_MS,
} from "../domain/payment_change.ts";
import { dropCandidate, noteCandidate } from "../domain/payment_following.ts";
import {
  doubtsOf,
  horizonOf,
  isUnaccounted,
  noteCleanScan,
  reachesHorizon,
  resubmit,
  sentSince,
  webhooksSince,
} from "../domain/payment_review.ts";
import { judgeScan, type Scan } from "../domain/scan.ts";
import { adoptKonsolPayment } from "./adopt_konsol_payment.ts";
import { lookForAnother } from "./look_for_another.ts";
import { lookDelay } from "./pace.ts";
import type { Ports, Settings } from "./ports.ts";
import { type RefreshPorts } from "./refresh_payment.ts";
import { takeResubmit } from "./resubmit_budget.ts";
import { changePayment } from "./save_payment.ts";
import type { Scanner } from "./scanner.ts";

/** How long a payment stays in doubt before a person is asked (T10). */
export const DOUBT_MAX_MS = 30 * 60_000;
/** The same after the resubmit horizon, when the rule would resubmit but cannot. */
const HORIZON_GRACE_MS = 60 * 60_000;
export const CLEAN_SCANS_MIN = 3;
const TIMER: Cause = { kind: "timer" };
/** A payment whose request came to be in doubt so often is not sent again by the rule. */
const DOUBTS_MAX = 2;

export type DoubtPorts = RefreshPorts & Pick<Ports, "control" | "webhooks">;
export type DoubtSettings = Pick<Settings, "resubmit" | "resubmitHorizonMs" | "resubmitDailyMax">;

export async function resolveDoubt(
  ports: DoubtPorts,
  settings: DoubtSettings,
  scanner: Scanner,
  payment: Payment,
): Promise<Payment> {
  if (payment.submission === "settled") return await lookForAnother(ports, scanner, payment);
  const scans = await scanner.latest(sentSince(payment));
  if (scans === undefined) {
    return await parkWhenOverdue(ports, settings, payment, "Konsol could not be asked");
  }
  const verdict = judgeScan(payment, scans.scan, scans.earlier);
  switch (verdict.kind) {
    case "found":
      return await link(ports, settings, payment, verdict.row.konsolId);
    case "contradiction":
      return await park(ports, settings, payment, verdict.reason, verdict.konsolIds);
    case "unclear":
      return await parkWhenOverdue(ports, settings, payment, verdict.reason);
    case "absent":
      return await decideAbsent(ports, settings, payment, scans.scan);
  }
}

/**
 * A row of a list is a hint: only a GET links it (T8). What cannot be linked goes to a person. That it was
 * seen is kept first: neither the rule nor a person may take it for absent from here on.
 */
async function link(
  ports: DoubtPorts,
  settings: DoubtSettings,
  absent: Payment,
  konsolId: string,
): Promise<Payment> {
  const now = ports.clock.now();
  const payment = await changePayment(ports, absent, (current) => {
    if (!isUnaccounted(current) || current.candidateKonsolId !== undefined) return current;
    const dueAt = nextLook(ports, settings, current, now);
    return { ...noteCandidate(current, konsolId, dueAt), ...NO_CLEAN_SCANS };
  });
  const found = await ports.gateway.getPayment(konsolId);
  if (found.kind !== "found" || found.payment.paymentId !== payment.id) {
    return await parkWhenOverdue(ports, settings, payment, "found, but no GET of it");
  }
  const adopted = await adoptKonsolPayment(ports, payment, found.payment, { kind: "poll" });
  const after = await changePayment(
    ports,
    adopted,
    (current) =>
      current.candidateKonsolId === konsolId ? dropCandidate(current, current.dueAt) : current,
  );
  const stays = after.submission === payment.submission;
  return stays ? await park(ports, settings, after, `Konsol's ${konsolId} is not linked`) : after;
}

async function decideAbsent(
  ports: DoubtPorts,
  settings: DoubtSettings,
  payment: Payment,
  scan: Scan,
): Promise<Payment> {
  const now = ports.clock.now();
  const noted = await changePayment(ports, payment, (current) => {
    if (!isUnaccounted(current) || current.attempt !== payment.attempt) return current;
    const dueAt = nextLook(ports, settings, current, now);
    if (!isNews(current, scan.startedAt)) return lookAgain(current, dueAt);
    return noteCleanScan(current, scan, current.submission === "queued" ? now : dueAt);
  });
  if (noted.submission !== "in_doubt") return noted;
  const allowed = await mayResubmit(ports, settings, noted, scan, now);
  if (!allowed) {
    const overdue = now >= parkTime(settings, noted);
    return overdue ? await park(ports, settings, noted, "not found at Konsol") : noted;
  }
  // The rule was asked of just this record: one that another changed meanwhile is looked at again first.
  return await changePayment(
    ports,
    noted,
    (current) => current === noted ? resubmit(current, now) : current,
  );
}

/** A scan counts once; for one that is queued again only if it was begun since, and never beside a sighting. */
function isNews(payment: Payment, scannedAt: number): boolean {
  const { submission, submissionSince, cleanScanAt, candidateKonsolId } = payment;
  if (candidateKonsolId !== undefined) return false;
  if (submission === "queued" && scannedAt < submissionSince) return false;
  return scannedAt > (cleanScanAt ?? -Infinity);
}

/** The whole of T9's rule; the daily budget is taken last, and durably, before the payment is queued. */
async function mayResubmit(
  ports: DoubtPorts,
  settings: DoubtSettings,
  payment: Payment,
  scan: Scan,
  now: number,
): Promise<boolean> {
  if (settings.resubmit !== "after_horizon") return false;
  const horizon = horizonOf(payment, settings.resubmitHorizonMs);
  if (now < horizon || !reachesHorizon(scan.shownUpTo, horizon)) return false;
  if ((payment.cleanScans ?? 0) < CLEAN_SCANS_MIN || doubtsOf(payment) >= DOUBTS_MAX) return false;
  if (payment.candidateKonsolId !== undefined || payment.providerDisagrees) return false;
  const { recipient } = payment;
  if (recipient.kind === "card" && recipient.sealedNumber === undefined) return false;
  if (await ports.webhooks.hasUnworked(webhooksSince(payment))) return false;
  return await takeResubmit(ports, settings.resubmitDailyMax, now);
}

/** T10 when its time is over; until then, and for one that a person has already, looks again later. */
async function parkWhenOverdue(
  ports: DoubtPorts,
  settings: DoubtSettings,
  payment: Payment,
  why: string,
): Promise<Payment> {
  const now = ports.clock.now();
  const overdue = payment.submission === "in_doubt" && now >= parkTime(settings, payment);
  if (overdue) return await park(ports, settings, payment, why);
  return await changePayment(
    ports,
    payment,
    (current) =>
      isUnaccounted(current)
        ? lookAgain(current, nextLook(ports, settings, current, now))
        : current,
  );
}

function parkTime(settings: DoubtSettings, payment: Payment): number {
  return settings.resubmit === "never"
    ? payment.submissionSince + DOUBT_MAX_MS
    : horizonOf(payment, settings.resubmitHorizonMs) + HORIZON_GRACE_MS;
}

function nextLook(
  ports: DoubtPorts,
  settings: DoubtSettings,
  payment: Payment,
  now: number,
): number {
  if (payment.submission === "review") return now + REVIEW_LOOK_MS;
  const later = now + lookDelay(ports.chance, payment.looks + 1);
  return payment.submission === "in_doubt" ? Math.min(parkTime(settings, payment), later) : later;
}

/**
 * T10 or T14; what a person has already is looked at again later. A contradiction is kept for good, also where
 * the payment was linked meanwhile: Konsol has another one for it, or not what was asked for.
 */
async function park(
  ports: DoubtPorts,
  settings: DoubtSettings,
  payment: Payment,
  reason: string,
  contradictedBy?: readonly string[],
): Promise<Payment> {
  const now = ports.clock.now();
  const parkAs = contradictedBy ? parkContradicted : parkForReview;
  const after = await changePayment(ports, payment, (current) => {
    // What was judged of a doubt says nothing of one that another has sent back to the queue since.
    const isJudged = contradictedBy !== undefined || current.submission === payment.submission;
    const move = isJudged ? parkingOf(current) : undefined;
    if (move !== undefined) return parkAs(current, move, reason, now, TIMER);
    const isOther = contradictedBy?.some((konsolId) => konsolId !== current.konsolId);
    const told = isOther ? flagDisagreement(current, reason, now, TIMER) : current;
    if (!isUnaccounted(current)) return told;
    return lookAgain(told, nextLook(ports, settings, told, now));
  });
  const isNews = after.submission === "review" || after.providerDisagrees;
  if (isNews && after.history.length !== payment.history.length) {
    const alarm = "payment_needs_review";
    ports.log.error("alarm", { alarm, payment_id: payment.id, reason });
  }
  return after;
}

function parkingOf({ submission }: Payment): "T10" | "T14" | undefined {
  if (submission === "in_doubt") return "T10";
  return submission === "queued" ? "T14" : undefined;
}
