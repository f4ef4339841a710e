// An HTTP server that can do what Deno.serve cannot: break a connection instead of answering.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Buffer } from "node:buffer";
import { answerOf, KonsolError, type Reply } from "./reply.ts";
import { Timers } from "./timers.ts";

export interface HttpCall {
  readonly method: string;
  readonly url: URL;
  readonly authorization?: string;
  readonly body: string;
  readonly fromLoopback: boolean;
}

export interface HttpSettings {
  readonly host: string;
  readonly port: number;
  /** How long a hanging call is left open when the client does not leave. */
  readonly hangMs: number;
  readonly log: (line: string) => void;
}

export interface HttpServer {
  readonly url: string;
  close(): Promise<void>;
}

export type Handler = (call: HttpCall) => Reply | Promise<Reply>;

const bodyBytesMax = 1_048_576;

export async function serveHttp(
  settings: HttpSettings,
  handle: Handler,
): Promise<HttpServer> {
  const timers = new Timers();
  const server = createServer((request, response) => {
    respond(request, handle, settings.log)
      .then((reply) => carryOut(reply, response, timers, settings.hangMs))
      .catch(() => response.socket?.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port, settings.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = settings.host.includes(":") ? `[${settings.host}]` : settings.host;
  return { url: `http://${host}:${port}`, close: () => closeServer(server, timers) };
}

async function respond(
  request: IncomingMessage,
  handle: Handler,
  log: (line: string) => void,
): Promise<Reply> {
  const body = await readBody(request);
  try {
    if (body === undefined) throw new KonsolError(413, ["Слишком большой запрос"]);
    return await handle(callOf(request, body));
  } catch (error) {
    if (error instanceof KonsolError) return answerOf(error);
    log(`Sandbox broke on ${request.method} ${request.url}: ${error}`);
    return answerOf(new KonsolError(500, ["Внутренняя ошибка песочницы"]));
  }
}

/** Undefined when the body is larger than the sandbox takes. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= bodyBytesMax) chunks.push(chunk);
  }
  if (bytes > bodyBytesMax) return undefined;
  return Buffer.concat(chunks).toString("utf8");
}

function callOf(request: IncomingMessage, body: string): HttpCall {
  return {
    method: request.method ?? "GET",
    url: new URL(request.url ?? "/", "http://sandbox"),
    authorization: request.headers.authorization,
    body,
    fromLoopback: /^(::ffff:)?127\.|^::1$/.test(request.socket.remoteAddress ?? ""),
  };
}

function carryOut(reply: Reply, response: ServerResponse, timers: Timers, hangMs: number): void {
  if (reply === "break") return destroy(response);
  const isHang = reply === "hang";
  const act = isHang ? () => destroy(response) : () => write(response, reply);
  const waitMs = isHang ? hangMs : reply.afterMs ?? 0;
  if (waitMs === 0) return act();
  const cancel = timers.after(waitMs, act);
  response.once("close", cancel);
}

/** Closes without an answer; it is this, not a TCP reset, that makes a careless client send again. */
function destroy(response: ServerResponse): void {
  response.socket?.destroy();
}

function write(response: ServerResponse, { status, body, headers }: Exclude<Reply, string>): void {
  const isText = typeof body === "string";
  const type = isText ? "text/plain; charset=utf-8" : "application/json; charset=utf-8";
  response.statusCode = status;
  for (const [name, value] of Object.entries({ "content-type": type, ...headers })) {
    response.setHeader(name, value);
  }
  response.end(isText ? body : JSON.stringify(body));
}

async function closeServer(server: Server, timers: Timers): Promise<void> {
  timers.close();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
