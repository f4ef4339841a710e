// Signs a callback by Standard Webhooks 1.0, so that its receiver knows who sent it and when.

import { createHmac } from "node:crypto";

const MS_PER_SECOND = 1_000;

export interface Unsigned {
  /** The event's, the same on every try: receivers know a repeat by it. */
  readonly id: string;
  /** The moment of this try, in epoch milliseconds. */
  readonly sentAt: number;
  /** The very bytes that are sent. */
  readonly body: Uint8Array;
}

/** The three headers of the standard; every key signs, so that receivers may hold the old or the new one. */
export function signCallback(
  keys: readonly Uint8Array[],
  { id, sentAt, body }: Unsigned,
): Readonly<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>> {
  const timestamp = String(Math.floor(sentAt / MS_PER_SECOND));
  const signatures = keys.map((key) => {
    const mac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body);
    return `v1,${mac.digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}
