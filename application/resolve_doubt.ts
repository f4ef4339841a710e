// Finds out about one payment that may be at Konsol: found, it is linked; absent, the rules decide; else a person.

import type { Payment } from "../domain/payment.ts";
import { lookAgain, parkForReview, REVIEW_LOOK_MS } from "../domain/payment_change.ts";
import {
  doubtsOf,
  forgetCleanScans,
  horizonOf,
  isUnaccounted,
  noteCleanScan,
  resubmit,
  sentSince,
  webhooksSince,
} from "../domain/payment_review.ts";
import { judgeScan } from "../domain/scan.ts";
import { adoptKonsolPayment } from "./adopt_konsol_payment.ts";
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
  const scans = await scanner.latest(sentSince(payment));
  if (scans === undefined) {
    return await parkWhenOverdue(ports, settings, payment, "Konsol could not be asked");
  }
  const verdict = judgeScan(payment, scans.scan, scans.earlier);
  switch (verdict.kind) {
    case "found":
      return await link(ports, settings, await noteSeen(ports, payment), verdict.row.konsolId);
    case "contradiction":
      return await park(ports, settings, await noteSeen(ports, payment), verdict.reason);
    case "unclear":
      return await parkWhenOverdue(ports, settings, payment, verdict.reason);
    case "absent":
      return await decideAbsent(ports, settings, payment, scans.scan.startedAt);
  }
}

/** From here on neither the rule nor a person may take it for absent by what was scanned before. */
function noteSeen(ports: DoubtPorts, payment: Payment): Promise<Payment> {
  return changePayment(ports, payment, forgetCleanScans);
}

/** A row of a list is a hint: only a GET links it (T8). What cannot be linked goes to a person. */
async function link(
  ports: DoubtPorts,
  settings: DoubtSettings,
  payment: Payment,
  konsolId: string,
): Promise<Payment> {
  const found = await ports.gateway.getPayment(konsolId);
  if (found.kind !== "found") {
    return await parkWhenOverdue(ports, settings, payment, "found, but no GET of it");
  }
  const after = await adoptKonsolPayment(ports, payment, found.payment, { kind: "poll" });
  const stays = after.submission === payment.submission;
  return stays ? await park(ports, settings, after, `Konsol's ${konsolId} is not linked`) : after;
}

async function decideAbsent(
  ports: DoubtPorts,
  settings: DoubtSettings,
  payment: Payment,
  scannedAt: number,
): Promise<Payment> {
  const now = ports.clock.now();
  const noted = await changePayment(ports, payment, (current) => {
    if (!isUnaccounted(current) || current.attempt !== payment.attempt) return current;
    const dueAt = nextLook(ports, settings, current, now);
    if (!isNews(current, scannedAt)) return lookAgain(current, dueAt);
    return noteCleanScan(current, scannedAt, current.submission === "queued" ? now : dueAt);
  });
  if (noted.submission !== "in_doubt") return noted;
  const allowed = await mayResubmit(ports, settings, noted, now);
  if (!allowed) {
    const overdue = now >= parkTime(settings, noted);
    return overdue ? await park(ports, settings, noted, "not found at Konsol") : noted;
  }
  return await changePayment(
    ports,
    noted,
    (current) => current.submission === "in_doubt" ? resubmit(current, now) : current,
  );
}

/** A scan counts once; for one that is queued again only if it was begun since. */
function isNews({ submission, submissionSince, cleanScanAt }: Payment, scannedAt: number): boolean {
  if (submission === "queued" && scannedAt < submissionSince) return false;
  return scannedAt > (cleanScanAt ?? -Infinity);
}

/** The whole of T9's rule; the daily budget is taken last, and durably, before the payment is queued. */
async function mayResubmit(
  ports: DoubtPorts,
  settings: DoubtSettings,
  payment: Payment,
  now: number,
): Promise<boolean> {
  if (settings.resubmit !== "after_horizon") return false;
  if (now < horizonOf(payment, settings.resubmitHorizonMs)) return false;
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

async function park(
  ports: DoubtPorts,
  settings: DoubtSettings,
  payment: Payment,
  reason: string,
): Promise<Payment> {
  const now = ports.clock.now();
  const after = await changePayment(ports, payment, (current) => {
    if (current.submission === "in_doubt") {
      return parkForReview(current, "T10", reason, now, { kind: "timer" });
    }
    if (current.submission === "queued") {
      return parkForReview(current, "T14", reason, now, { kind: "timer" });
    }
    if (!isUnaccounted(current)) return current;
    return lookAgain(current, nextLook(ports, settings, current, now));
  });
  if (after.submission === "review" && payment.submission !== "review") {
    const alarm = "payment_needs_review";
    ports.log.error("alarm", { alarm, payment_id: payment.id, reason });
  }
  return after;
}
