// /konsol/webhook, where Konsol tells of changes, and /konsol/webhooks, the log of what it told.

import { Hono } from "hono";
import type { Application } from "../../application/application.ts";
import { readWebhookList } from "./list_query.ts";
import { pageView } from "./page_view.ts";
import { pathId } from "./path_id.ts";
import { readBody } from "./read_body.ts";
import type { HttpEnv } from "./request_frame.ts";
import { webhookView } from "./webhook_view.ts";

/** Konsol sends no token and any content type: nothing that it says is believed, only asked about. */
export function webhookIntakeRoutes(application: Application): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();

  routes.post("/", async (c) => {
    const { id } = await application.receiveWebhook(await readBody(c.req.raw));
    return c.json({ received: true, id });
  });

  return routes;
}

export function webhookLogRoutes(application: Application): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();

  routes.get("/", async (c) => {
    const { filter, page } = readWebhookList(c.req.url);
    return c.json(pageView(await application.listWebhooks(filter, page), page, webhookView));
  });

  routes.get("/:id", async (c) => {
    const id = pathId(c, "webhook_not_found");
    return c.json(webhookView(await application.getWebhook(id)));
  });

  routes.post("/:id/replay", async (c) => {
    const id = pathId(c, "webhook_not_found");
    return c.json(webhookView(await application.replayWebhook(id)));
  });

  return routes;
}
