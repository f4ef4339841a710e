// Carries one HTTP call to Konsol and says what became of it on the wire, never what that means.

import type { Clock } from "../../application/ports.ts";
import type { SendWindow } from "../../application/provider_ports.ts";
import { type Unsent, unsentBecause } from "./connect_errors.ts";
import { type Answer, type Broken, brokenBecause, readAnswer } from "./read_answer.ts";

export type RawResult = Answer | Broken | Unsent;

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below the base URL; whatever is variable in it is encoded already. */
  readonly path: string;
  /** Goes out as JSON. */
  readonly body?: unknown;
  readonly window?: SendWindow;
  /** Unset = ANSWER_BYTES_MAX. */
  readonly answerBytesMax?: number;
}

export interface TransportOptions {
  readonly baseUrl: string;
  readonly token: string;
  /** Of the whole call: connecting, sending, waiting, and reading the answer to its end. */
  readonly timeoutMs: number;
  readonly clock: Pick<Clock, "now" | "monotonic">;
  /**
   * Sends bodies as one-shot streams, which no client can send again. Needs a provider that takes
   * chunked requests: Deno drops a Content-Length beside a stream. Off, as that is not known of Konsol,
   * and a provider's 411 would be a doubt.
   */
  readonly chunkedBodies?: boolean;
}

/**
 * Deno's fetch sends a POST again, without telling, when a kept connection closes before the answer.
 * So every call that changes something has a connection of its own (and no HTTP/2, whose connections
 * are shared by design); tests/adapters/konsol/transport_pays_once_test.ts counts.
 */
export class KonsolTransport {
  readonly #options: TransportOptions;
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #oneShot: Deno.HttpClient;
  readonly #pooled: Deno.HttpClient;
  #closed = false;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#base = baseOf(options.baseUrl);
    this.#headers = headersOf(options.token);
    this.#oneShot = Deno.createHttpClient({ poolMaxIdlePerHost: 0, http2: false });
    this.#pooled = Deno.createHttpClient({});
  }

  /** Never rejects, and never sends the request more than once but for a GET. */
  async send(call: Call): Promise<RawResult> {
    const body = jsonOf(call.body);
    if (!body.ok) return { kind: "not_begun", reason: "body_is_not_json" };
    if (this.#closed) return { kind: "not_begun", reason: "transport_closed" };
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), this.#options.timeoutMs);
    try {
      if (this.#isPast(call.window)) return { kind: "not_begun", reason: "send_window_passed" };
      return await this.#exchange(call, body.text, timeout.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Calls under way end as they may; no other begins. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#oneShot.close();
    this.#pooled.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #exchange(call: Call, text: string | undefined, signal: AbortSignal): Promise<RawResult> {
    const { method, path, answerBytesMax } = call;
    const { chunkedBodies } = this.#options;
    try {
      const response = await fetch(this.#base + path, {
        method,
        headers: { ...this.#headers, ...(text !== undefined && JSON_CONTENT) },
        body: text !== undefined && chunkedBodies ? ReadableStream.from([encode(text)]) : text,
        redirect: "manual",
        signal,
        client: method === "GET" ? this.#pooled : this.#oneShot,
      });
      return await readAnswer(response, signal, answerBytesMax);
    } catch (error) {
      return unsentBecause(error) ?? { kind: "broken", reason: brokenBecause(error, signal) };
    }
  }

  /** Either clock is enough: the wall clock can be set back, the other stands still in sleep. */
  #isPast(window: SendWindow | undefined): boolean {
    if (window === undefined) return false;
    const { clock } = this.#options;
    return clock.now() > window.notAfter || clock.monotonic() > window.notAfterMonotonic;
  }
}

const JSON_CONTENT = { "content-type": "application/json" };

/** Refused here and not at the first payment: a call must not fail in a way that nobody foresaw. */
function baseOf(baseUrl: string): string {
  const { protocol, username, password, search, hash } = new URL(baseUrl);
  const isPlain = username + password + search + hash === "";
  if (!/^https?:$/.test(protocol) || !isPlain) {
    throw new Error(
      "Cannot call Konsol as its base URL must be http(s) without login, query or fragment",
    );
  }
  return baseUrl.replace(/\/+$/, "");
}

function headersOf(token: string): Readonly<Record<string, string>> {
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new Error("Cannot call Konsol as its token must be visible ASCII: it is not");
  }
  return {
    authorization: `Bearer ${token}`,
    accept: "application/json",
    "user-agent": "konsol-payments",
  };
}

function jsonOf(
  body: unknown,
): { readonly ok: true; readonly text: string | undefined } | { readonly ok: false } {
  try {
    return { ok: true, text: JSON.stringify(body) };
  } catch {
    return { ok: false };
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
