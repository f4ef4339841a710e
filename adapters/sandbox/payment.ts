// A payment as the sandbox keeps it and as its answers and webhooks show it.
import type { CreateRequest } from "./payment_requests.ts";
import { roublesOf } from "./roubles.ts";
import type { Status } from "./status.ts";

export type Payment = CreateRequest & {
  readonly id: string;
  readonly status: Status;
  readonly payment_url: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly paid_at?: string;
  readonly error_message?: string;
};

export function newPayment(request: CreateRequest): Payment {
  const id = crypto.randomUUID();
  const now = new Date().toISOString();
  return {
    ...request,
    id,
    status: "pending",
    payment_url: `https://konsol.invalid/payments/${id}`,
    created_at: now,
    updated_at: now,
  };
}

/** The payment moved to `status`; `paid_at` stays when a paid one is returned, as the money did go. */
export function movedTo(payment: Payment, status: Status): Payment {
  const now = new Date().toISOString();
  const { error_message: _, ...rest } = payment;
  return {
    ...rest,
    status,
    updated_at: now,
    ...(status === "completed" && { paid_at: now }),
    ...(status === "failed" && { error_message: "Банк получателя отклонил перевод" }),
  };
}

export function paymentView(payment: Payment): Record<string, unknown> {
  const { id, amount_minor, ...rest } = payment;
  return { id, amount: roublesOf(amount_minor), ...rest };
}
