// Works a webhook off: finds the payment that it is about and asks Konsol for the truth.

import type { Cause, Payment } from "../domain/payment.ts";
import { deferWebhook, finishWebhook, postponeWebhook, type Webhook } from "../domain/webhook.ts";
import { adoptKonsolPayment } from "./adopt_konsol_payment.ts";
import type { AskBudget } from "./ask_budget.ts";
import type { Ports } from "./ports.ts";
import { refreshPayment, type RefreshPorts } from "./refresh_payment.ts";

type ProcessPorts = RefreshPorts & Pick<Ports, "webhooks">;

/** The webhook as it was left: processed, an orphan, or due again. Replays and repeats end up here too. */
export async function processWebhook(
  ports: ProcessPorts,
  budget: AskBudget,
  webhook: Webhook,
): Promise<Webhook> {
  const after = await workOff(ports, budget, webhook);
  const saved = await ports.webhooks.save(webhook, after);
  return saved.kind === "saved" ? saved.item : webhook;
}

async function workOff(
  ports: ProcessPorts,
  budget: AskBudget,
  webhook: Webhook,
): Promise<Webhook> {
  const { clock } = ports;
  const known = await ports.payments.getByKonsolId(webhook.konsolId);
  if (known !== undefined && budget.answeredSince(webhook.konsolId, webhook.wantedSince)) {
    return finishWebhook(webhook, known.id, clock.now());
  }
  const askedAt = clock.now();
  const asks = budget.take(webhook.konsolId, known !== undefined, askedAt);
  if (asks.kind === "wait") return deferWebhook(webhook, asks.until);
  const cause: Cause = { kind: "webhook", id: webhook.id };
  const after = known === undefined
    ? await adoptOrphan(ports, webhook, cause)
    : await refreshKnown(ports, webhook, known, cause);
  if (after.state === "processed") budget.answered(webhook.konsolId, askedAt);
  return after;
}

async function refreshKnown(
  ports: ProcessPorts,
  webhook: Webhook,
  payment: Payment,
  cause: Cause,
): Promise<Webhook> {
  const { unavailable } = await refreshPayment(ports, payment, cause);
  const now = ports.clock.now();
  if (unavailable === undefined) return finishWebhook(webhook, payment.id, now);
  const error = `Konsol could not be asked: ${unavailable.reason}`;
  return postponeWebhook(webhook, { orphan: false, error }, now);
}

/** No payment has Konsol's id yet: Konsol itself says whose it is, if it is ours at all. */
async function adoptOrphan(
  ports: ProcessPorts,
  webhook: Webhook,
  cause: Cause,
): Promise<Webhook> {
  const found = await ports.gateway.getPayment(webhook.konsolId);
  const now = ports.clock.now();
  if (found.kind === "unavailable") {
    const error = `Konsol could not be asked: ${found.reason}`;
    return postponeWebhook(webhook, { orphan: true, error }, now);
  }
  if (found.kind === "not_found") {
    const error = "neither we nor Konsol know a payment with this id";
    return postponeWebhook(webhook, { orphan: true, error, nobodys: true }, now);
  }
  const { paymentId } = found.payment;
  const payment = paymentId === undefined ? undefined : await ports.payments.get(paymentId);
  if (payment === undefined) {
    if (paymentId !== undefined) warnNoRow(ports, webhook, paymentId);
    const error = "Konsol has this payment, but it is none of ours";
    return postponeWebhook(webhook, { orphan: true, error }, now);
  }
  await adoptKonsolPayment(ports, payment, found.payment, cause);
  return finishWebhook(webhook, payment.id, now);
}

/** Konsol has a payment that carries our reference and no row is its: money that nobody follows. */
function warnNoRow(ports: ProcessPorts, webhook: Webhook, paymentId: string): void {
  ports.log.error("alarm", {
    alarm: "konsol_payment_without_row",
    payment_id: paymentId,
    konsol_id: webhook.konsolId,
    webhook_id: webhook.id,
  });
}
