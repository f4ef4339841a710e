// Receivers of callbacks in memory: what each was sent, and answers that a test chooses.

import type { CallbackRequest, CallbackSender } from "../../application/ports.ts";
import type { CallbackAnswer } from "../../domain/callback.ts";
import { Holds } from "./holds.ts";

const RECEIVED = { kind: "answered", httpStatus: 200, ms: 1, start: "ok" } as const;

export class MemoryCallbackSender implements CallbackSender {
  /** Everything that was sent, in that order. */
  readonly requests: CallbackRequest[] = [];
  /** URLs that take a request and answer only once `holds` are released. */
  readonly holding = new Set<string>();
  readonly holds = new Holds();
  readonly #answers = new Map<string, readonly CallbackAnswer[]>();

  /** What this URL answers from now on, one after the other; the last one for ever. */
  answers(url: string, ...answers: readonly CallbackAnswer[]): void {
    this.#answers.set(url, answers);
  }

  async send(request: CallbackRequest): Promise<CallbackAnswer> {
    this.requests.push(request);
    const { url } = request;
    const [answer = RECEIVED, ...later]: readonly CallbackAnswer[] = this.#answers.get(url) ?? [];
    if (later.length > 0) this.#answers.set(url, later);
    if (this.holding.has(url)) await this.holds.wait();
    return answer;
  }

  /** The ids of the events that it was sent, repeats among them. */
  sentTo(url: string): string[] {
    return this.requests.filter((request) => request.url === url).map(({ eventId }) => eventId);
  }
}

export function answered(httpStatus: number, retryAfterMs?: number): CallbackAnswer {
  return { ...RECEIVED, httpStatus, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}
