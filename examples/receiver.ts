// Receives our callbacks: verifies who sent them, by node:crypto alone, and acts on each event once.

import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

const SECRET = Deno.env.get("CALLBACK_SECRET");
if (!SECRET?.startsWith("whsec_")) {
  throw new Error("Set CALLBACK_SECRET to one of CALLBACK_SECRETS");
}
const KEY = Buffer.from(SECRET.slice("whsec_".length), "base64");
/** In earnest a table of your database with the id as its key, written with what the event changes. */
const seen = new Set<string>();

function isOurs(headers: Headers, body: string): boolean {
  const of = (name: string) => headers.get(`webhook-${name}`) ?? "";
  const isFresh = Math.abs(Date.now() / 1000 - Number(of("timestamp"))) < 300;
  const mac = createHmac("sha256", KEY).update(`${of("id")}.${of("timestamp")}.${body}`).digest();
  return isFresh && of("signature").split(" ").some((text) => {
    const theirs = Buffer.from(text.replace(/^v1,/, ""), "base64");
    return text.startsWith("v1,") && theirs.length === mac.length && timingSafeEqual(theirs, mac);
  });
}

Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.env.get("PORT") ?? 9000) },
  async (request) => {
    const body = await request.text();
    if (!isOurs(request.headers, body)) return new Response("not ours", { status: 401 });
    const event = JSON.parse(body);
    if (seen.has(event.id)) return new Response("seen already");
    seen.add(event.id);
    // deno-lint-ignore no-console
    console.log(event.type, event.data.id, event.data.status);
    return new Response("thanks");
  },
);
