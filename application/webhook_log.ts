// Reads the webhook log and works an entry off again.

import { Refusal } from "../domain/refusal.ts";
import { askAgain, type Webhook } from "../domain/webhook.ts";
import type { Ports } from "./ports.ts";

export async function getWebhook(ports: Pick<Ports, "webhooks">, id: string): Promise<Webhook> {
  const webhook = await ports.webhooks.get(id);
  if (webhook === undefined) {
    throw new Refusal("webhook_not_found", "Cannot find the webhook as none has this id");
  }
  return webhook;
}

/** Makes it due again and works it off at once; `process` gives it as it was left. */
export async function replayWebhook(
  ports: Pick<Ports, "webhooks" | "clock">,
  process: (webhook: Webhook) => Promise<Webhook | undefined>,
  id: string,
): Promise<Webhook> {
  const webhook = await getWebhook(ports, id);
  const saved = await ports.webhooks.save(webhook, askAgain(webhook, ports.clock.now()));
  if (saved.kind !== "saved") return await getWebhook(ports, id);
  return await process(saved.item) ?? saved.item;
}
