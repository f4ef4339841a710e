// Takes a webhook in: stored first, answered at once; a repeat is not stored twice but asks again.

import { Refusal } from "../domain/refusal.ts";
import { receiveWebhook as received, repeatWebhook, type Webhook } from "../domain/webhook.ts";
import type { Ports } from "./ports.ts";

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
    event: webhook.event,
    konsol_id: webhook.konsolId,
    signature: webhook.signature,
    received: webhook.received,
  });
  return webhook;
}

/** A lost race means that it is being worked off or repeated at this moment: that asks Konsol as well. */
async function repeated(
  ports: Pick<Ports, "webhooks">,
  webhook: Webhook,
  now: number,
): Promise<Webhook> {
  const saved = await ports.webhooks.save(webhook, repeatWebhook(webhook, now));
  return saved.kind === "saved" ? saved.item : webhook;
}
