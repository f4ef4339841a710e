// /konsol/balance: Konsol's balance, asked for now.

import { Hono } from "hono";
import type { Application } from "../../application/application.ts";
import { amountNumber } from "../../domain/money.ts";
import { timeView } from "./payment_view.ts";
import type { HttpEnv } from "./request_frame.ts";

export function balanceRoutes(application: Application): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();

  routes.get("/", async (c) => {
    const { amountMinor, currency, more, asOf } = await application.getBalance();
    const own = { balance: amountNumber(amountMinor, currency), currency, as_of: timeView(asOf) };
    return c.json({ ...own, ...more, ...own });
  });

  return routes;
}
