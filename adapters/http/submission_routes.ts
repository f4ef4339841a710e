// /konsol/submission: a person stops and starts the sending of payments, for every instance.

import { Hono } from "hono";
import type { Application } from "../../application/application.ts";
import type { SubmissionPause } from "../../application/submission_gate.ts";
import { timeView } from "./payment_view.ts";
import { readFields } from "./read_body.ts";
import type { HttpEnv } from "./request_frame.ts";
import { readSigned } from "./review_requests.ts";

export function submissionRoutes(application: Application): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();

  routes.post("/pause", async (c) => {
    const { by, reason } = readSigned(await readFields(c.req.raw));
    return c.json(pauseView(await application.pauseSubmission(by, reason)));
  });

  routes.post("/resume", async (c) => {
    const { by, reason } = readSigned(await readFields(c.req.raw));
    return c.json(pauseView(await application.resumeSubmission(by, reason)));
  });

  return routes;
}

function pauseView({ paused, by, reason, at }: SubmissionPause) {
  return { paused, by, reason, at: timeView(at) };
}
