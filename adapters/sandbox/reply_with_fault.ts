// Spoils one call as its fault says: whether it takes effect, and what the client gets to see.
import type { Fault } from "./fault_queue.ts";
import type { Answer, Reply } from "./reply.ts";

/** `execute` is called at most once, and not at all by the faults that have no effect. */
export function replyWithFault(fault: Fault | undefined, execute: () => Answer): Reply {
  switch (fault?.fault) {
    case "timeout":
      return "hang";
    case "error_without_effect":
      return htmlError(fault.status);
    case "status":
      return { status: fault.status, body: fault.body ?? refusalBody, headers: fault.headers };
    case "rate_limited":
      return rateLimited(fault.retry_after_s);
    case "reset":
      if (fault.when === "after") execute();
      return "break";
    default:
      return spoil(fault, execute());
  }
}

function spoil(fault: Fault | undefined, answer: Answer): Reply {
  switch (fault?.fault) {
    case "accept_then_timeout":
      return "hang";
    case "error_with_effect":
      return htmlError(fault.status);
    case "bad_body":
      return { status: 200, body: "OK", headers: { "content-type": "application/json" } };
    case "wrong_amount":
      return { ...answer, body: withWrongAmount(answer.body) };
    default:
      return answer;
  }
}

const refusalBody = { success: false, errors: ["Внутренняя ошибка"] };

/** What a proxy in front of an API answers: not Konsol's own error body. */
function htmlError(status: number): Answer {
  return {
    status,
    body: `<html><body><h1>${status}</h1></body></html>`,
    headers: { "content-type": "text/html; charset=utf-8" },
  };
}

function rateLimited(retryAfterS: number): Answer {
  return {
    status: 429,
    body: { success: false, errors: ["Слишком много запросов"] },
    headers: { "retry-after": String(retryAfterS) },
  };
}

function withWrongAmount(body: unknown): unknown {
  if (typeof body !== "object" || body === null) return body;
  if ("items" in body && Array.isArray(body.items)) {
    return { ...body, items: body.items.map(withWrongAmount) };
  }
  return "amount" in body ? { ...body, amount: Number(body.amount) + 1 } : body;
}
