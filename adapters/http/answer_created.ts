// Answers a create: 201, 200 for a repeat of it, or 202 when the client would not wait.

import type { Context } from "hono";
import type { Created } from "../../application/create_payment.ts";
import { paymentView } from "./payment_view.ts";

export function answerCreated(
  c: Context,
  { payment, replayed }: Created,
  respondAsync: boolean | undefined,
): Response {
  const body = paymentView(payment);
  if (replayed) return c.json(body, 200, { "Idempotent-Replayed": "true" });
  const location = { Location: `/konsol/payments/${payment.id}` };
  if (!respondAsync) return c.json(body, 201, location);
  return c.json(body, 202, { ...location, "Preference-Applied": "respond-async" });
}
