// After the end: whether Konsol executed what it was seen not to have, and so has a payment that nobody follows.

import type { Payment } from "../domain/payment.ts";
import { isOtherNews, lookAgain, lookedLate } from "../domain/payment_change.ts";
import { noteCandidate } from "../domain/payment_following.ts";
import { sentSince } from "../domain/payment_review.ts";
import type { ProviderPayment } from "../domain/provider_payment.ts";
import { lookDelay } from "./pace.ts";
import type { Ports } from "./ports.ts";
import { changePayment } from "./save_payment.ts";
import type { Scanner } from "./scanner.ts";

type LatePorts = Pick<Ports, "payments" | "clock" | "chance" | "log">;

/**
 * One that was sent again, that a person called not paid, or that Konsol contradicts: another one in Konsol's
 * list that names it is asked for next. Where the list could not be read, the look is put off. Where Konsol has
 * none that could be polled, this is the late look itself.
 */
export async function lookForAnother(
  ports: LatePorts,
  scanner: Scanner,
  payment: Payment,
): Promise<Payment> {
  const scan = (await scanner.latest(sentSince(payment)))?.scan;
  const now = ports.clock.now();
  // What is executed late is new, and stands where even a list that is too long was read.
  const isRead = scan !== undefined && (scan.complete || scan.rows.length > 0);
  return await changePayment(ports, payment, (current) => {
    if (current.looks !== payment.looks || current.dueAt !== payment.dueAt) return current;
    if (!isRead) return lookAgain(current, now + lookDelay(ports.chance, Infinity));
    const another = anotherOf(current, scan.rows);
    const noted = another === undefined ? current : noteCandidate(current, another.konsolId, now);
    return current.konsolId === undefined ? lookedLate(noted) : noted;
  });
}

/** One that is noted already is asked for anyway. */
function anotherOf(
  payment: Payment,
  rows: readonly ProviderPayment[],
): ProviderPayment | undefined {
  const { id, konsolId, candidateKonsolId } = payment;
  const known = [konsolId, candidateKonsolId];
  return rows.find((row) =>
    row.paymentId === id && !known.includes(row.konsolId) && isOtherNews(payment, row)
  );
}
