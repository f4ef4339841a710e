// Konsol behind the port PaymentGateway, in the dialect `payments`.

import type { Clock, Log } from "../../application/ports.ts";
import type {
  Applied,
  Balance,
  CreateRequest,
  Found,
  Listed,
  PaymentGateway,
  ProviderChanges,
  SendWindow,
  Unavailable,
} from "../../application/provider_ports.ts";
import type { CreateOutcome } from "../../domain/provider_payment.ts";
import { redact } from "../system/redact.ts";
import { createOutcome } from "./create_outcome.ts";
import { readErrorBody } from "./error_body.ts";
import { readKonsolId } from "./konsol_id.ts";
import {
  BALANCE_PATH,
  createBody,
  PAYMENTS_PATH,
  readBalance,
  readPayment,
  readPaymentList,
  updateBody,
} from "./payments_dialect.ts";
import type { Answer } from "./read_answer.ts";
import type { Call, KonsolTransport, RawResult } from "./transport.ts";

export interface KonsolPaymentGatewayOptions {
  readonly transport: Pick<KonsolTransport, "send">;
  readonly clock: Pick<Clock, "now" | "monotonic">;
  readonly log: Pick<Log, "info">;
  /** Where Konsol is asked to send its webhooks; unset = it is not asked to. */
  readonly webhookUrl?: string;
}

type FoundBalance = { readonly kind: "found"; readonly balance: Balance };

/** A call and how it is logged: `route` is its path without the id. */
interface LoggedCall extends Call {
  readonly route: string;
  readonly attempt?: number;
}

/** A page of 100 payments, each with as much metadata as we take, and all of it escaped. */
const LIST_BYTES_MAX = 8 * 1_048_576;
const MEMBER_ROUTE = `${PAYMENTS_PATH}/{id}`;

export class KonsolPaymentGateway implements PaymentGateway {
  readonly #options: KonsolPaymentGatewayOptions;

  constructor(options: KonsolPaymentGatewayOptions) {
    this.#options = options;
  }

  async createPayment(request: CreateRequest, window: SendWindow): Promise<CreateOutcome> {
    const { clock, webhookUrl } = this.#options;
    const body = createBody(request, webhookUrl);
    if (body === undefined) {
      return { kind: "not_executed", because: "not_begun", reason: "request_cannot_be_built" };
    }
    const { attempt } = request.payment;
    const path = PAYMENTS_PATH;
    return await this.#call(
      { method: "POST", path, route: path, body, window, attempt },
      (raw) => createOutcome(raw, readPayment, clock.now()),
    );
  }

  async getPayment(konsolId: string): Promise<Found | Unavailable> {
    const path = memberPath(konsolId);
    if (path === undefined) return { kind: "not_found" };
    return await this.#call(
      { method: "GET", path, route: MEMBER_ROUTE },
      (raw) => foundPayment(raw, konsolId),
    );
  }

  async listPayments(
    { page, perPage }: { readonly page: number; readonly perPage: number },
  ): Promise<Listed | Unavailable> {
    const path = `${PAYMENTS_PATH}?page=${page}&per_page=${perPage}`;
    const answerBytesMax = LIST_BYTES_MAX;
    return await this.#call(
      { method: "GET", path, route: PAYMENTS_PATH, answerBytesMax },
      listedPayments,
    );
  }

  async updatePayment(
    konsolId: string,
    changes: ProviderChanges,
  ): Promise<Applied | Unavailable> {
    const path = memberPath(konsolId);
    if (path === undefined) return unavailable();
    const body = updateBody(changes);
    return await this.#call({ method: "PUT", path, route: MEMBER_ROUTE, body }, applied);
  }

  async cancelPayment(konsolId: string): Promise<Applied | Unavailable> {
    const path = memberPath(konsolId);
    if (path === undefined) return unavailable();
    return await this.#call({ method: "DELETE", path, route: MEMBER_ROUTE }, applied);
  }

  async getBalance(): Promise<FoundBalance | Unavailable> {
    const path = BALANCE_PATH;
    return await this.#call({ method: "GET", path, route: path }, foundBalance);
  }

  async #call<Outcome extends { readonly kind: string }>(
    call: LoggedCall,
    translate: (raw: RawResult) => Outcome,
  ): Promise<Outcome> {
    const { transport, clock, log } = this.#options;
    const { method, route, attempt } = call;
    const startedAt = clock.monotonic();
    const raw = await transport.send(call);
    const outcome = translate(raw);
    log.info("konsol_call", {
      method,
      route,
      status: "status" in raw ? raw.status : undefined,
      ms: Math.round(clock.monotonic() - startedAt),
      attempt,
      outcome: outcome.kind,
      reason: raw.kind === "answer" ? undefined : raw.reason,
    });
    return outcome;
  }
}

/** Undefined when it is no id of Konsol's: then nothing is asked. */
function memberPath(konsolId: string): string | undefined {
  const id = readKonsolId(konsolId);
  return id && `${PAYMENTS_PATH}/${encodeURIComponent(id)}`;
}

function foundPayment(raw: RawResult, konsolId: string): Found | Unavailable {
  const payment = isSuccess(raw) ? readPayment(raw.json) : undefined;
  if (payment?.konsolId === konsolId) return { kind: "found", payment };
  return ownError(raw)?.status === 404 ? { kind: "not_found" } : unavailable(raw);
}

function listedPayments(raw: RawResult): Listed | Unavailable {
  const list = isSuccess(raw) ? readPaymentList(raw.json) : undefined;
  return list ? { kind: "listed", ...list } : unavailable(raw);
}

/** What the answer says of the payment is not believed: only a GET is. */
function applied(raw: RawResult): Applied | Unavailable {
  if (isSuccess(raw)) return { kind: "answered" };
  const error = ownError(raw);
  if (error === undefined || !isRefusal(error.status)) return unavailable(raw);
  return { kind: "refused", httpStatus: error.status, words: error.words };
}

/** Konsol's no to this request; not to us, and not for now. */
function isRefusal(status: number): boolean {
  return status >= 400 && status <= 499 && ![401, 403, 408, 429].includes(status);
}

function foundBalance(raw: RawResult): FoundBalance | Unavailable {
  const balance = isSuccess(raw) ? readBalance(raw.json) : undefined;
  return balance ? { kind: "found", balance } : unavailable(raw);
}

function isSuccess(raw: RawResult): raw is Answer {
  return raw.kind === "answer" && raw.status >= 200 && raw.status < 300;
}

/** The answer's status and Konsol's words in it; undefined when it is no error body of Konsol's own. */
function ownError(
  raw: RawResult | undefined,
): { readonly status: number; readonly words: unknown } | undefined {
  if (raw?.kind !== "answer" || readErrorBody(raw.json) === undefined) return undefined;
  return { status: raw.status, words: redact(raw.json) };
}

function unavailable(raw?: RawResult): Unavailable {
  const isTimeout = raw?.kind === "broken" && raw.reason === "timeout";
  const httpStatus = raw && "status" in raw ? raw.status : undefined;
  const error = ownError(raw);
  return {
    kind: "unavailable",
    reason: isTimeout ? "timeout" : "failed",
    ...(httpStatus !== undefined && { httpStatus }),
    ...(error && { words: error.words }),
  };
}
