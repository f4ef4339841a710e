// Links a Konsol payment that was found later to the payment whose send was in doubt; or raises the alarm.

import type { Cause, Payment } from "../domain/payment.ts";
import {
  type Change,
  flagDisagreement,
  isOtherNews,
  misfitNote,
  otherPaymentNote,
  parkContradicted,
} from "../domain/payment_change.ts";
import { linkKonsol } from "../domain/payment_following.ts";
import { whyReviewed } from "../domain/payment_review.ts";
import { isEnd } from "../domain/payment_status.ts";
import { type ProviderPayment, reasonsNotOurs } from "../domain/provider_payment.ts";
import { MOVES } from "../domain/submission_table.ts";
import { lookDelay } from "./pace.ts";
import type { Ports } from "./ports.ts";
import { changePayment } from "./save_payment.ts";

type AdoptPorts = Pick<Ports, "payments" | "clock" | "chance" | "log">;

/** A person's decision behind it: their words, and what must hold of the payment as it is now. */
export interface Adoption {
  readonly note?: string;
  /** Konsol has it under this id of ours, whose row was lost. */
  readonly lostPaymentId?: string;
  readonly check?: (current: Payment) => void;
}

/** `reported` comes from a GET of its own id, just now, and carries this payment's id. */
export async function adoptKonsolPayment(
  ports: AdoptPorts,
  payment: Payment,
  reported: ProviderPayment,
  cause: Cause,
  adoption: Adoption = {},
): Promise<Payment> {
  const now = ports.clock.now();
  const after = await changePayment(ports, payment, (current) => {
    adoption.check?.(current);
    const { note, lostPaymentId = current.lostPaymentId } = adoption;
    const known = lostPaymentId === current.lostPaymentId ? current : { ...current, lostPaymentId };
    return adopt(ports, known, reported, { now, cause, note });
  });
  const isNews = after.history.length !== payment.history.length;
  if (isNews && after.konsolId !== reported.konsolId) {
    ports.log.error("alarm", {
      alarm: "konsol_payment_does_not_fit",
      payment_id: payment.id,
      konsol_id: reported.konsolId,
      reason: whyReviewed(after)?.note,
    });
  }
  return after;
}

function adopt(
  ports: AdoptPorts,
  current: Payment,
  reported: ProviderPayment,
  { now, cause, note }: Omit<Change, "move">,
): Payment {
  const parkedWithIt = current.submission === "review" && cause.kind === "person";
  if (current.konsolId === reported.konsolId && !parkedWithIt) return current;
  const other = current.konsolId !== undefined && current.konsolId !== reported.konsolId;
  if (other || current.submission === "settled") {
    if (!isOtherNews(current, reported)) return current;
    return flagDisagreement(current, otherPaymentNote(current, reported), now, cause);
  }
  const reasons = reasonsNotOurs(current, reported);
  const open: readonly string[] = MOVES.T8.from;
  const isForPerson = current.submission === "review" && current.providerDisagrees === true &&
    cause.kind !== "person";
  if (reasons.length === 0 && open.includes(current.submission) && !isForPerson) {
    const ended = reported.status !== undefined && isEnd(reported.status);
    const lookAt = ended ? now : now + lookDelay(ports.chance, 0);
    return linkKonsol(current, reported, lookAt, now, cause, note);
  }
  const but = reasons.length > 0 ? reasons : ["so does, or did, what does not fit"];
  const why = misfitNote(reported.konsolId, but);
  if (current.submission === "in_doubt") return parkContradicted(current, "T10", why, now, cause);
  return flagDisagreement(current, why, now, cause);
}
