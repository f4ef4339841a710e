// Brings events to the addresses that clients named: signed, over https, to public addresses only.

import { Buffer } from "node:buffer";
import type { CallbackRequest, CallbackSender, Clock } from "../../application/ports.ts";
import type { CallbackAnswer, CallbackFailure } from "../../domain/callback.ts";
import {
  type CallbackTarget,
  type CallbackUrlRules,
  parseCallbackTarget,
} from "../../domain/callback_url.ts";
import { CallbackAgent } from "./callback_agent.ts";
import { CallbackFailed } from "./callback_failed.ts";
import { checkedAddresses, type Resolve, systemResolve } from "./checked_addresses.ts";
import { createDial, type Dial } from "./dial.ts";
import { exchange, type ReceiverAnswer } from "./exchange.ts";
import { retryAfterMs } from "./retry_after.ts";
import { signCallback } from "./sign_callback.ts";

/** Of one try in all: resolving, connecting, TLS, sending, and reading the answer. */
const TRY_MS_MAX = 15_000;
/** So many of a name's addresses are tried to connect to. */
const ADDRESSES_MAX = 3;

export interface CallbackSenderOptions {
  /** Each of them signs. */
  readonly keys: readonly Uint8Array[];
  readonly rules: CallbackUrlRules;
  readonly clock: Pick<Clock, "now" | "monotonic">;
  /** Unset = TRY_MS_MAX. */
  readonly timeoutMs?: number;
  readonly resolve?: Resolve;
  readonly dial?: Dial;
}

export class HttpCallbackSender implements CallbackSender {
  readonly #options: CallbackSenderOptions;
  readonly #agent: CallbackAgent;

  constructor(options: CallbackSenderOptions) {
    this.#options = options;
    this.#agent = new CallbackAgent(options.dial ?? createDial());
  }

  async send(request: CallbackRequest): Promise<CallbackAnswer> {
    const { clock, timeoutMs = TRY_MS_MAX } = this.#options;
    const startedAt = clock.monotonic();
    const ms = () => Math.round(clock.monotonic() - startedAt);
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), timeoutMs);
    try {
      const { httpStatus, retryAfter, start } = await unlessAborted(
        this.#try(request, limit.signal),
        limit.signal,
      );
      const waitMs = retryAfterMs(retryAfter, clock.now());
      return {
        kind: "answered",
        httpStatus,
        ms: ms(),
        ...(waitMs !== undefined && { retryAfterMs: waitMs }),
        start,
      };
    } catch (error) {
      const reason = limit.signal.aborted ? "timed_out" : reasonOf(error);
      return { kind: "failed", reason, ms: ms() };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Tries under way end as they may; what is kept open is closed. */
  close(): void {
    this.#agent.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The rules are asked again on every try: they may have changed since the payment was created. */
  async #try(request: CallbackRequest, deadline: AbortSignal): Promise<ReceiverAnswer> {
    const { rules, resolve = systemResolve } = this.#options;
    const target = parseCallbackTarget(request.url, rules);
    if (!target.ok) throw new CallbackFailed("url_refused");
    const addresses = await checkedAddresses(target.value, rules, resolve);
    if (deadline.aborted) throw new CallbackFailed("timed_out");
    return await this.#toFirstThatConnects(target.value, addresses, request, deadline);
  }

  async #toFirstThatConnects(
    target: CallbackTarget,
    addresses: readonly string[],
    request: CallbackRequest,
    deadline: AbortSignal,
  ): Promise<ReceiverAnswer> {
    const { pathname, search, host } = new URL(target.href);
    const body = Buffer.from(request.body);
    const headers = { host, ...HEADERS, ...this.#signed(request.eventId, body) };
    const tlsName = target.isTls ? target.host : undefined;
    const tried = addresses.slice(0, ADDRESSES_MAX);
    for (const [index, address] of tried.entries()) {
      const destination = { address, port: target.port, tlsName };
      const sent = { destination, path: pathname + search, headers, body };
      try {
        return await exchange(this.#agent, sent, deadline);
      } catch (error) {
        const isLast = index + 1 === tried.length;
        if (isLast || reasonOf(error) !== "connect_failed" || deadline.aborted) throw error;
      }
    }
    throw new CallbackFailed("name_not_resolved");
  }

  #signed(id: string, body: Uint8Array) {
    const { keys, clock } = this.#options;
    return signCallback(keys, { id, sentAt: clock.now(), body });
  }
}

const HEADERS = {
  "content-type": "application/json",
  accept: "*/*",
  "user-agent": "konsol-payments",
};

/** Every step below throws CallbackFailed; of anything else it is only known that no answer came. */
function reasonOf(error: unknown): CallbackFailure {
  return error instanceof CallbackFailed ? error.reason : "connection_lost";
}

/** Some steps cannot be called off (the system's resolver), and none may outlast the try. */
function unlessAborted<T>(step: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(new CallbackFailed("timed_out"));
  signal.addEventListener("abort", stop, { once: true });
  return Promise.race([step, promise]).finally(() => signal.removeEventListener("abort", stop));
}
