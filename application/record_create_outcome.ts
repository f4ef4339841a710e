// Records what the create call came to; whatever Konsol answered is never dropped, even when the fence is gone.

import type { Payment } from "../domain/payment.ts";
import {
  flagDisagreement,
  isOtherNews,
  otherPaymentNote,
  parkForReview,
} from "../domain/payment_change.ts";
import { noteCandidate } from "../domain/payment_following.ts";
import {
  applyCreateOutcome,
  holdsFence,
  type NextTimes,
  noteLateAnswer,
} from "../domain/payment_sending.ts";
import { isEnd } from "../domain/payment_status.ts";
import type { CreateOutcome } from "../domain/provider_payment.ts";
import { fullJitter, lookDelay } from "./pace.ts";
import type { Ports } from "./ports.ts";
import { savePayment } from "./save_payment.ts";
import { StoreUnavailable } from "./store_unavailable.ts";

const SAVES_MAX = 12;
const SAVE_RETRY_FIRST_MS = 50;
const SAVE_RETRY_LAST_MS = 2_000;

type RecordPorts = Pick<Ports, "payments" | "clock" | "chance" | "log">;

/** The payment with the outcome in it. `sent` is the payment as it was claimed for this attempt. */
export async function recordCreateOutcome(
  ports: RecordPorts,
  sent: Payment,
  outcome: CreateOutcome,
): Promise<Payment> {
  let current = sent;
  let answer = outcome;
  for (let tries = 0; tries < SAVES_MAX; tries++) {
    try {
      const after = decide(ports, current, sent.attempt, answer);
      if (after === current) return current;
      const saved = await savePayment(ports, current, after);
      if (saved.kind === "saved") return saved.item;
      if (saved.kind === "konsol_id_taken") answer = idTaken(ports, sent, answer);
      current = await ports.payments.get(sent.id) ?? current;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      const wait = Math.min(SAVE_RETRY_FIRST_MS * 2 ** tries, SAVE_RETRY_LAST_MS);
      await ports.clock.sleep(wait);
      current = await ports.payments.get(sent.id).catch(() => undefined) ?? current;
    }
  }
  ports.log.error("alarm", {
    alarm: "answer_not_recorded",
    payment_id: sent.id,
    attempt: sent.attempt,
    outcome: answer.kind,
    konsol_id: konsolIdOf(answer),
  });
  return current;
}

function decide(
  ports: RecordPorts,
  current: Payment,
  attempt: number,
  outcome: CreateOutcome,
): Payment {
  const now = ports.clock.now();
  if (!holdsFence(current, attempt)) return applyLateAnswer(ports, current, attempt, outcome, now);
  return applyCreateOutcome(
    current,
    attempt,
    outcome,
    nextTimes(ports, current, outcome, now),
    now,
  );
}

function nextTimes(
  ports: RecordPorts,
  current: Payment,
  outcome: CreateOutcome,
  now: number,
): NextTimes {
  const asked = outcome.kind === "not_executed" ? outcome.retryAfterMs ?? 0 : 0;
  const ended = outcome.kind === "accepted" && outcome.payment.status !== undefined &&
    isEnd(outcome.payment.status);
  return {
    retryAt: now + Math.max(asked, fullJitter(ports.chance, current.attempt)),
    lookAt: ended || outcome.kind === "unknown" ? now : now + lookDelay(ports.chance, 0),
  };
}

/** The lease expired or others found the payment first: an id that Konsol gave is still asked for. */
function applyLateAnswer(
  ports: RecordPorts,
  current: Payment,
  attempt: number,
  outcome: CreateOutcome,
  now: number,
): Payment {
  const konsolId = konsolIdOf(outcome);
  if (konsolId === undefined) return parkLateRefusal(ports, current, attempt, outcome, now);
  if (konsolId === current.konsolId) return current;
  const isLinked = current.submission === "submitted" || current.submission === "settled";
  if (outcome.kind === "accepted" && isLinked && isOtherNews(current, outcome.payment)) {
    ports.log.error("alarm", {
      alarm: "second_konsol_payment",
      payment_id: current.id,
      konsol_id: konsolId,
    });
    const note = otherPaymentNote(current, outcome.payment);
    return flagDisagreement(current, note, now, { kind: "konsol_call" });
  }
  if (!isOtherNews(current, { konsolId, status: undefined })) return current;
  const noted = noteLateAnswer(current, attempt, `it named ${konsolId}`, now);
  return noted === current ? current : noteCandidate(noted, konsolId, now);
}

/**
 * T10: Konsol said no, but only after the lease was over: no machine may take the doubt back, a person can. Where
 * others were faster with it, its history tells.
 */
function parkLateRefusal(
  ports: RecordPorts,
  current: Payment,
  attempt: number,
  outcome: CreateOutcome,
  now: number,
): Payment {
  if (outcome.kind !== "refused" || current.attempt !== attempt) return current;
  if (current.submission !== "in_doubt") {
    return noteLateAnswer(current, attempt, `refused (${outcome.code})`, now);
  }
  const reason = `Konsol refused attempt ${attempt} after its lease: ${outcome.code}`;
  ports.log.error("alarm", { alarm: "payment_needs_review", payment_id: current.id, reason });
  return parkForReview(current, "T10", reason, now, { kind: "konsol_call" });
}

function konsolIdOf(outcome: CreateOutcome): string | undefined {
  if (outcome.kind === "accepted") return outcome.payment.konsolId;
  return outcome.kind === "unknown" ? outcome.konsolId : undefined;
}

function idTaken(ports: RecordPorts, sent: Payment, outcome: CreateOutcome): CreateOutcome {
  const konsol_id = konsolIdOf(outcome);
  ports.log.error("alarm", {
    alarm: "konsol_id_is_another_payments",
    payment_id: sent.id,
    konsol_id,
  });
  return { kind: "unknown", reason: `Konsol answered another payment's id: ${konsol_id}` };
}
