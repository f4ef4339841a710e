// Asks Konsol for a payment that it has, and applies what the GET says.

import type { Cause, Payment } from "../domain/payment.ts";
import { applyMissing, applyReport } from "../domain/payment_following.ts";
import { isContradicted, whyReviewed } from "../domain/payment_review.ts";
import { isEnd } from "../domain/payment_status.ts";
import type { ProviderPayment } from "../domain/provider_payment.ts";
import { lookDelay } from "./pace.ts";
import type { Ports } from "./ports.ts";
import type { Unavailable } from "./provider_ports.ts";
import { changePayment } from "./save_payment.ts";

export type RefreshPorts = Pick<Ports, "payments" | "clock" | "chance" | "gateway" | "log">;

export interface Refreshed {
  readonly payment: Payment;
  /** Set when Konsol could not be asked: the payment is as it was. */
  readonly unavailable?: Unavailable;
}

/** The payment must have a konsolId. Only a poll moves the time of the next poll. */
export async function refreshPayment(
  ports: RefreshPorts,
  payment: Payment,
  cause: Cause,
): Promise<Refreshed> {
  if (payment.konsolId === undefined) return { payment };
  const found = await ports.gateway.getPayment(payment.konsolId);
  if (found.kind === "unavailable") return { payment, unavailable: found };
  const now = ports.clock.now();
  const lookAt = (current: Payment) =>
    cause.kind === "poll" ? now + lookDelay(ports.chance, current.looks + 1) : current.dueAt;
  const after = await changePayment(ports, payment, (current) => {
    if (found.kind === "not_found") return applyMissing(current, lookAt(current), now, cause);
    if (isOvertaken(payment, current, found.payment)) return current;
    return applyReport(current, found.payment, lookAt(current), now, cause);
  });
  raiseAlarms(ports.log, payment, after);
  return { payment: after };
}

/** Answered only after another ended it, or looked late itself: what agrees with that is no news, and no look. */
function isOvertaken(asked: Payment, current: Payment, { status }: ProviderPayment): boolean {
  if (current.submission !== "settled") return false;
  const agrees = status === undefined || status === current.status;
  if (asked.submission === "settled") return agrees && asked.looks !== current.looks;
  return agrees || !isEnd(status);
}

function raiseAlarms(log: Ports["log"], before: Payment, after: Payment): void {
  const reason = whyReviewed(after)?.note;
  const isNews = !isContradicted(before) || reason !== whyReviewed(before)?.note;
  const disagrees = isContradicted(after) && isNews;
  const parked = after.submission === "review" && before.submission !== "review";
  if (!disagrees && !parked) return;
  const alarm = parked ? "payment_needs_review" : "provider_disagrees";
  log.error("alarm", { alarm, payment_id: after.id, konsol_id: after.konsolId, reason });
}
