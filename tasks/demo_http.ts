// The demo's HTTP client: sends a request to the service and prints the exchange for people to read.

import { print } from "./print.ts";

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly sent: unknown;
  readonly status: number;
  readonly ms: number;
  readonly json: Readonly<Record<string, unknown>>;
  /** The `items` of a list, or nothing. */
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

export class Http {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  async send(method: string, path: string, body?: unknown): Promise<Exchange> {
    const exchange = await this.quietly(method, path, body);
    this.print(exchange);
    return exchange;
  }

  async quietly(method: string, path: string, body?: unknown): Promise<Exchange> {
    const begun = performance.now();
    const response = await fetch(this.#url + path, {
      method,
      headers: {
        "Authorization": `Bearer ${this.#token}`,
        ...(body !== undefined && { "Content-Type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const json = await response.json();
    const ms = Math.round(performance.now() - begun);
    const items = Array.isArray(json.items) ? json.items : [];
    return { method, path, sent: body, status: response.status, ms, json, items };
  }

  print({ method, path, sent, status, ms, json }: Exchange): void {
    print(`   → ${method} ${path}`);
    if (sent !== undefined) print(indent(sent));
    print(`   ← ${status} in ${ms} ms`);
    print(indent(json));
  }
}

function indent(json: unknown): string {
  return JSON.stringify(json, null, 2).replaceAll(/^/gm, "     ");
}
