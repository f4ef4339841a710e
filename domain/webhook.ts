// A webhook of Konsol's as it is kept: a hint that something changed, never the proof of it.

/** What was found of its signature: told, never trusted. `unchecked` = there was one and no secret is set. */
export type SignatureVerdict = "absent" | "unchecked" | "valid" | "invalid";

/** `orphan`: no payment of ours is known for it yet. `failed`: given up, with the error. */
export type WebhookState = "received" | "processed" | "orphan" | "failed";

/** A webhook read off the wire: its shape is checked, nothing in it is believed. */
export interface WebhookNotice {
  /** Konsol's word for it, `payment.completed` or another, kept as it came. */
  readonly event: string;
  readonly konsolId: string;
  /** The body, personal data and secrets masked. */
  readonly body: unknown;
  /** Keyed hash of the raw body: tells a repeat. */
  readonly bodyHash: string;
  readonly signature: SignatureVerdict;
}

/** Times are milliseconds since the epoch; `dueAt` absent = nothing more happens to it by itself. */
export interface Webhook extends WebhookNotice {
  readonly id: string;
  readonly version: number;
  readonly state: WebhookState;
  readonly receivedAt: number;
  readonly lastReceivedAt: number;
  /** A GET that began before this does not answer it: the last arrival, or a person's replay. */
  readonly wantedSince: number;
  /** How often the same body came, or one that was not kept as there were too many of its payment. */
  readonly received: number;
  readonly tries: number;
  readonly dueAt?: number;
  readonly processedAt?: number;
  readonly paymentId?: string;
  readonly error?: string;
}

/** Orphans are tried again for a day: the create's own answer may come after its webhook. */
export const ORPHAN_MAX_AGE_MS = 24 * 60 * 60_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_LAST_MS = 15 * 60_000;

export function receiveWebhook(id: string, notice: WebhookNotice, now: number): Webhook {
  const times = { receivedAt: now, lastReceivedAt: now, wantedSince: now, dueAt: now };
  return { ...notice, ...times, id, version: 1, state: "received", received: 1, tries: 0 };
}

/** The same body again, one too many of its payment, or a person's wish: not another webhook, but a reason to ask Konsol again. */
export function askAgain(webhook: Webhook, now: number): Webhook {
  const due = { wantedSince: now, dueAt: now, tries: 0 };
  return { ...webhook, ...due, state: "received", error: undefined };
}

export function repeatWebhook(webhook: Webhook, now: number): Webhook {
  return { ...askAgain(webhook, now), received: webhook.received + 1, lastReceivedAt: now };
}

export function finishWebhook(webhook: Webhook, paymentId: string, now: number): Webhook {
  const done = { state: "processed" as const, processedAt: now, dueAt: undefined };
  return { ...webhook, ...done, paymentId, tries: webhook.tries + 1, error: undefined };
}

/** Konsol was asked often enough for now: due again at `notBefore`, without counting as a try. */
export function deferWebhook(webhook: Webhook, notBefore: number): Webhook {
  return { ...webhook, dueAt: notBefore };
}

/** What stands for the body of a webhook that was nobody's for a day: whoever makes ids up fills no disk. */
const NOBODYS = { dropped: "no payment of ours was known for it within a day" };

/**
 * Not worked off this time: tried again, later each time, for a day; then kept as it is, without the body of
 * one that is `nobodys` as far as Konsol itself knows.
 */
export function postponeWebhook(
  webhook: Webhook,
  why: { readonly orphan: boolean; readonly error: string; readonly nobodys?: true },
  now: number,
): Webhook {
  const wait = Math.min(RETRY_FIRST_MS * 2 ** webhook.tries, RETRY_LAST_MS);
  const over = now - webhook.wantedSince >= ORPHAN_MAX_AGE_MS;
  return {
    ...webhook,
    state: why.orphan ? "orphan" : over ? "failed" : "received",
    tries: webhook.tries + 1,
    error: why.error,
    ...(over && why.nobodys && { body: NOBODYS }),
    dueAt: over ? undefined : now + wait,
  };
}
