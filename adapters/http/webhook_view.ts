// A webhook of the log as clients see it; what is undefined is left out of the JSON.

import type { Webhook } from "../../domain/webhook.ts";
import { timeView } from "./payment_view.ts";

export function webhookView(webhook: Webhook) {
  return {
    id: webhook.id,
    event: webhook.event,
    konsol_id: webhook.konsolId,
    payment_id: webhook.paymentId,
    status: webhook.state,
    processed: webhook.state === "processed",
    signature: webhook.signature,
    body: webhook.body,
    error: webhook.error,
    received: webhook.received,
    tries: webhook.tries,
    received_at: timeView(webhook.receivedAt),
    last_received_at: timeView(webhook.lastReceivedAt),
    processed_at: timeView(webhook.processedAt),
    next_try_at: timeView(webhook.dueAt),
  };
}
