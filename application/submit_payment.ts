// Sends one queued payment to Konsol: claim it durably, send it once, record what that came to.

import type { Payment, SendLease } from "../domain/payment.ts";
import { parkForReview } from "../domain/payment_change.ts";
import { hasEvidence, webhooksSince } from "../domain/payment_review.ts";
import { claimForSending, judgeOutcome } from "../domain/payment_sending.ts";
import type { Ports, Settings } from "./ports.ts";
import type { SendWindow } from "./provider_ports.ts";
import { recordCreateOutcome } from "./record_create_outcome.ts";
import { changePayment, savePayment } from "./save_payment.ts";
import type { Pass, SubmissionGate } from "./submission_gate.ts";

/** From the claim to the first byte: past it the request is not begun. */
export const SEND_WINDOW_MS = 5_000;
/** From the last moment of an answer to its record in the store. */
export const RECORD_MARGIN_MS = 10_000;

export type SubmitPorts = Pick<
  Ports,
  "payments" | "webhooks" | "clock" | "chance" | "vault" | "gateway" | "log"
>;
type SubmitSettings = Pick<Settings, "instance" | "queueMaxAgeMs" | "konsolTimeoutMs">;

export interface SubmitSteps {
  readonly gate: SubmissionGate;
  /** Scans Konsol's list for a payment that may be there already. */
  resolve(payment: Payment): Promise<Payment>;
  /** Why it may be paid already, as a restore lost the row of an earlier one. */
  whyMaybePaid(payment: Payment): Promise<string | undefined>;
}

/** The payment as it stands after this try; unchanged when it is not queued, not due, or another claimed it. */
export async function submitPayment(
  ports: SubmitPorts,
  settings: SubmitSettings,
  steps: SubmitSteps,
  payment: Payment,
): Promise<Payment> {
  const now = ports.clock.now();
  if (payment.submission !== "queued" || (payment.dueAt ?? Infinity) > now) return payment;
  const cardNumber = openCardNumber(ports.vault, payment);
  const unsendable = whyUnsendable(payment, cardNumber, settings.queueMaxAgeMs, now);
  if (unsendable !== undefined) return await park(ports, payment, unsendable);
  if (payment.maybeSentAt !== undefined && !await isAccountedFor(ports, payment)) {
    return await steps.resolve(payment);
  }
  const maybePaid = await steps.whyMaybePaid(payment);
  if (maybePaid !== undefined) return await park(ports, payment, maybePaid);
  const pass = await steps.gate.enter();
  if (pass === undefined) return payment;
  try {
    return await claimAndSend(ports, settings, pass, payment, cardNumber);
  } finally {
    pass.leave();
  }
}

/** T3, the one request, and what it came to. A claim that is not confirmed is not sent. */
async function claimAndSend(
  ports: SubmitPorts,
  settings: SubmitSettings,
  pass: Pass,
  payment: Payment,
  cardNumber: string | undefined,
): Promise<Payment> {
  const { clock } = ports;
  const now = clock.now();
  const notAfterMonotonic = clock.monotonic() + SEND_WINDOW_MS;
  const lease = newLease(settings, now);
  const saved = await savePayment(ports, payment, claimForSending(payment, lease, now));
  if (saved.kind !== "saved") return await ports.payments.get(payment.id) ?? payment;

  const window: SendWindow = { notAfter: lease.sendNotAfter, notAfterMonotonic };
  const answer = await ports.gateway.createPayment({ payment: saved.item, cardNumber }, window);
  // What is in doubt by what it says holds sending back like silence does, and is no payment of this one's.
  const outcome = judgeOutcome(saved.item, answer);
  await pass.report(outcome);
  return await recordCreateOutcome(ports, saved.item, outcome);
}

function newLease(settings: SubmitSettings, now: number): SendLease {
  const sendNotAfter = now + SEND_WINDOW_MS;
  const until = sendNotAfter + settings.konsolTimeoutMs + RECORD_MARGIN_MS;
  return { owner: settings.instance, sendNotAfter, until };
}

function openCardNumber(vault: Ports["vault"], payment: Payment): string | undefined {
  const { recipient } = payment;
  if (recipient.kind !== "card" || recipient.sealedNumber === undefined) return undefined;
  return vault.open(recipient.sealedNumber, payment.id);
}

function whyUnsendable(
  payment: Payment,
  cardNumber: string | undefined,
  queueMaxAgeMs: number,
  now: number,
): string | undefined {
  if (payment.candidateKonsolId !== undefined || payment.providerDisagrees) {
    return "Konsol may have it already";
  }
  if (payment.recipient.kind === "card" && cardNumber === undefined) {
    return "the card number cannot be read: was CARD_KEY changed?";
  }
  return now - payment.unsentSince >= queueMaxAgeMs ? "unsent for QUEUE_MAX_AGE" : undefined;
}

/** T3 after a doubt: a scan since it was queued was without it, and no webhook that may be its waits. */
async function isAccountedFor(ports: SubmitPorts, payment: Payment): Promise<boolean> {
  if (!hasEvidence(payment)) return false;
  return !await ports.webhooks.hasUnworked(webhooksSince(payment));
}

async function park(ports: SubmitPorts, payment: Payment, reason: string): Promise<Payment> {
  const now = ports.clock.now();
  const parked = await changePayment(
    ports,
    payment,
    (current) =>
      current.submission === "queued"
        ? parkForReview(current, "T14", reason, now, { kind: "timer" })
        : current,
  );
  ports.log.error("alarm", { alarm: "payment_cannot_be_sent", payment_id: payment.id, reason });
  return parked;
}
