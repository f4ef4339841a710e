// What the tests of the callback sender share: a sender that may reach this machine, and every connection it opened.

import { createDial, type Destination, type Dial } from "../../../adapters/callbacks/dial.ts";
import {
  type CallbackSenderOptions,
  HttpCallbackSender,
} from "../../../adapters/callbacks/http_callback_sender.ts";
import { systemClock } from "../../../adapters/system/system_clock.ts";
import type { CallbackAnswer } from "../../../domain/callback.ts";
import type { CallbackUrlRules } from "../../../domain/callback_url.ts";
import { parseAddressRange } from "../../../domain/ip_address.ts";
import { AUTHORITY, CERTIFICATE, PRIVATE_KEY } from "./test_certificate.ts";

export const KEY = new Uint8Array(32).fill(7);
export const BODY = '{"id":"evt_1","data":{"description":"Оплата"}}';
export const STRICT: CallbackUrlRules = { allowLoopbackHttp: false, ports: [], ranges: [] };
export const DEVELOPMENT: CallbackUrlRules = { ...STRICT, allowLoopbackHttp: true };

export interface SenderRig extends Disposable {
  readonly sender: HttpCallbackSender;
  /** Every connection that was asked for, in order. */
  readonly dialled: readonly Destination[];
  /** Tries to bring event `evt_1` there. */
  send(url: string, body?: string): Promise<CallbackAnswer>;
}

/** By default in development: loopback may be called. The dial is the real one, trusting AUTHORITY too. */
export function senderRig(options: Partial<CallbackSenderOptions> = {}): SenderRig {
  const dialled: Destination[] = [];
  const dial = options.dial ?? createDial([AUTHORITY]);
  const counting: Dial = (to, signal) => {
    dialled.push(to);
    return dial(to, signal);
  };
  const sender = new HttpCallbackSender({
    keys: [KEY],
    rules: DEVELOPMENT,
    clock: systemClock,
    ...options,
    dial: counting,
  });
  return {
    sender,
    dialled,
    send: (url, body = BODY) => sender.send({ url, eventId: "evt_1", body }),
    [Symbol.dispose]: () => sender.close(),
  };
}

/** Production's rules, but for this machine's addresses (only 127.0.0.1 unless told) and that port. */
export function rulesFor(port: number, ranges: readonly string[] = ["127.0.0.1"]) {
  return { ...STRICT, ports: [port], ranges: ranges.map((text) => parseAddressRange(text)!) };
}

export interface TlsReceiver extends AsyncDisposable {
  readonly port: number;
  readonly received: readonly Received[];
}

export interface Received {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers 200 `ok` on 127.0.0.1, as whom the test certificate names. */
export function serveTls(): TlsReceiver {
  const received: Received[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert: CERTIFICATE, key: PRIVATE_KEY, onListen() {} },
    async (request) => {
      const headers = Object.fromEntries(request.headers);
      received.push({ headers, body: await request.text() });
      return new Response("ok");
    },
  );
  return {
    port: server.addr.port,
    received,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** What an answer came to, in one word or number. */
export function outcomeOf(answer: CallbackAnswer): string | number {
  return answer.kind === "answered" ? answer.httpStatus : answer.reason;
}
