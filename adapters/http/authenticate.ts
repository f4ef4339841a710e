// Lets a request through only with one of the bearer tokens that are set.

import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { RequestProblem } from "./problem.ts";
import type { HttpEnv } from "./request_frame.ts";

const BEARER = /^Bearer +([!-~]+) *$/i;

export function authenticate(tokens: readonly string[]): MiddlewareHandler<HttpEnv> {
  const isKnownToken = tokenCheck(tokens);
  return async (c, next) => {
    const [, token] = BEARER.exec(c.req.header("Authorization") ?? "") ?? [];
    if (token === undefined || !isKnownToken(token)) {
      throw new RequestProblem(
        "unauthenticated",
        "Cannot serve the request as it must carry a valid token in Authorization: Bearer",
        { headers: { "WWW-Authenticate": "Bearer" } },
      );
    }
    await next();
  };
}

/**
 * Takes as long whichever token is given: digests of one length are compared, and always with all
 * of them.
 */
export function tokenCheck(tokens: readonly string[]): (given: string) => boolean {
  const known = tokens.map(digest);
  return (given) => {
    const givenDigest = digest(given);
    return known.filter((token) => timingSafeEqual(token, givenDigest)).length > 0;
  };
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
