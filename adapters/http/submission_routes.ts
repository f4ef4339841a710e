// /konsol/submission: a person stops and starts the sending of payments, for every instance.

import { Hono } from "hono";
import type { Application } from "../../application/application.ts";
import type { SubmissionState } from "../../application/get_submission.ts";
import type { LackingPayment, RestoreCheck } from "../../application/restore_check.ts";
import type { SubmissionPause } from "../../application/submission_gate.ts";
import { amountNumber, currencyExponent } from "../../domain/money.ts";
import { timeView } from "./payment_view.ts";
import { readFields } from "./read_body.ts";
import type { HttpEnv } from "./request_frame.ts";
import { readResumption, readSigned } from "./review_requests.ts";

export function submissionRoutes(application: Application): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>();

  routes.get("/", async (c) => c.json(submissionView(await application.getSubmission())));

  routes.post("/pause", async (c) => {
    const { by, reason } = readSigned(await readFields(c.req.raw));
    return c.json(pauseView(await application.pauseSubmission(by, reason)));
  });

  routes.post("/resume", async (c) => {
    const { by, reason, ...acceptance } = readResumption(await readFields(c.req.raw));
    return c.json(pauseView(await application.resumeSubmission(by, reason, acceptance)));
  });

  return routes;
}

function pauseView({ paused, by, reason, at }: SubmissionPause) {
  return { paused, by, reason, at: timeView(at) };
}

function submissionView({ pause, hold, restore }: SubmissionState) {
  return {
    sending: hold === undefined,
    held: hold,
    last_decision: pause && pauseView(pause),
    restore: restore && restoreView(restore),
  };
}

function restoreView({ restoredAt, checkedAt, reason, lacking, acceptedAt }: RestoreCheck) {
  return {
    restored_at: timeView(restoredAt),
    checked_at: timeView(checkedAt),
    not_checked_as: reason,
    accepted_at: timeView(acceptedAt),
    lacking_payments: lacking.length,
    lacking: lacking.map(lackingView),
  };
}

function lackingView(payment: LackingPayment) {
  const { konsolId, paymentId, externalId, amountMinor, currency, statusText } = payment;
  const isMoney = amountMinor !== undefined && currencyExponent(currency ?? "") !== undefined;
  return {
    konsol_id: konsolId,
    payment_id: paymentId,
    external_id: externalId,
    amount: isMoney ? amountNumber(amountMinor, currency ?? "") : undefined,
    currency,
    konsol_status: statusText,
    created_at: timeView(payment.createdAt),
  };
}
