// /konsol/reviews, the payments that want a person, and /konsol/payments/{id}/review, what the person decides.

import { Hono } from "hono";
import type { Application } from "../../application/application.ts";
import { readReviewList } from "./list_query.ts";
import { pageView } from "./page_view.ts";
import { pathId } from "./path_id.ts";
import { paymentView } from "./payment_view.ts";
import { readFields } from "./read_body.ts";
import type { HttpEnv } from "./request_frame.ts";
import { readReviewDecision } from "./review_requests.ts";
import { reviewView } from "./review_view.ts";

export function reviewsRoutes(application: Application): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();

  routes.get("/reviews", async (c) => {
    const page = readReviewList(c.req.url);
    return c.json(pageView(await application.listReviews(page), page, reviewView));
  });

  routes.post("/payments/:id/review", async (c) => {
    const id = pathId(c, "payment_not_found");
    const decision = readReviewDecision(await readFields(c.req.raw));
    return c.json(paymentView(await application.decideReview(id, decision)));
  });

  return routes;
}
