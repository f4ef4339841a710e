// /konsol/events: every event there is, for clients that would rather pull than be called.

import { Hono } from "hono";
import type { Application } from "../../application/application.ts";
import { readEventList } from "./callback_requests.ts";
import type { HttpEnv } from "./request_frame.ts";

export function eventRoutes(application: Application): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();

  /** Each event stands in it as it was pushed, byte for byte. */
  routes.get("/", async (c) => {
    const { after, perPage } = readEventList(c.req.url);
    const { items, hasMore } = await application.listEvents(after, perPage);
    const bodies = items.map(({ body }) => body).join(",");
    const rest = JSON.stringify({ next_after: items.at(-1)?.id ?? after, has_more: hasMore });
    return c.body(`{"items":[${bodies}],${rest.slice(1)}`, 200, {
      "Content-Type": "application/json",
    });
  });

  return routes;
}
