// A callback and its tries as clients see them; what is undefined is left out of the JSON.

import type { Callback, CallbackTry } from "../../domain/callback.ts";
import { redactText } from "../system/redact.ts";
import { timeView } from "./payment_view.ts";

export function callbackView(callback: Callback) {
  return {
    id: callback.id,
    type: callback.type,
    payment_id: callback.paymentId,
    url: callback.url,
    status: callback.state,
    reason: callback.deathReason,
    tries: callback.tries.map(tryView),
    tries_total: callback.tried,
    created_at: timeView(callback.createdAt),
    updated_at: timeView(callback.updatedAt),
    next_try_at: timeView(callback.dueAt),
  };
}

/** A receiver may answer with anything, numbers of cards and phones among it. */
function tryView({ at, httpStatus, ms, error, start }: CallbackTry) {
  return {
    at: timeView(at),
    status: httpStatus,
    ms,
    error,
    answer: start && redactText(start),
  };
}
