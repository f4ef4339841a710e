// /healthz and /readyz: whether the process lives, and whether it can take payments now.

import { Hono } from "hono";
import type { Application } from "../../application/application.ts";
import type { HttpEnv } from "./request_frame.ts";

export function healthRoutes(application: Application): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();

  routes.get("/healthz", (c) => c.json({ status: "ok" }));

  routes.get("/readyz", async (c) => {
    const { ready, checks } = await application.checkReadiness();
    const shown = checks.map(({ name, ready, reason }) => ({ name, ready, reason }));
    return ready
      ? c.json({ status: "ready", checks: shown })
      : c.json({ status: "not_ready", checks: shown }, 503);
  });

  return routes;
}
