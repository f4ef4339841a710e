// The REST API: every route, with what stands around and before each of them.

import { Hono } from "hono";
import type { Application } from "../../application/application.ts";
import { authenticate } from "./authenticate.ts";
import { balanceRoutes } from "./balance_routes.ts";
import { callbackRoutes } from "./callback_routes.ts";
import { claimRoutes } from "./claim_routes.ts";
import { eventRoutes } from "./event_routes.ts";
import { healthRoutes } from "./health_routes.ts";
import { invoiceRoutes } from "./invoice_routes.ts";
import { paymentRoutes } from "./payment_routes.ts";
import type { RequestRules } from "./payment_requests.ts";
import { answerError, answerProblem, RequestProblem } from "./problem.ts";
import { type FrameOptions, type HttpEnv, requestFrame } from "./request_frame.ts";
import { reviewsRoutes } from "./reviews_routes.ts";
import { submissionRoutes } from "./submission_routes.ts";
import { webhookIntakeRoutes, webhookLogRoutes } from "./webhook_routes.ts";

export interface HttpOptions extends RequestRules, FrameOptions {
  /** Any of them opens the API, so that they can be rotated. */
  readonly apiTokens: readonly string[];
}

/** Order is meaning here: what is mounted before the tokens are checked needs none. */
export function createHttpApp(application: Application, options: HttpOptions): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.onError((error, c) => answerError(error, c, options.log));
  app.notFound((c) =>
    answerProblem(c, "path_not_found", "Cannot serve the request as no such path exists")
  );
  app.use(requestFrame(options));
  app.route("/", healthRoutes(application));
  app.route("/konsol/webhook", webhookIntakeRoutes(application));
  app.use("/konsol/*", authenticate(options.apiTokens));
  app.route("/konsol/payments", paymentRoutes(application, options));
  app.route("/konsol/claims", claimRoutes(application, options));
  app.route("/konsol/balance", balanceRoutes(application));
  app.route("/konsol/webhooks", webhookLogRoutes(application));
  app.route("/konsol/callbacks", callbackRoutes(application));
  app.route("/konsol/events", eventRoutes(application));
  app.route("/konsol/invoices", invoiceRoutes(application, options));
  app.route("/konsol", reviewsRoutes(application));
  app.route("/konsol/submission", submissionRoutes(application));
  refuseOtherMethods(app);
  return app;
}

/** A path that exists, with a method that it has not: 405 with the methods that it has. */
function refuseOtherMethods(app: Hono<HttpEnv>): void {
  const handled = app.routes.filter(({ method }) => method !== "ALL");
  for (const path of new Set(handled.map((route) => route.path))) {
    const methods = handled.filter((route) => route.path === path).map(({ method }) => method);
    const allow = methods.flatMap((method) => method === "GET" ? ["GET", "HEAD"] : [method]);
    app.all(path, () => {
      throw new RequestProblem(
        "method_not_allowed",
        `Cannot serve the request as this path takes only: ${allow.join(", ")}`,
        { headers: { Allow: allow.join(", ") } },
      );
    });
  }
}
