// One look at a payment that is due: polls what Konsol has, asks for what may be it, parks what stays in doubt.

import type { Cause, Payment } from "../domain/payment.ts";
import { isLookedForLate, lateLookAt, lookAgain } from "../domain/payment_change.ts";
import { denyCandidate, dropCandidate } from "../domain/payment_following.ts";
import { isUnaccounted, wasGivenUp } from "../domain/payment_review.ts";
import { expireLease } from "../domain/payment_sending.ts";
import { adoptKonsolPayment } from "./adopt_konsol_payment.ts";
import { lookDelay } from "./pace.ts";
import { refreshPayment, type RefreshPorts } from "./refresh_payment.ts";
import { changePayment } from "./save_payment.ts";

const POLL: Cause = { kind: "poll" };

/** The submission states in which the follower has something to do when `dueAt` has come. */
export const FOLLOWED = ["submitting", "in_doubt", "submitted", "review", "settled"] as const;

/** `resolve` scans Konsol's list for a payment that may be there. */
export async function followPayment(
  ports: RefreshPorts,
  resolve: (payment: Payment) => Promise<Payment>,
  payment: Payment,
): Promise<Payment> {
  if (payment.submission === "submitting") return await expire(ports, payment);
  const { candidateKonsolId } = payment;
  if (candidateKonsolId !== undefined) {
    return await askForCandidate(ports, resolve, payment, candidateKonsolId);
  }
  if (payment.submission === "submitted") return await poll(ports, payment);
  if (payment.submission === "settled") return await lookLate(ports, resolve, payment);
  return isUnaccounted(payment) ? await resolve(payment) : payment;
}

/** T7: whoever held the lease has not answered, so the request may be anywhere. Never back to the queue. */
async function expire(ports: RefreshPorts, payment: Payment): Promise<Payment> {
  const now = ports.clock.now();
  return await changePayment(ports, payment, (current) => {
    const expired = current.submission === "submitting" && (current.lease?.until ?? 0) <= now;
    return expired ? expireLease(current, now + lookDelay(ports.chance, 0), now) : current;
  });
}

async function poll(ports: RefreshPorts, payment: Payment): Promise<Payment> {
  const { payment: refreshed, unavailable } = await refreshPayment(ports, payment, POLL);
  return unavailable ? await waitLonger(ports, refreshed) : refreshed;
}

/** Its own id is asked for; the list, too, where another of Konsol's may be executed or end that nobody follows. */
async function lookLate(
  ports: RefreshPorts,
  resolve: (payment: Payment) => Promise<Payment>,
  payment: Payment,
): Promise<Payment> {
  const mayHaveOther = wasGivenUp(payment) || payment.providerDisagrees === true;
  const looked = mayHaveOther ? await resolve(payment) : payment;
  if (looked.konsolId === undefined) return looked;
  const isPutOff = looked.candidateKonsolId === payment.candidateKonsolId &&
    looked.dueAt !== payment.dueAt;
  if (!isPutOff) return await poll(ports, looked);
  // A list that cannot be read keeps nobody from asking for what is known.
  return (await refreshPayment(ports, looked, { kind: "timer" })).payment;
}

async function waitLonger(ports: RefreshPorts, payment: Payment): Promise<Payment> {
  const looks = payment.submission === "settled" ? Infinity : payment.looks + 1;
  const dueAt = ports.clock.now() + lookDelay(ports.chance, looks);
  return await changePayment(
    ports,
    payment,
    (current) =>
      current.submission === payment.submission &&
        current.candidateKonsolId === payment.candidateKonsolId
        ? lookAgain(current, dueAt)
        : current,
  );
}

async function askForCandidate(
  ports: RefreshPorts,
  resolve: (payment: Payment) => Promise<Payment>,
  payment: Payment,
  konsolId: string,
): Promise<Payment> {
  const found = await ports.gateway.getPayment(konsolId);
  if (found.kind === "unavailable") return await goOnBeside(ports, resolve, payment);
  if (found.kind === "not_found") return await deny(ports, resolve, payment, konsolId);
  if (found.payment.paymentId === payment.id) {
    const after = await adoptKonsolPayment(ports, payment, found.payment, POLL);
    return await drop(ports, after, konsolId);
  }
  warnOf(ports.log, "candidate_is_not_ours", payment);
  return await drop(ports, payment, konsolId);
}

/** Konsol may show it yet, and the list may all the same: until it is dropped it goes on being asked for. */
async function deny(
  ports: RefreshPorts,
  resolve: (payment: Payment) => Promise<Payment>,
  payment: Payment,
  konsolId: string,
): Promise<Payment> {
  const now = ports.clock.now();
  const after = await changePayment(
    ports,
    payment,
    (current) =>
      current.candidateKonsolId === konsolId
        ? denyCandidate(current, nextDue(current, now), now)
        : current,
  );
  if (after.candidateKonsolId === konsolId) return await goOnBeside(ports, resolve, after);
  warnOf(ports.log, "candidate_is_not_ours", payment);
  return isUnaccounted(after) ? await resolve(after) : after;
}

function warnOf(
  log: RefreshPorts["log"],
  alarm: "candidate_is_not_ours" | "candidate_is_not_shown",
  { id, candidateKonsolId }: Payment,
): void {
  log.warn("alarm", { alarm, payment_id: id, konsol_id: candidateKonsolId });
}

/**
 * Konsol may answer nothing of a candidate for ever: it stays noted, and the payment's own next look is taken
 * all the same. In doubt it goes to a person in its time, even where nothing can be asked.
 */
async function goOnBeside(
  ports: RefreshPorts,
  resolve: (payment: Payment) => Promise<Payment>,
  payment: Payment,
): Promise<Payment> {
  if (isUnaccounted(payment)) return await resolve(payment);
  if (payment.submission === "submitted") return await poll(ports, payment);
  const isLookDue = payment.submission === "settled" &&
    (nextLateLook(payment) ?? Infinity) <= ports.clock.now();
  if (isLookDue) warnOf(ports.log, "candidate_is_not_shown", payment);
  const looked = isLookDue ? await lookLate(ports, resolve, payment) : payment;
  return looked.candidateKonsolId === payment.candidateKonsolId
    ? await waitLonger(ports, looked)
    : looked;
}

/** Whatever a GET showed of the candidate, that is not asked for a second time. */
async function drop(ports: RefreshPorts, payment: Payment, konsolId: string): Promise<Payment> {
  const now = ports.clock.now();
  return await changePayment(
    ports,
    payment,
    (current) =>
      current.candidateKonsolId === konsolId
        ? dropCandidate(current, nextDue(current, now))
        : current,
  );
}

/** What is left to do once its candidate is out of the way. */
function nextDue(current: Payment, now: number): number | undefined {
  if (current.submission === "settled") return nextLateLook(current);
  if (current.submission !== "review") return now;
  return isUnaccounted(current) ? now : undefined;
}

function nextLateLook(settled: Payment): number | undefined {
  const { submissionSince, looks } = settled;
  return isLookedForLate(settled) ? lateLookAt(submissionSince, looks) : undefined;
}
