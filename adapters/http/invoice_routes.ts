// /konsol/invoices: record, get, list and update invoices of Konsol's.

import { Hono } from "hono";
import type { Application } from "../../application/application.ts";
import { readInvoiceChanges, readInvoiceDetails } from "./invoice_requests.ts";
import { invoiceView } from "./invoice_view.ts";
import { readInvoiceList } from "./list_query.ts";
import { pageView } from "./page_view.ts";
import { pathId } from "./path_id.ts";
import type { RequestRules } from "./payment_requests.ts";
import { readFields } from "./read_body.ts";
import type { HttpEnv } from "./request_frame.ts";

export function invoiceRoutes(
  application: Application,
  rules: Pick<RequestRules, "amountLimit">,
): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();

  routes.post("/", async (c) => {
    const details = readInvoiceDetails(await readFields(c.req.raw), rules.amountLimit);
    const { invoice, replayed } = await application.createInvoice(details);
    if (replayed) return c.json(invoiceView(invoice), 200, { "Idempotent-Replayed": "true" });
    return c.json(invoiceView(invoice), 201, { Location: `/konsol/invoices/${invoice.id}` });
  });

  routes.get("/", async (c) => {
    const { filter, page } = readInvoiceList(c.req.url);
    return c.json(pageView(await application.listInvoices(filter, page), page, invoiceView));
  });

  routes.get("/:id", async (c) => {
    const id = pathId(c, "invoice_not_found");
    return c.json(invoiceView(await application.getInvoice(id)));
  });

  routes.put("/:id", async (c) => {
    const id = pathId(c, "invoice_not_found");
    const changes = readInvoiceChanges(await readFields(c.req.raw));
    return c.json(invoiceView(await application.updateInvoice(id, changes)));
  });

  return routes;
}
