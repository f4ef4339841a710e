// /konsol/payments: create, get, list, update, cancel and look back at payments.

import { Hono } from "hono";
import type { Application } from "../../application/application.ts";
import { answerCreated } from "./answer_created.ts";
import { readPaymentList, readRefresh } from "./list_query.ts";
import { pageView } from "./page_view.ts";
import { pathId } from "./path_id.ts";
import { createPaymentReader, readPaymentChanges, type RequestRules } from "./payment_requests.ts";
import { eventView, paymentView } from "./payment_view.ts";
import { readFields } from "./read_body.ts";
import { causeOf, type HttpEnv } from "./request_frame.ts";

export function paymentRoutes(application: Application, rules: RequestRules): Hono<HttpEnv> {
  const readCreatePayment = createPaymentReader(rules);
  const routes = new Hono<HttpEnv>();

  routes.post("/", async (c) => {
    const command = readCreatePayment(await readFields(c.req.raw), c.req.raw.headers);
    const created = await application.createPayment(command, causeOf(c));
    return answerCreated(c, created, command.respondAsync);
  });

  routes.get("/", async (c) => {
    const { filter, page } = readPaymentList(c.req.url);
    return c.json(pageView(await application.listPayments(filter, page), page, paymentView));
  });

  routes.get("/:id", async (c) => {
    const id = pathId(c, "payment_not_found");
    return c.json(
      paymentView(await application.getPayment(id, readRefresh(c.req.url), causeOf(c))),
    );
  });

  routes.get("/:id/events", async (c) => {
    const id = pathId(c, "payment_not_found");
    const payment = await application.getPayment(id, { refresh: false }, causeOf(c));
    return c.json({ items: payment.history.map(eventView) });
  });

  routes.put("/:id", async (c) => {
    const id = pathId(c, "payment_not_found");
    const changes = readPaymentChanges(await readFields(c.req.raw));
    return c.json(paymentView(await application.updatePayment(id, changes, causeOf(c))));
  });

  routes.delete("/:id", async (c) => {
    const id = pathId(c, "payment_not_found");
    return c.json(paymentView(await application.cancelPayment(id, causeOf(c))));
  });

  return routes;
}
