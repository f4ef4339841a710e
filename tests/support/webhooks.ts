// Builds webhooks for tests: valid, each with its own id and body, changed where the test says so.

import { receiveWebhook, type Webhook } from "../../domain/webhook.ts";
import { NOW } from "./payments.ts";

let made = 0;

export function aWebhook(overrides: Partial<Webhook> = {}): Webhook {
  const n = String(++made).padStart(12, "0");
  const notice = {
    event: "payment.updated",
    konsolId: `konsol-payment-${n}`,
    body: { event: "payment.updated", data: { id: `konsol-payment-${n}` } },
    bodyHash: `hash-${n}`,
    signature: "absent" as const,
  };
  const id = `whk_01977000-0000-7000-8000-${n}`;
  return { ...receiveWebhook(id, notice, overrides.receivedAt ?? NOW), ...overrides };
}
