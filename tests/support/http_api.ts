// The HTTP API over a fake Application, with the few ways in which tests ask it.

import type { Application } from "../../application/application.ts";
import type { LogEvent } from "../../application/ports.ts";
import { createHttpApp, type HttpOptions } from "../../adapters/http/app.ts";
import { type Call, fakeApplication } from "./fake_application.ts";

export const TOKEN = "token-of-at-least-32-characters-1";
export const OTHER_TOKEN = "token-of-at-least-32-characters-2";

export interface LogLine {
  readonly event: LogEvent;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Ask {
  /** Sent as JSON, unless it is bytes, text or a stream: these are sent as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpApi {
  readonly calls: Call[];
  readonly log: LogLine[];
  /** With a valid token and, when there is a body, as JSON; `headers` come on top, "" takes one away. */
  ask(method: string, path: string, ask?: Ask): Promise<Response>;
}

export function httpApi(
  answers: Partial<Application> = {},
  options: Partial<HttpOptions> = {},
): HttpApi {
  const { application, calls } = fakeApplication(answers);
  const log: LogLine[] = [];
  const write = (event: LogEvent, fields: LogLine["fields"]) => void log.push({ event, fields });
  const app = createHttpApp(application, {
    apiTokens: [TOKEN, OTHER_TOKEN],
    amountLimit: "1000000",
    allowTestCard: true,
    callbackUrls: { allowLoopbackHttp: false, ports: [], ranges: [] },
    log: { debug: write, info: write, warn: write, error: write },
    newRequestId: () => "req-made",
    now: () => 0,
    ...options,
  });
  const ask = async (method: string, path: string, { body, headers }: Ask = {}) =>
    await app.request(path, { method, body: bodyOf(body), headers: headersOf(body, headers) });
  return { calls, log, ask };
}

function bodyOf(body: unknown): BodyInit | undefined {
  const isRaw = typeof body === "string" || body instanceof Uint8Array ||
    body instanceof ReadableStream || body === undefined;
  return isRaw ? body as BodyInit | undefined : JSON.stringify(body);
}

function headersOf(body: unknown, given: Ask["headers"]): Headers {
  const headers = new Headers({ Authorization: `Bearer ${TOKEN}` });
  if (body !== undefined) headers.set("Content-Type", "application/json");
  for (const [name, value] of Object.entries(given ?? {})) {
    if (value === "") headers.delete(name);
    else headers.set(name, value);
  }
  return headers;
}

// deno-lint-ignore no-explicit-any -- what the tests look into is any JSON
export async function jsonOf(response: Response | Promise<Response>): Promise<any> {
  return await (await response).json();
}

/** `field code` of each entry of errors[], in their order. */
export async function errorsOf(response: Response | Promise<Response>): Promise<string[]> {
  const problem = await jsonOf(response);
  return (problem.errors ?? []).map((error: { field: string; code: string }) =>
    `${error.field} ${error.code}`
  );
}
