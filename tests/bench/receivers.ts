// The receivers of the benchmark in a process of their own: prints their URLs, and at SIGTERM what each was sent.

import { print } from "../../tasks/print.ts";
import { FIRST, RECEIVERS } from "./figures.ts";

export interface Heard {
  readonly requests: number;
  /** Of the events. */
  readonly ids: number;
}

const firstHangs = Deno.args.includes("first_hangs");

const receivers = Array.from({ length: RECEIVERS }, (_, n) => {
  const ids: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    ids.push(request.headers.get("webhook-id") ?? "");
    await request.text();
    if (firstHangs && n === FIRST) await new Promise<never>(() => {});
    return new Response("heard");
  });
  return { url: `http://127.0.0.1:${server.addr.port}/hook`, ids };
});

Deno.addSignalListener("SIGTERM", () => {
  const heard = receivers.map(({ ids }): Heard => ({
    requests: ids.length,
    ids: new Set(ids).size,
  }));
  print(JSON.stringify(heard));
  Deno.exit(0);
});
print(JSON.stringify(receivers.map(({ url }) => url)));
