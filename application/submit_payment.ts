// Sends one queued payment to Konsol: claim it durably, send it once, record what that came to.

import type { Payment, SendLease } from "../domain/payment.ts";
import { parkForReview } from "../domain/payment_change.ts";
import { claimForSending } from "../domain/payment_sending.ts";
import type { Ports, SendWindow, Settings } from "./ports.ts";
import { recordCreateOutcome } from "./record_create_outcome.ts";
import { changePayment, savePayment } from "./save_payment.ts";

/** From the claim to the first byte: past it the request is not begun. */
export const SEND_WINDOW_MS = 5_000;
/** From the last moment of an answer to its record in the store. */
export const RECORD_MARGIN_MS = 10_000;

export type SubmitPorts = Pick<
  Ports,
  "payments" | "clock" | "chance" | "vault" | "gateway" | "log"
>;
type SubmitSettings = Pick<Settings, "instance" | "queueMaxAgeMs" | "konsolTimeoutMs">;

/** The payment as it stands after this try; unchanged when it is not queued, not due, or another claimed it. */
export async function submitPayment(
  ports: SubmitPorts,
  settings: SubmitSettings,
  payment: Payment,
): Promise<Payment> {
  const { clock } = ports;
  const now = clock.now();
  if (payment.submission !== "queued" || (payment.dueAt ?? Infinity) > now) return payment;
  const cardNumber = openCardNumber(ports.vault, payment);
  const unsendable = whyUnsendable(payment, cardNumber, settings.queueMaxAgeMs, now);
  if (unsendable !== undefined) return await park(ports, payment, unsendable);

  const notAfterMonotonic = clock.monotonic() + SEND_WINDOW_MS;
  const lease = newLease(settings, now);
  const saved = await savePayment(ports, payment, claimForSending(payment, lease, now));
  if (saved.kind !== "saved") return await ports.payments.get(payment.id) ?? payment;

  const window: SendWindow = { notAfter: lease.sendNotAfter, notAfterMonotonic };
  const outcome = await ports.gateway.createPayment({ payment: saved.item, cardNumber }, window);
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
  if (mayBeAtKonsol(payment)) {
    return "Konsol may have it already: nothing has shown that it has not";
  }
  if (payment.recipient.kind === "card" && cardNumber === undefined) {
    return "the card number cannot be read: was CARD_KEY changed?";
  }
  return now - payment.unsentSince >= queueMaxAgeMs ? "unsent for QUEUE_MAX_AGE" : undefined;
}

/** Until something scans for it (T3 after a doubt), sending it again could pay twice. */
function mayBeAtKonsol(payment: Payment): boolean {
  const { maybeSentAt, candidateKonsolId, providerDisagrees } = payment;
  return maybeSentAt !== undefined || candidateKonsolId !== undefined || providerDisagrees === true;
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
