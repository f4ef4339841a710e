// A webhook of the sandbox: what happened to a payment, for whom, and how it is signed.
import { createHmac } from "node:crypto";
import { type Payment, paymentView } from "./payment.ts";
import { type EndStatus, hasEnded, type Status } from "./status.ts";

export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly event: WebhookEvent;
  readonly data: Record<string, unknown>;
  readonly timestamp: string;
}

export type WebhookEvent = "payment.created" | "payment.updated" | `payment.${EndStatus}`;

export function eventOf(status: Status): WebhookEvent {
  return hasEnded(status) ? `payment.${status}` : "payment.updated";
}

/** None when the payment names no callback_url. */
export function webhooksOf(payment: Payment, event: WebhookEvent): Webhook[] {
  if (!payment.callback_url) return [];
  const timestamp = new Date().toISOString();
  const data = paymentView(payment);
  return [{ id: crypto.randomUUID(), url: payment.callback_url, event, data, timestamp }];
}

/**
 * Konsol documents that webhooks may be signed, but not how. This is the sandbox's own convention:
 * lower-case hex HMAC-SHA256 over `event.id.timestamp` with the shared secret as the key.
 */
export function signatureOf({ event, data, timestamp }: Webhook, secret: string): string {
  return createHmac("sha256", secret).update(`${event}.${data.id}.${timestamp}`).digest("hex");
}

/** The only hosts that the sandbox ever calls: this machine's own. */
export function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  const isHttp = protocol === "http:" || protocol === "https:";
  return isHttp && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
