// Takes a webhook in: stored first, answered at once; a repeat is not stored twice but asks again.

import { Refusal } from "../domain/refusal.ts";
import { receiveWebhook as received, repeatWebhook, type Webhook } from "../domain/webhook.ts";
import type { Ports } from "./ports.ts";

/** How often one repeat is counted anew before the races are left to decide. */
const RACES_MAX = 10;

/** Webhooks that may wait at once; past it only those of payments that we know are taken. */
const INBOX_MAX = 2_000;

const MESSAGES = {
  webhook_not_json: "Cannot take the webhook as its body must be a JSON object",
  webhook_without_id: "Cannot take the webhook as it must name a payment in data.id",
} as const;

type ReceivePorts = Pick<
  Ports,
  "webhookReader" | "webhooks" | "payments" | "ids" | "clock" | "log"
>;

export async function receiveWebhook(
  ports: ReceivePorts,
  body: Uint8Array,
): Promise<Webhook> {
  const read = ports.webhookReader.read(body);
  if (read.kind === "unreadable") throw new Refusal(read.code, MESSAGES[read.code]);
  await assertRoom(ports, read.notice.konsolId);
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

/** A flood of made-up ids fills neither the disk nor the budget; Konsol tries again, and polling tells. */
async function assertRoom(ports: ReceivePorts, konsolId: string): Promise<void> {
  if (await ports.webhooks.countUnworked(INBOX_MAX) < INBOX_MAX) return;
  if (await ports.payments.getByKonsolId(konsolId) !== undefined) return;
  throw new Refusal(
    "webhook_inbox_full",
    `Cannot take the webhook as too many of unknown payments wait: ${INBOX_MAX}`,
    { retryAfterMs: 60_000 },
  );
}
