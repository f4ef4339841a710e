// Delivers webhooks as Konsol does (five tries, then never), and loses or shuffles them when a fault says so.
import type { FaultQueue } from "./fault_queue.ts";
import type { Ledger } from "./ledger.ts";
import { Timers } from "./timers.ts";
import { isLoopback, signatureOf, type Webhook } from "./webhook.ts";

export interface WebhookSettings {
  readonly webhookSecret?: string;
  readonly webhookRetryMs: number;
  readonly webhookTimeoutMs: number;
  /** How long a webhook held by `reorder_webhooks` waits for a later one to overtake it. */
  readonly reorderHoldMs: number;
  readonly log: (line: string) => void;
}

interface Parts {
  readonly ledger: Ledger;
  readonly faults: FaultQueue;
}

const triesMax = 5;

export class WebhookSender {
  readonly #parts: Parts;
  readonly #settings: WebhookSettings;
  // Kept connections would let Deno's fetch send a webhook twice without telling.
  readonly #client = Deno.createHttpClient({ poolMaxIdlePerHost: 0, http2: false });
  readonly #timers = new Timers();
  readonly #running = new Set<Promise<void>>();
  #stop = new AbortController();
  #held: Webhook[] = [];

  constructor(parts: Parts, settings: WebhookSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  send(webhook: Webhook): void {
    if (!isLoopback(webhook.url)) return this.#drop(webhook, "its URL is not on this machine");
    const fault = this.#parts.faults.takeForWebhook();
    switch (fault?.fault) {
      case "drop_webhooks":
        return this.#drop(webhook, "a fault says so");
      case "reorder_webhooks":
        return this.#hold(webhook);
      case "delay_webhooks":
        this.#timers.after(fault.ms, () => this.#start(webhook));
        return;
      case "duplicate_webhooks":
        this.#start(webhook);
        return this.#start(webhook);
      default:
        return this.#start(webhook, this.#takeHeld());
    }
  }

  /** Goes on with what an earlier process left undelivered; its tries are counted anew. */
  resume(): void {
    for (const webhook of this.#parts.ledger.undelivered()) this.send(webhook);
  }

  /** Posts `body` as a stranger would; the status of the answer, undefined if there was none. */
  async forge(url: string, body: string): Promise<number | undefined> {
    return await this.#post(url, body, this.#stop.signal);
  }

  /** Forgets all that is under way. */
  reset(): void {
    this.#timers.clear();
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#held = [];
  }

  async close(): Promise<void> {
    this.#timers.close();
    this.#stop.abort();
    await Promise.all(this.#running);
    this.#client.close();
  }

  /** Starts `overtaken` once the first try of `webhook` has its answer. */
  #start(webhook: Webhook, overtaken: readonly Webhook[] = [], attempt = 1): void {
    const stopped = this.#stop.signal;
    const running = this.#try(webhook, attempt, stopped).then(() => {
      if (!stopped.aborted) { for (const late of overtaken) this.#start(late); }
    });
    this.#running.add(running);
    running.finally(() => this.#running.delete(running));
  }

  async #try(webhook: Webhook, attempt: number, stopped: AbortSignal): Promise<void> {
    const { ledger } = this.#parts;
    ledger.record({ counted: { webhooks_sent: 1 } });
    const status = await this.#post(webhook.url, this.#bodyOf(webhook), stopped);
    if (stopped.aborted) return;
    if (status !== undefined && status >= 200 && status < 300) {
      ledger.record({ settledWebhook: webhook.id, counted: { webhooks_delivered: 1 } });
    } else if (attempt === triesMax) {
      this.#drop(webhook, `${triesMax} tries got no 2xx`);
    } else {
      this.#timers.after(
        this.#settings.webhookRetryMs,
        () => this.#start(webhook, [], attempt + 1),
      );
    }
  }

  async #post(url: string, body: string, stopped: AbortSignal): Promise<number | undefined> {
    const timeout = new AbortController();
    const cancel = this.#timers.after(
      this.#settings.webhookTimeoutMs,
      () => timeout.abort(),
    );
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        redirect: "manual",
        signal: AbortSignal.any([stopped, timeout.signal]),
        client: this.#client,
      });
      await response.body?.cancel();
      return response.status;
    } catch {
      return undefined;
    } finally {
      cancel();
    }
  }

  #bodyOf(webhook: Webhook): string {
    const { event, data, timestamp } = webhook;
    const secret = this.#settings.webhookSecret;
    const signature = secret === undefined ? undefined : signatureOf(webhook, secret);
    return JSON.stringify({ event, data, timestamp, signature });
  }

  #hold(webhook: Webhook): void {
    this.#held.push(webhook);
    this.#timers.after(this.#settings.reorderHoldMs, () => {
      if (this.#held.includes(webhook)) this.#takeHeld().forEach((late) => this.#start(late));
    });
  }

  #takeHeld(): readonly Webhook[] {
    const held = this.#held.toReversed();
    this.#held = [];
    return held;
  }

  #drop({ id, event, data }: Webhook, why: string): void {
    this.#parts.ledger.record({ settledWebhook: id });
    this.#settings.log(`Webhook ${event} of ${data.id} is dropped as ${why}`);
  }
}
