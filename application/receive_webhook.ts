// Takes a webhook in: stored first, answered at once; a repeat is not stored twice but asks again.

import { Refusal } from "../domain/refusal.ts";
import { receiveWebhook as received, repeatWebhook, type Webhook } from "../domain/webhook.ts";
import type { Ports } from "./ports.ts";

/** How often one repeat is counted anew before the races are left to decide. */
const RACES_MAX = 10;

/** Webhooks that may wait at once; past it only those of payments that we know are taken. */
const INBOX_MAX = 2_000;

/** Webhooks that may wait at once whosever they are; past it none is stored beside those that are there. */
const INBOX_OF_KNOWN_MAX = 10 * INBOX_MAX;

/**
 * Webhooks kept of one Konsol payment, a multiple of what one honestly causes; those that come at the same
 * moment may pass it by as many as are under way. The next ones ask through the latest.
 */
const KEPT_OF_ONE_MAX = 100;

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
  const { notice } = read;
  const now = ports.clock.now();
  const shared = await webhookToShare(ports, notice.konsolId);
  const stored = shared === undefined
    ? await ports.webhooks.insertOrGet(received(ports.ids.next("whk"), notice, now))
    : { kind: "exists" as const, webhook: shared };
  const webhook = stored.kind === "inserted"
    ? stored.webhook
    : await repeated(ports, stored.webhook, now);
  ports.log.info("webhook", {
    webhook_id: webhook.id,
    webhook_event: notice.event,
    konsol_id: webhook.konsolId,
    signature: notice.signature,
    received: webhook.received,
    ...(webhook.bodyHash !== notice.bodyHash && { kept: false }),
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

/**
 * A flood fills neither the disk nor the budget: where there is no room for a webhook of its own, the payment
 * is asked for through this one; undefined = there is room. What is refused Konsol sends again, and polling tells.
 */
async function webhookToShare(
  { webhooks, payments }: ReceivePorts,
  konsolId: string,
): Promise<Webhook | undefined> {
  const [unworked, latest] = await Promise.all([
    webhooks.countUnworked(INBOX_MAX),
    webhooks.latestOf(konsolId, KEPT_OF_ONE_MAX),
  ]);
  if (unworked < INBOX_MAX) return latest;
  if (await payments.getByKonsolId(konsolId) === undefined) {
    throw inboxFull(`too many of unknown payments wait: ${INBOX_MAX}`);
  }
  if (latest !== undefined) return latest;
  if (await webhooks.countUnworked(INBOX_OF_KNOWN_MAX) < INBOX_OF_KNOWN_MAX) return undefined;
  const any = await webhooks.latestOf(konsolId, 1);
  if (any === undefined) throw inboxFull(`too many wait: ${INBOX_OF_KNOWN_MAX}`);
  return any;
}

function inboxFull(why: string): Refusal {
  const message = `Cannot take the webhook as ${why}`;
  return new Refusal("webhook_inbox_full", message, { retryAfterMs: 60_000 });
}
