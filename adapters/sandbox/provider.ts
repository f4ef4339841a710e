// The pretended Konsol: makes payments, moves them to their end in time, and tells about each move.
import type { FaultQueue } from "./fault_queue.ts";
import type { Ledger } from "./ledger.ts";
import { magicOf, notEnoughMoney } from "./magic_amounts.ts";
import { movedTo, newPayment, type Payment, paymentView } from "./payment.ts";
import type { CreateRequest, ListQuery, UpdateRequest } from "./payment_requests.ts";
import { type Answer, KonsolError } from "./reply.ts";
import { roublesOf } from "./roubles.ts";
import { hasEnded, type Status } from "./status.ts";
import { Timers } from "./timers.ts";
import { eventOf, type Webhook, webhooksOf } from "./webhook.ts";
import type { WebhookSender } from "./webhook_sender.ts";

export interface ProviderSettings {
  readonly stepMs: number;
  readonly slowMs: number;
}

interface Parts {
  readonly ledger: Ledger;
  readonly faults: FaultQueue;
  readonly webhooks: WebhookSender;
}

export class Provider {
  readonly #parts: Parts;
  readonly #settings: ProviderSettings;
  readonly #timers = new Timers();
  readonly #steps = new Map<string, () => void>();

  constructor(parts: Parts, settings: ProviderSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  create(request: CreateRequest): Answer {
    this.#refuseRepeated(request);
    const magic = magicOf(request.amount_minor);
    const refusal = magic.refusal ??
      (request.amount_minor > this.#parts.ledger.balanceMinor ? notEnoughMoney : undefined);
    if (refusal) throw new KonsolError(refusal.status, [refusal.error]);
    const created = newPayment(request);
    const payment = magic.atOnce ? movedTo(created, "completed") : created;
    this.#keep(payment, [
      ...webhooksOf(created, "payment.created"),
      ...(magic.atOnce ? webhooksOf(payment, "payment.completed") : []),
    ]);
    const afterMs = magic.slow ? this.#settings.slowMs : 0;
    return { status: 201, body: paymentView(payment), afterMs };
  }

  get(id: string): Answer {
    return { status: 200, body: paymentView(this.#find(id)) };
  }

  list({ page, per_page, ...filters }: ListQuery): Answer {
    const wanted = Object.entries(filters).filter(([, value]) => value !== undefined);
    const found = this.#parts.ledger.payments().toReversed().filter((payment) => {
      const fields: Record<string, unknown> = payment;
      return wanted.every(([name, value]) => String(fields[name]) === value);
    });
    const items = found.slice((page - 1) * per_page, page * per_page).map(paymentView);
    return { status: 200, body: { items, total: found.length, page, per_page } };
  }

  /** The seed shows a client setting `completed` itself, so it may. */
  update(id: string, { status, ...fields }: UpdateRequest): Answer {
    const payment = this.#findOpen(id);
    if (status === "pending" && payment.status === "processing") {
      throw new KonsolError(409, ["Недопустимый переход статуса"]);
    }
    const changed = { ...movedTo(payment, status ?? payment.status), ...fields };
    return this.#change(changed, status === payment.status ? undefined : status);
  }

  cancel(id: string): Answer {
    return this.#change(movedTo(this.#findOpen(id), "cancelled"), "cancelled");
  }

  /** What a person does in the cabinet, or a bank to an ended payment: any status from any status. */
  move(id: string, status: Status): Answer {
    return this.#change(movedTo(this.#find(id), status), status);
  }

  balance(): Answer {
    const balance = roublesOf(this.#parts.ledger.balanceMinor);
    return { status: 200, body: { balance, currency: "RUB" } };
  }

  /** Goes on with the payments that an earlier process left on their way. */
  resume(): void {
    for (const payment of this.#parts.ledger.payments()) this.#scheduleStep(payment);
  }

  /** Forgets the moves to come. */
  reset(): void {
    this.#timers.clear();
    this.#steps.clear();
  }

  close(): void {
    this.#timers.close();
  }

  #change(payment: Payment, newStatus: Status | undefined): Answer {
    this.#keep(payment, webhooksOf(payment, newStatus ? eventOf(newStatus) : "payment.updated"));
    return { status: 200, body: paymentView(payment) };
  }

  #keep(payment: Payment, webhooks: readonly Webhook[]): void {
    this.#parts.ledger.record({ payment, webhooks });
    this.#scheduleStep(payment);
    for (const webhook of webhooks) this.#parts.webhooks.send(webhook);
  }

  #scheduleStep(payment: Payment): void {
    this.#steps.get(payment.id)?.();
    this.#steps.delete(payment.id);
    const next = nextStatus(payment);
    if (next === payment.status) return;
    const cancel = this.#timers.after(
      this.#settings.stepMs,
      () => this.#change(movedTo(payment, next), next),
    );
    this.#steps.set(payment.id, cancel);
  }

  #refuseRepeated({ external_id }: CreateRequest): void {
    if (!this.#parts.faults.refusesRepeated || !external_id) return;
    if (this.#parts.ledger.payments().some((payment) => payment.external_id === external_id)) {
      throw new KonsolError(409, [`Платеж с external_id ${external_id} уже существует`]);
    }
  }

  #find(id: string): Payment {
    const payment = this.#parts.ledger.payment(id);
    if (!payment) throw new KonsolError(404, ["Платеж не найден"]);
    return payment;
  }

  #findOpen(id: string): Payment {
    const payment = this.#find(id);
    if (hasEnded(payment.status)) {
      throw new KonsolError(409, [`Платеж уже завершен: ${payment.status}`]);
    }
    return payment;
  }
}

/** The same status when the payment stays where it is. */
function nextStatus({ status, amount_minor }: Payment): Status {
  if (status === "pending") return "processing";
  if (status === "processing") return magicOf(amount_minor).endsAs ?? "completed";
  return status;
}
