// A client's receiver of callbacks on a real socket: keeps what it was sent, and answers as it is told.

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { CALLBACK_KEY } from "./rig.ts";

export interface Delivery {
  readonly id: string;
  readonly body: string;
  // deno-lint-ignore no-explicit-any -- the tests read whatever JSON came
  readonly json: any;
  /** Of this id, time and body, by the key that both know. */
  readonly isSigned: boolean;
}

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly deliveries: readonly Delivery[];
  /** What it answers from now on. */
  status: number;
}

export function openReceiver(): Receiver {
  const deliveries: Delivery[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const body = await request.text();
    const header = (name: string) => request.headers.get(`webhook-${name}`) ?? "";
    const signed = `${header("id")}.${header("timestamp")}.${body}`;
    const mac = createHmac("sha256", Buffer.from(CALLBACK_KEY)).update(signed).digest("base64");
    const isSigned = header("signature") === `v1,${mac}`;
    deliveries.push({ id: header("id"), body, json: JSON.parse(body), isSigned });
    return new Response("heard", { status: receiver.status });
  });
  const receiver: Receiver = {
    url: `http://127.0.0.1:${server.addr.port}/hook?key=of-the-client`,
    deliveries,
    status: 200,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return receiver;
}
