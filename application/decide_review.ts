// A person's decision on a payment: paid is proved by a GET, not paid needs time, a scan or Konsol's word.

import type { Cause, Payment } from "../domain/payment.ts";
import { flagDisagreement, misfitNote } from "../domain/payment_change.ts";
import {
  acknowledge,
  type Acknowledgement,
  assertJudged,
  decideNotPaid,
  horizonOf,
  isUnaccounted,
  type NotPaidDecision,
  webhooksSince,
} from "../domain/payment_review.ts";
import { reasonsNotOurs } from "../domain/provider_payment.ts";
import { Refusal } from "../domain/refusal.ts";
import { adoptKonsolPayment } from "./adopt_konsol_payment.ts";
import { findPayment } from "./get_payment.ts";
import type { Page, PageRequest, Ports, Settings } from "./ports.ts";
import { lostPaymentsOf, readRestoreCheck, type RestoreCheck } from "./restore_check.ts";
import { providerRefusal } from "./provider_refusal.ts";
import type { RefreshPorts } from "./refresh_payment.ts";
import { changePayment } from "./save_payment.ts";

/** "It was paid, and this is it at Konsol." */
export interface PaidDecision {
  readonly attempt: number;
  readonly konsolId: string;
  readonly reason: string;
  readonly by: string;
}

export type ReviewDecision =
  | ({ readonly decision: "paid" } & PaidDecision)
  | ({ readonly decision: "not_paid" } & NotPaidDecision)
  | ({ readonly decision: "acknowledge" } & Acknowledgement);

export interface ReviewItem {
  readonly payment: Payment;
  /** Epoch ms from which "not paid" needs no word of Konsol's; absent = at once. */
  readonly notPaidAllowedFrom?: number;
  /** Of one that was never sent: what Konsol has that it may be, whose rows a restore lost. */
  readonly lostKonsolIds: readonly string[];
}

type ReviewPorts = RefreshPorts & Pick<Ports, "webhooks" | "control">;

export async function listReviews(
  ports: Pick<Ports, "payments" | "control">,
  settings: Pick<Settings, "resubmitHorizonMs">,
  request: PageRequest,
): Promise<Page<ReviewItem>> {
  const page = await ports.payments.listReviews(request);
  const check = page.items.some(isUnsent) ? await readRestoreCheck(ports) : undefined;
  return { ...page, items: page.items.map((payment) => itemOf(payment, settings, check)) };
}

function itemOf(
  payment: Payment,
  { resubmitHorizonMs }: Pick<Settings, "resubmitHorizonMs">,
  check: RestoreCheck | undefined,
): ReviewItem {
  return {
    payment,
    ...(isUnaccounted(payment) && { notPaidAllowedFrom: horizonOf(payment, resubmitHorizonMs) }),
    lostKonsolIds: lostPaymentsOf(payment, check).map(({ konsolId }) => konsolId),
  };
}

function isUnsent({ firstClaimedAt }: Payment): boolean {
  return firstClaimedAt === undefined;
}

export async function decideReview(
  ports: ReviewPorts,
  settings: Pick<Settings, "resubmitHorizonMs">,
  id: string,
  decision: ReviewDecision,
): Promise<Payment> {
  const payment = await findPayment(ports, id);
  if (decision.decision === "acknowledge") {
    const now = ports.clock.now();
    return await changePayment(ports, payment, (current) => acknowledge(current, decision, now));
  }
  assertJudged(payment, decision.attempt);
  return decision.decision === "paid"
    ? await decidePaid(ports, payment, decision)
    : await notPaid(ports, settings, payment, decision);
}

async function notPaid(
  ports: ReviewPorts,
  settings: Pick<Settings, "resubmitHorizonMs">,
  payment: Payment,
  decision: NotPaidDecision,
): Promise<Payment> {
  const unworkedWebhooks = await ports.webhooks.hasUnworked(webhooksSince(payment));
  const rules = { resubmitHorizonMs: settings.resubmitHorizonMs, unworkedWebhooks };
  const now = ports.clock.now();
  return await changePayment(
    ports,
    payment,
    (current) => {
      if (current === payment) return decideNotPaid(current, decision, rules, now);
      throw new Refusal(
        "changed_meanwhile",
        `Cannot decide payment ${payment.id} as it changed meanwhile: look at it again`,
      );
    },
  );
}

/**
 * T8 by a person's hand: the id is theirs, the proof is Konsol's. Of a repeat of what a restore lost, Konsol
 * names the lost row's id; that the two are one wish is the person's word.
 */
async function decidePaid(
  ports: ReviewPorts,
  payment: Payment,
  { attempt, konsolId, reason, by }: PaidDecision,
): Promise<Payment> {
  const found = await ports.gateway.getPayment(konsolId);
  if (found.kind === "unavailable") throw providerRefusal("confirm the payment", found);
  if (found.kind === "not_found") {
    throw new Refusal(
      "konsol_payment_not_found",
      `Cannot decide payment ${payment.id} as paid as Konsol does not know the id: ${konsolId}`,
    );
  }
  const lost = lostPaymentsOf(payment, await readRestoreCheck(ports));
  const lostPaymentId = lost.find((one) => one.konsolId === konsolId)?.paymentId;
  const reasons = reasonsNotOurs({ ...payment, lostPaymentId }, found.payment);
  if (reasons.length > 0 && found.payment.paymentId === payment.id) {
    await keepContradiction(ports, payment, misfitNote(konsolId, reasons));
  }
  const owner = await ports.payments.getByKonsolId(konsolId);
  if (owner !== undefined && owner.id !== payment.id) reasons.push("it is another payment's");
  if (reasons.length > 0) {
    throw new Refusal(
      "konsol_payment_does_not_fit",
      `Cannot decide payment ${payment.id} as paid as Konsol's ${konsolId} is not its: ` +
        reasons.join("; "),
    );
  }
  const cause: Cause = { kind: "person", id: by };
  return await adoptKonsolPayment(ports, payment, found.payment, cause, {
    note: reason,
    lostPaymentId,
    check: (current) => assertJudged(current, attempt),
  });
}

/** What Konsol showed is not forgotten because the decision was wrong: nobody may call it not paid now. */
async function keepContradiction(
  ports: ReviewPorts,
  payment: Payment,
  note: string,
): Promise<void> {
  const now = ports.clock.now();
  await changePayment(
    ports,
    payment,
    (current) => flagDisagreement(current, note, now, { kind: "konsol_call" }),
  );
}
