// Very many clients with one handle at the same instant, each on a connection of its own, to the real service.

import { eventually } from "../support/eventually.ts";
import { openStack, readJson, type Stack } from "./stack.ts";
import { Broken, NOTHING, type Tally } from "./tally.ts";

export interface StormOptions {
  readonly clients: number;
  readonly handle: "idempotency_key" | "external_id";
}

interface Answer {
  readonly status: number;
  readonly replayed: boolean;
  readonly id: string;
}

const COMPLETED = { timeoutMs: 60_000, everyMs: 50 };
const CONNECTS_AT_ONCE = 100;
/** 503 with Retry-After is an honest answer; it must not be the only one for ever. */
const TRIES_MAX = 20;

export async function storm({ clients, handle }: StormOptions): Promise<Tally> {
  await using stack = await openStack({ speed: 1, env: { KONSOL_TIMEOUT: "10" } });
  const answers = await allAtOnce(stack, clients, requestOf(stack, handle));
  const ids = new Set(answers.map(({ id }) => id));
  const created = answers.filter(({ status }) => status === 201);
  const replayed = answers.filter((answer) => answer.status === 200 && answer.replayed);
  const { url } = firstOf(stack);
  await eventually(async () => {
    const path = `${url}/konsol/payments/${[...ids][0]}`;
    return (await readJson(path, { headers: stack.headers })).status === "completed";
  }, COMPLETED);
  const konsol = await stack.konsol();
  const shown = await readJson(`${url}/konsol/payments`, { headers: stack.headers });
  const counts = {
    payments: shown.total,
    ids: ids.size,
    created: created.length,
    replayed: replayed.length,
    received: konsol.creates_received,
    executed: konsol.creates_executed,
  };
  const wanted = { ...counts, payments: 1, ids: 1, created: 1, received: 1, executed: 1 };
  const tally = { ...NOTHING, payments: 1, paidTwice: konsol.creates_executed - 1 };
  if (JSON.stringify({ ...wanted, replayed: clients - 1 }) === JSON.stringify(counts)) return tally;
  const told = `${clients} clients with one handle came to ${JSON.stringify(counts)}`;
  throw new Broken(told, tally);
}

function firstOf({ services }: Stack) {
  const [service] = services;
  if (service === undefined) throw new Error("Cannot storm a service as the stack has none");
  return service;
}

/** As bytes: what is sent must not depend on a client's pool of connections. */
function requestOf(stack: Stack, handle: StormOptions["handle"]): Uint8Array {
  const one = "storm_of_one_handle";
  const body = new TextEncoder().encode(JSON.stringify({
    amount: 1000.25,
    currency: "RUB",
    payment_type: "phone_payment",
    phone_number: "+79123456789",
    bank: "Сбербанк",
    ...(handle === "external_id" && { external_id: one }),
  }));
  const headers = {
    ...stack.headers,
    host: new URL(firstOf(stack).url).host,
    connection: "close",
    "content-length": String(body.length),
    ...(handle === "idempotency_key" && { "idempotency-key": one }),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST /konsol/payments HTTP/1.1\r\n${lines.join("")}\r\n`;
  return new Uint8Array([...new TextEncoder().encode(head), ...body]);
}

/** Every connection stands before the first byte is sent. */
async function allAtOnce(
  stack: Stack,
  clients: number,
  request: Uint8Array,
): Promise<readonly Answer[]> {
  const { hostname, port } = new URL(firstOf(stack).url);
  const connect = () => Deno.connect({ hostname, port: Number(port) });
  const connections: Deno.TcpConn[] = [];
  while (connections.length < clients) {
    const some = Math.min(CONNECTS_AT_ONCE, clients - connections.length);
    connections.push(...await Promise.all(Array.from({ length: some }, connect)));
  }
  return await Promise.all(connections.map(async (connection) => {
    let text = await exchange(connection, request);
    for (let tries = 1; /^HTTP\/1.1 503/.test(text) && tries < TRIES_MAX; tries++) {
      const waitS = Number(/^retry-after: (\d+)/im.exec(text)?.[1]);
      if (Number.isNaN(waitS)) break;
      await new Promise((resolve) => setTimeout(resolve, waitS * 1_000));
      text = await exchange(await connect(), request);
    }
    return answerOf(text);
  }));
}

async function exchange(connection: Deno.TcpConn, request: Uint8Array): Promise<string> {
  using open = connection;
  for (let at = 0; at < request.length;) at += await open.write(request.subarray(at));
  return await new Response(open.readable).text();
}

function answerOf(text: string): Answer {
  const [head = "", body = ""] = text.split("\r\n\r\n");
  const status = Number(/^HTTP\/1.1 (\d+)/.exec(head)?.[1]);
  if (status !== 200 && status !== 201) throw new Error(`A client of the storm was told: ${text}`);
  const [json = ""] = /\{.*\}/s.exec(body) ?? [];
  return { status, replayed: /^idempotent-replayed: true/im.test(head), id: JSON.parse(json).id };
}
