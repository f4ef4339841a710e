// After the end: whether Konsol executed what it was seen not to have, and so has a payment that nobody follows.

import type { Payment } from "../domain/payment.ts";
import { lookAgain, lookedLate } from "../domain/payment_change.ts";
import { noteCandidate } from "../domain/payment_following.ts";
import { sentSince } from "../domain/payment_review.ts";
import type { ProviderPayment } from "../domain/provider_payment.ts";
import { lookDelay } from "./pace.ts";
import type { Ports } from "./ports.ts";
import { changePayment } from "./save_payment.ts";
import type { Scanner } from "./scanner.ts";

type LatePorts = Pick<Ports, "payments" | "clock" | "chance" | "log">;

/**
 * One that was sent again, or that a person called not paid: another one in Konsol's list that names it is
 * asked for next. Where Konsol has none that could be polled, this is the late look itself.
 */
export async function lookForAnother(
  ports: LatePorts,
  scanner: Scanner,
  payment: Payment,
): Promise<Payment> {
  const scans = await scanner.latest(sentSince(payment));
  const now = ports.clock.now();
  const another = scans && anotherOf(payment, scans.scan.rows);
  return await changePayment(ports, payment, (current) => {
    const looked = current.konsolId === undefined
      ? lookedInVain(ports, payment, current, scans !== undefined, now)
      : current;
    const isNews = another !== undefined && looked.candidateKonsolId === undefined &&
      looked.konsolId !== another.konsolId;
    return isNews ? noteCandidate(looked, another.konsolId, now) : looked;
  });
}

/** One that it was told of already is no news. */
function anotherOf(
  payment: Payment,
  rows: readonly ProviderPayment[],
): ProviderPayment | undefined {
  return rows.find(({ paymentId, konsolId }) =>
    paymentId === payment.id && konsolId !== payment.konsolId &&
    !payment.history.some(({ note }) => note?.includes(konsolId))
  );
}

/** Nothing is polled: a look counts once the list could be read. */
function lookedInVain(
  ports: LatePorts,
  before: Payment,
  current: Payment,
  isRead: boolean,
  now: number,
): Payment {
  if (current.looks !== before.looks || current.dueAt !== before.dueAt) return current;
  return isRead ? lookedLate(current) : lookAgain(current, now + lookDelay(ports.chance, Infinity));
}
