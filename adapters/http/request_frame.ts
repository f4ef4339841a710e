// What every request has around it: its id, its headers and its one line in the log.

import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Log } from "../../application/ports.ts";
import type { Cause } from "../../domain/payment.ts";
import { redactText } from "../system/redact.ts";

export interface HttpEnv {
  Variables: { requestId: string };
}

export interface FrameOptions {
  readonly log: Log;
  newRequestId(): string;
  /** Monotonic milliseconds. */
  now(): number;
}

/** Asked every few seconds by whatever watches the process: not worth a line each. */
const PROBES = ["/healthz", "/readyz"];
const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;
/** 128 bits, as nginx and OpenTelemetry make them: random digits in them may look like a card number. */
const TRACE_ID = /^(?=.*[a-f])[0-9a-f]{32}$/;

export function requestFrame(options: FrameOptions): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const startedAt = options.now();
    const givenId = c.req.header("X-Request-Id") ?? "";
    // It stays in the payment's history: what looks like a card number or a phone is not taken over.
    const isTaken = TRACE_ID.test(givenId) ||
      REQUEST_ID.test(givenId) && redactText(givenId) === givenId;
    const requestId = isTaken ? givenId : options.newRequestId();
    c.set("requestId", requestId);
    c.header("X-Request-Id", requestId);
    c.header("Cache-Control", "no-store");
    c.header("X-Content-Type-Options", "nosniff");
    await next();
    const route = routeOf(c);
    options.log[PROBES.includes(route) ? "debug" : "info"]("request", {
      method: c.req.method,
      route,
      status: c.res.status,
      ms: Math.round((options.now() - startedAt) * 10) / 10,
      request_id: requestId,
    });
  };
}

export function requestIdOf(c: Context<HttpEnv>): string {
  return c.get("requestId");
}

export function causeOf(c: Context<HttpEnv>): Cause {
  return { kind: "request", id: requestIdOf(c) };
}

/** The route's template: the path itself can hold anything that a client typed. */
export function routeOf(c: Context<HttpEnv>): string {
  const template = routePath(c, -1);
  return template.endsWith("*") ? "unmatched" : template;
}
