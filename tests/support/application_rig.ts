// The application over memory stores and a Konsol in memory, on a clock that the test moves.

import { writeEvent } from "../../adapters/http/event_body.ts";
import { MemoryCallbackSender } from "../../adapters/memory/memory_callback_sender.ts";
import { createMemoryStores } from "../../adapters/memory/create_memory_stores.ts";
import { MemoryKonsol, type MemoryKonsolOptions } from "../../adapters/memory/memory_konsol.ts";
import { MemoryPaymentGateway } from "../../adapters/memory/memory_payment_gateway.ts";
import { createVault } from "../../adapters/vault/vault.ts";
import { createApplication } from "../../application/application.ts";
import type { CreatePaymentCommand } from "../../application/create_payment.ts";
import type { Ports, Settings } from "../../application/ports.ts";
import type { WebhookReader } from "../../application/provider_ports.ts";
import type { Payment } from "../../domain/payment.ts";
import { breakable } from "./breakable.ts";
import { collectingLog } from "./collecting_log.ts";
import { FakeClock } from "./fake_clock.ts";
import { fakeIds } from "./fake_ids.ts";
import { BY_REQUEST } from "./payment_states.ts";
import { aPaymentId } from "./payments.ts";

export const CARD_DIGITS = "2200120000003456";

export const SETTINGS: Settings = {
  instance: "test",
  submitWaitMs: 10_000,
  queueMaxAgeMs: 24 * 60 * 60_000,
  konsolTimeoutMs: 30_000,
  resubmit: "never",
  resubmitHorizonMs: 86_400_000,
  resubmitDailyMax: 10,
};

export const CARD_COMMAND: CreatePaymentCommand = {
  amountMinor: 100_000,
  currency: "RUB",
  recipient: {
    kind: "card",
    card: { digits: CARD_DIGITS, first6: "220012", last4: "3456", length: 16, brand: "mir" },
  },
  description: "Оплата услуг",
  userId: 123456789,
  externalId: "order_124",
};

export const PHONE_COMMAND: CreatePaymentCommand = {
  ...CARD_COMMAND,
  recipient: {
    kind: "phone",
    phoneNumber: "+79123456789",
    bank: { id: "100000000111", name: "Сбербанк", aliases: [] },
  },
};

export interface RigOptions {
  readonly settings?: Partial<Settings>;
  readonly konsol?: Partial<MemoryKonsolOptions>;
}

export type Rig = ReturnType<typeof openRig>;

/** Workers are not started; `stores` never break, `next` breaks what the application uses of them. */
export function openRig(options: RigOptions = {}) {
  const clock = new FakeClock();
  const stores = createMemoryStores();
  const konsol = new MemoryKonsol({ clock, ...options.konsol });
  const gateway = new MemoryPaymentGateway({ konsol, clock });
  const callbackSender = new MemoryCallbackSender();
  const log = collectingLog();
  const payments = breakable(stores.payments);
  const webhooks = breakable(stores.webhooks);
  const invoices = breakable(stores.invoices);
  const callbacks = breakable(stores.callbacks);
  const control = breakable(stores.control);
  const storeHealth = breakable(stores.storeHealth);
  const vault = createVault(new Uint8Array(32).fill(7));
  const ports: Ports = {
    clock,
    ids: fakeIds(),
    chance: () => 0.5,
    vault,
    payments: payments.port,
    webhooks: webhooks.port,
    invoices: invoices.port,
    events: stores.events,
    callbacks: callbacks.port,
    callbackSender,
    writeEvent,
    control: control.port,
    storeHealth: storeHealth.port,
    gateway,
    webhookReader,
    log,
  };
  const settings: Settings = { ...SETTINGS, ...options.settings };
  const bound = createApplication(ports, settings);
  const next = {
    payments: payments.next,
    webhooks: webhooks.next,
    invoices: invoices.next,
    callbacks: callbacks.next,
    control: control.next,
    storeHealth: storeHealth.next,
  };
  const own = {
    clock,
    stores,
    konsol,
    gateway,
    callbackSender,
    log,
    ports,
    settings,
    next,
    vault,
    ...bound,
  };
  return { ...own, ...stepsOf(own) };
}

/** The first steps that most tests begin with. */
function stepsOf(
  { application, stores, vault }:
    & ReturnType<typeof createApplication>
    & Pick<Ports, "vault">
    & { readonly stores: ReturnType<typeof createMemoryStores> },
) {
  const create = async (command: Partial<CreatePaymentCommand> = {}) =>
    (await application.createPayment({ ...CARD_COMMAND, ...command }, BY_REQUEST)).payment;

  async function stored(id: string): Promise<Payment> {
    const payment = await stores.payments.get(id);
    if (payment === undefined) throw new Error(`Cannot find payment ${id} in the store`);
    return payment;
  }

  /** Puts a payment in as it is, with its own id, handle and a card number that can be read. */
  async function put(payment: Payment): Promise<Payment> {
    const id = aPaymentId();
    const { recipient } = payment;
    const sealed = recipient.kind === "card" && recipient.sealedNumber !== undefined
      ? { ...recipient, sealedNumber: vault.seal(CARD_DIGITS, id) }
      : recipient;
    const own = { ...payment, id, externalId: `order_of_${id}`, recipient: sealed };
    const answer = await stores.payments.insertOrGet(own);
    if (answer.kind === "exists") throw new Error(`Cannot put payment ${id} as it exists`);
    return answer.payment;
  }

  /** Saves it as another process would. */
  async function overwrite(before: Payment, after: Payment): Promise<Payment> {
    const saved = await stores.payments.save(before, after);
    if (saved.kind !== "saved") throw new Error(`Cannot overwrite ${before.id}: ${saved.kind}`);
    return saved.item;
  }

  return { create, stored, put, overwrite };
}

/** Takes `{event, data: {id}}`; its own text is its hash. */
const webhookReader: WebhookReader = {
  read(bytes) {
    const text = new TextDecoder().decode(bytes);
    if (!text.startsWith("{")) return { kind: "unreadable", code: "webhook_not_json" };
    const body = JSON.parse(text);
    const konsolId = body.data?.id;
    if (konsolId === undefined) return { kind: "unreadable", code: "webhook_without_id" };
    const notice = { event: body.event, konsolId, body, bodyHash: text };
    return { kind: "notice", notice: { ...notice, signature: "absent" } };
  },
};

export function webhookBody(konsolId: string, event = "payment.updated", more = {}): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ event, data: { id: konsolId, ...more } }));
}
