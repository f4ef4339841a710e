// Sends one request to a receiver at a checked address and reads as much of its answer as is wanted.

import { type IncomingMessage, request } from "node:http";
import { ANSWER_START_BYTES, answerStart } from "./answer_start.ts";
import { CallbackFailed } from "./callback_failed.ts";
import type { CallbackAgent, CallbackRequestOptions } from "./callback_agent.ts";
import type { Destination } from "./dial.ts";

/** The rest is left unread, and the connection closed. */
const ANSWER_BYTES_MAX = 65_536;
const HEAD_BYTES_MAX = 16_384;

export interface Exchange {
  readonly destination: Destination;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface ReceiverAnswer {
  readonly httpStatus: number;
  readonly retryAfter?: string;
  readonly start: string;
}

/**
 * Rejects with CallbackFailed. When its receiver has closed a kept connection meanwhile, node:http sends
 * the request again on a new one: the receiver may then have the event twice, and knows it by its id.
 */
export function exchange(
  agent: CallbackAgent,
  sent: Exchange,
  deadline: AbortSignal,
): Promise<ReceiverAnswer> {
  const { destination, path, headers, body } = sent;
  const { promise, resolve, reject } = Promise.withResolvers<ReceiverAnswer>();
  const options: CallbackRequestOptions = {
    agent,
    destination,
    deadline,
    method: "POST",
    path,
    headers: { ...headers, "content-length": body.length },
    maxHeaderSize: HEAD_BYTES_MAX,
  };
  const posted = request(options);
  const fail = (error: Error) => reject(failedBy(error));
  posted.on("response", (message) => {
    message.on("error", fail);
    readAnswer(message, resolve, reject);
  });
  posted.on("upgrade", (_message, stream) => {
    stream.destroy();
    reject(new CallbackFailed("answer_unreadable"));
  });
  posted.on("error", fail);
  const stop = () => posted.destroy(new CallbackFailed("timed_out"));
  deadline.addEventListener("abort", stop);
  posted.end(body);
  return promise.finally(() => deadline.removeEventListener("abort", stop));
}

function readAnswer(
  message: IncomingMessage,
  resolve: (answer: ReceiverAnswer) => void,
  reject: (error: CallbackFailed) => void,
): void {
  const { statusCode = 0, headers } = message;
  if (statusCode < 200 || statusCode > 599) {
    message.destroy();
    return reject(new CallbackFailed("answer_unreadable"));
  }
  const start = new Uint8Array(ANSWER_START_BYTES);
  let total = 0;
  const end = () => {
    const kept = answerStart(start.subarray(0, Math.min(total, start.length)), total);
    resolve({ httpStatus: statusCode, retryAfter: headers["retry-after"], start: kept });
  };
  message.on("data", (chunk: Uint8Array) => {
    if (total < start.length) start.set(chunk.subarray(0, start.length - total), total);
    total += chunk.length;
    if (total <= ANSWER_BYTES_MAX) return;
    end();
    message.destroy();
  });
  message.on("end", end);
}

/** The parser's errors have codes that begin with HPE; all others come from the connection. */
function failedBy(error: Error & { readonly code?: string }): CallbackFailed {
  if (error instanceof CallbackFailed) return error;
  const isUnreadable = error.code?.startsWith("HPE_") ?? false;
  return new CallbackFailed(isUnreadable ? "answer_unreadable" : "connection_lost");
}
