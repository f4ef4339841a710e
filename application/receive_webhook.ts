// Takes a webhook in: stored first, answered at once; a repeat is not stored twice but asks again.

import { Refusal } from "../domain/refusal.ts";
import { receiveWebhook as received, repeatWebhook, type Webhook } from "../domain/webhook.ts";
import type { Ports } from "./ports.ts";

/** How often one repeat is counted anew before the races are left to decide. */
const RACES_MAX = 10;

const MESSAGES = {
  webhook_not_json: "Cannot take the webhook as its body must be a JSON object",
  webhook_without_id: "Cannot take the webhook as it must name a payment in data.id",
} as const;

export async function receiveWebhook(
  ports: Pick<Ports, "webhookReader" | "webhooks" | "ids" | "clock" | "log">,
  body: Uint8Array,
): Promise<Webhook> {
  const read = ports.webhookReader.read(body);
  if (read.kind === "unreadable") throw new Refusal(read.code, MESSAGES[read.code]);
  const now = ports.clock.now();
  const stored = await ports.webhooks.insertOrGet(
    received(ports.ids.next("whk"), read.notice, now),
  );
  const webhook = stored.kind === "inserted"
    ? stored.webhook
    : await repeated(ports, stored.webhook, now);
  ports.log.info("webhook", {
    webhook_id: webhook.id,
    webhook_event: webhook.event,
    konsol_id: webhook.konsolId,
    signature: webhook.signature,
    received: webhook.received,
  });
  return webhook;
}

/** A lost race means that it was worked off or repeated at this moment: an ask of before is not enough. */
async function repeated(
  ports: Pick<Ports, "webhooks">,
  webhook: Webhook,
  now: number,
): Promise<Webhook> {
  let current = webhook;
  for (let race = 0; race < RACES_MAX; race++) {
    const saved = await ports.webhooks.save(current, repeatWebhook(current, now));
    if (saved.kind === "saved") return saved.item;
    current = await ports.webhooks.get(webhook.id) ?? current;
  }
  return current;
}
