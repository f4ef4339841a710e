// /konsol/callbacks: what was brought to clients, what could not be, and bringing it again.

import { Hono } from "hono";
import type { Application } from "../../application/application.ts";
import { readCallbackList, readRetry } from "./callback_requests.ts";
import { callbackView } from "./callback_view.ts";
import { pageView } from "./page_view.ts";
import { pathId } from "./path_id.ts";
import { readFields } from "./read_body.ts";
import type { HttpEnv } from "./request_frame.ts";

export function callbackRoutes(application: Application): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();

  routes.get("/", async (c) => {
    const { filter, page } = readCallbackList(c.req.url);
    return c.json(pageView(await application.listCallbacks(filter, page), page, callbackView));
  });

  routes.post("/retry", async (c) => {
    const range = readRetry(await readFields(c.req.raw));
    const { retried, hasMore } = await application.retryDeadCallbacks(range);
    return c.json({ retried, has_more: hasMore });
  });

  routes.get("/:id", async (c) => {
    const id = pathId(c, "callback_not_found");
    return c.json(callbackView(await application.getCallback(id)));
  });

  routes.post("/:id/retry", async (c) => {
    const id = pathId(c, "callback_not_found");
    return c.json(callbackView(await application.retryCallback(id)));
  });

  return routes;
}
