// The sandbox's own routes under /sandbox: ask for faults, move payments, forge webhooks, read the witness.
import { z } from "zod";
import { type FaultQueue, faultSchema } from "./fault_queue.ts";
import type { Ledger } from "./ledger.ts";
import type { Provider } from "./provider.ts";
import { type Answer, KonsolError, parseJson, parseWith } from "./reply.ts";
import { roublesOf } from "./roubles.ts";
import type { HttpCall } from "./serve_http.ts";
import { statuses } from "./status.ts";
import { isLoopback } from "./webhook.ts";
import type { WebhookSender } from "./webhook_sender.ts";

export interface ControlParts {
  readonly provider: Provider;
  readonly ledger: Ledger;
  readonly faults: FaultQueue;
  readonly webhooks: WebhookSender;
}

/** What the sandbox has seen and done: the tests' witness, kept apart from what the service believes. */
export interface Witness {
  readonly creates_received: number;
  readonly creates_executed: number;
  readonly executed: readonly {
    readonly id: string;
    readonly external_id: string | null;
    readonly payment_id: unknown;
    readonly amount: number;
    readonly status: string;
  }[];
  readonly webhooks_sent: number;
  readonly webhooks_delivered: number;
  readonly balance: number;
}

const moveSchema = z.strictObject({ status: z.enum(statuses) });
const forgerySchema = z.strictObject({ url: z.string().refine(isLoopback), body: z.unknown() });
const movePath = /^\/sandbox\/payments\/([^/]+)\/status$/;

export async function answerControl(parts: ControlParts, http: HttpCall): Promise<Answer> {
  if (!http.fromLoopback) throw new KonsolError(403, ["Только с этой машины"]);
  const moved = movePath.exec(http.url.pathname)?.[1];
  if (http.method === "POST" && moved !== undefined) {
    return parts.provider.move(moved, parseWith(moveSchema, parseJson(http.body)).status);
  }
  switch (`${http.method} ${http.url.pathname}`) {
    case "GET /sandbox/state":
      return { status: 200, body: witnessOf(parts.ledger) };
    case "POST /sandbox/reset":
      return reset(parts);
    case "POST /sandbox/faults":
      return addFault(parts.faults, http.body);
    case "DELETE /sandbox/faults":
      parts.faults.clear();
      return { status: 200, body: {} };
    case "POST /sandbox/webhooks/forge":
      return await forge(parts.webhooks, http.body);
    default:
      throw new KonsolError(404, ["Маршрут не найден"]);
  }
}

function witnessOf(ledger: Ledger): Witness {
  const executed = ledger.payments().map((payment) => ({
    id: payment.id,
    external_id: payment.external_id ?? null,
    payment_id: payment.metadata?.payment_id ?? null,
    amount: roublesOf(payment.amount_minor),
    status: payment.status,
  }));
  return {
    ...ledger.tally,
    creates_executed: executed.length,
    executed,
    balance: roublesOf(ledger.balanceMinor),
  };
}

function reset({ ledger, faults, provider, webhooks }: ControlParts): Answer {
  provider.reset();
  webhooks.reset();
  faults.clear();
  ledger.record({ reset: true });
  return { status: 200, body: {} };
}

function addFault(faults: FaultQueue, body: string): Answer {
  const fault = parseWith(faultSchema, parseJson(body));
  faults.add(fault);
  return { status: 200, body: fault };
}

async function forge(webhooks: WebhookSender, text: string): Promise<Answer> {
  const { url, body } = parseWith(forgerySchema, parseJson(text));
  const status = await webhooks.forge(url, typeof body === "string" ? body : JSON.stringify(body));
  return { status: 200, body: { status: status ?? null } };
}
