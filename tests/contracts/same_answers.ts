// Any calls of the stores, in any order, and what two kinds of store answer to them: the same.

import assert from "node:assert/strict";
import fc from "fast-check";
import { createMemoryStores } from "../../adapters/memory/create_memory_stores.ts";
import type {
  CallbackFilter,
  PageRequest,
  PaymentFilter,
  RecordFilter,
  WebhookFilter,
} from "../../application/ports.ts";
import type { NewEvent } from "../../domain/payment_news.ts";
import { STATUSES } from "../../domain/payment_status.ts";
import { SUBMISSIONS } from "../../domain/submission_table.ts";
import { anEvent } from "../support/callbacks.ts";
import { anInvoice } from "../support/invoices.ts";
import { aCard, aPayment, aPhone } from "../support/payments.ts";
import { aWebhook } from "../support/webhooks.ts";
import type { Stores } from "./stores.ts";

const STEPS_MAX = 30;

/** What a kind of store is held to; the rest is left out of what is asked. */
export interface Held {
  /** Fractions of a millisecond are stored in their order. */
  readonly toFractions: boolean;
  /** An event's id that was used before is refused: real ones never repeat. */
  readonly toNewEventIds: boolean;
}

/** Few values, so that they meet. */
const id = fc.constantFrom("a", "b", "c", "d", "e");
const text = fc.constantFrom("", "1", "x", "y", "Ж", "ж", "\ud800", "\ufffd");
/** Asked with; a fraction of a millisecond is between two. */
const time = fc.constantFrom(0, 1, 2, 2.5, 3);
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const currency = fc.constantFrom("RUB", "USD");
const userId = fc.constantFrom(0, 1);
const status = fc.constantFrom(...STATUSES);
const submission = fc.constantFrom(...SUBMISSIONS);
const states = fc.subarray([...SUBMISSIONS], { minLength: 1 });
const version = fc.constantFrom(1, 1, 2);

export interface Step {
  readonly name: string;
  readonly args: readonly unknown[];
  ask(stores: Stores): Promise<unknown>;
}

/** One call among others, `weight` times as often as one of weight 1. */
function call<Args extends unknown[]>(
  weight: number,
  name: string,
  args: fc.Arbitrary<Args>,
  ask: (stores: Stores, ...args: Args) => Promise<unknown>,
): { weight: number; arbitrary: fc.Arbitrary<Step> } {
  const arbitrary = args.map((args) => ({
    name,
    args,
    ask: (stores: Stores) => ask(stores, ...args),
  }));
  return { weight, arbitrary };
}

/** Some of the fields of `full`, few as a rule. */
function some<Full extends object>(full: fc.Arbitrary<Full>): fc.Arbitrary<Partial<Full>> {
  return full.chain((values) =>
    fc.subarray(Object.entries(values), { maxLength: 2 })
      .map((entries) => Object.fromEntries(entries) as Partial<Full>)
  );
}

const callbackState = fc.constantFrom("pending" as const, "delivered" as const, "dead" as const);

/** Calls of each port. */
export function storeSteps({ toFractions, toNewEventIds }: Held) {
  const stored = toFractions ? time : fc.constantFrom(0, 1, 2, 3);
  const eventId = toNewEventIds ? id : fc.constantFrom(..."abcdefghijklmnopq");
  const told = toNewEventIds ? (_: Stores, events: NewEvent[]) => events : neverBefore();
  const fields = fc.record({
    idempotencyKey: maybe(text),
    externalId: maybe(text),
    konsolId: maybe(text),
    userId: maybe(userId),
    dueAt: maybe(stored),
    createdAt: stored,
    currency,
    status: fc.constantFrom("pending" as const, "processing" as const),
    submission: fc.constantFrom("queued" as const, "submitting" as const),
    recipient: fc.constantFrom(aCard(), aPhone()),
  });

  const changes = some(fc.record({
    konsolId: maybe(text),
    dueAt: maybe(stored),
    submission,
    status,
    attempt: fc.constantFrom(0, 1),
    providerDisagrees: fc.constant(true),
    acknowledgedAt: fc.constantFrom(undefined, 7),
    version: fc.constantFrom(1, 2, 3),
  }));

  /** Mostly the payment as it is stored; sometimes one that is not. */
  const wrong = fc.oneof(
    { weight: 4, arbitrary: fc.constant({}) },
    {
      weight: 1,
      arbitrary: some(
        fc.record({ version: fc.constantFrom(1, 2), attempt: fc.nat(1), submission }),
      ),
    },
  );

  const filter: fc.Arbitrary<PaymentFilter> = some(fc.record({
    status,
    currency,
    userId,
    externalId: text,
    paymentType: fc.constantFrom("card_payment" as const, "phone_payment" as const),
    createdFrom: time,
    createdTo: time,
  }));

  const invoiceFilter: fc.Arbitrary<RecordFilter> = some(
    fc.record({ currency, createdFrom: time, createdTo: time }),
  );
  const webhookFilter: fc.Arbitrary<WebhookFilter> = some(
    fc.record({ konsolId: text, state: fc.constantFrom("received" as const, "orphan" as const) }),
  );

  const callbackFilter: fc.Arbitrary<CallbackFilter> = some(
    fc.record({ state: callbackState, paymentId: id, createdFrom: time, createdTo: time }),
  );
  const host = fc.constantFrom("a.example", "a.example:8443", "b.example");
  const events = fc.array(
    fc.record({
      id: eventId,
      ordinal: fc.nat(3),
      paymentId: id,
      createdAt: stored,
      callbackUrl: maybe(host.map((host) => `https://${host}/`)),
    }),
    { maxLength: 2 },
  ).map((all) => all.map(anEvent));

  const page: fc.Arbitrary<PageRequest> = fc.record({
    perPage: fc.integer({ min: 1, max: 4 }),
    page: fc.constantFrom(1, 1, 1, 2, 3),
    after: fc.record({ createdAt: time, id }),
  }, { requiredKeys: ["perPage", "page"] });

  const paymentCalls = [
    call(5, "insertOrGet", fc.tuple(id, fields), ({ payments }, id, fields) => {
      return payments.insertOrGet(aPayment({ id, ...fields }));
    }),
    call(5, "save", fc.tuple(id, wrong, changes), async ({ payments }, id, wrong, changed) => {
      const before = { ...await payments.get(id) ?? aPayment({ id }), ...wrong };
      return await payments.save(before, { ...before, ...changed });
    }),
    call(1, "get", fc.tuple(id), ({ payments }, id) => payments.get(id)),
    call(1, "getByKonsolId", fc.tuple(text), ({ payments }, text) => payments.getByKonsolId(text)),
    call(
      1,
      "getByExternalId",
      fc.tuple(text),
      ({ payments }, text) => payments.getByExternalId(text),
    ),
    call(4, "list", fc.tuple(filter, page), ({ payments }, ...asked) => payments.list(...asked)),
    call(2, "listReviews", fc.tuple(page), ({ payments }, page) => payments.listReviews(page)),
    call(2, "due", fc.tuple(states, time, fc.nat(4)), ({ payments }, ...asked) => {
      return payments.due(...asked);
    }),
  ];

  const invoiceCalls = [
    call(3, "insertOrGet", fc.tuple(id, text, currency, stored), ({ invoices }, ...fields) => {
      const [id, konsolId, currency, createdAt] = fields;
      return invoices.insertOrGet(anInvoice({ id, konsolId, currency, createdAt }));
    }),
    call(3, "save", fc.tuple(id, text, version), async ({ invoices }, id, konsolId, version) => {
      const before = { ...await invoices.get(id) ?? anInvoice({ id }), version };
      return await invoices.save(before, { ...before, konsolId });
    }),
    call(1, "getByKonsolId", fc.tuple(text), ({ invoices }, text) => invoices.getByKonsolId(text)),
    call(3, "list", fc.tuple(invoiceFilter, page), ({ invoices }, ...asked) => {
      return invoices.list(...asked);
    }),
  ];

  const webhookCalls = [
    call(3, "insertOrGet", fc.tuple(id, text, text, stored), ({ webhooks }, ...fields) => {
      const [id, bodyHash, konsolId, receivedAt] = fields;
      return webhooks.insertOrGet(aWebhook({ id, bodyHash, konsolId, receivedAt, body: id }));
    }),
    call(
      3,
      "save",
      fc.tuple(id, maybe(stored), stored, stored, version),
      async ({ webhooks }, id, dueAt, lastReceivedAt, wantedSince, version) => {
        const before = { ...await webhooks.get(id) ?? aWebhook({ id }), version };
        const after = { ...before, dueAt, lastReceivedAt, wantedSince, state: "orphan" as const };
        return await webhooks.save(before, after);
      },
    ),
    call(3, "list", fc.tuple(webhookFilter, page), ({ webhooks }, ...asked) => {
      return webhooks.list(...asked);
    }),
    call(2, "due", fc.tuple(time, fc.nat(4)), ({ webhooks }, ...asked) => webhooks.due(...asked)),
    call(
      2,
      "latestOf",
      fc.tuple(text, fc.integer({ min: 1, max: 3 })),
      ({ webhooks }, ...asked) => {
        return webhooks.latestOf(...asked);
      },
    ),
    call(1, "hasUnworked", fc.tuple(time), ({ webhooks }, since) => webhooks.hasUnworked(since)),
    call(1, "countUnworked", fc.tuple(fc.nat(4)), ({ webhooks }, limit) => {
      return webhooks.countUnworked(limit);
    }),
  ];

  const controlCalls = [
    call(2, "put", fc.tuple(id, maybe(version), fc.jsonValue()), ({ control }, ...asked) => {
      return control.put(...asked);
    }),
    call(1, "get", fc.tuple(id), ({ control }, id) => control.get(id)),
  ];

  const callbackCalls = [
    call(5, "insertOrGet", fc.tuple(id, events), (stores, id, events) => {
      const payment = aPayment({ id, externalId: id, idempotencyKey: id });
      return stores.payments.insertOrGet(payment, told(stores, events));
    }),
    call(5, "save", fc.tuple(id, version, events), async (stores, id, version, events) => {
      const before = { ...await stores.payments.get(id) ?? aPayment({ id }), version };
      return await stores.payments.save(before, before, told(stores, events));
    }),
    call(
      4,
      "save",
      fc.tuple(eventId, version, callbackState, maybe(stored)),
      async ({ callbacks }, id, version, state, dueAt) => {
        const before = await callbacks.get(id);
        if (before === undefined) return undefined;
        return await callbacks.save({ ...before, version }, { ...before, state, dueAt });
      },
    ),
    call(
      2,
      "list",
      fc.tuple(maybe(eventId), fc.integer({ min: 1, max: 4 })),
      ({ events }, ...asked) => {
        return events.list(...asked);
      },
    ),
    call(1, "get", fc.tuple(eventId), ({ events }, id) => events.get(id)),
    call(3, "list", fc.tuple(callbackFilter, page), ({ callbacks }, ...asked) => {
      return callbacks.list(...asked);
    }),
    call(2, "dueHosts", fc.tuple(time, fc.nat(3), maybe(host)), ({ callbacks }, ...asked) => {
      return callbacks.dueHosts(...asked);
    }),
    call(2, "due", fc.tuple(host, time, fc.nat(4)), ({ callbacks }, ...asked) => {
      return callbacks.due(...asked);
    }),
    call(2, "firstPending", fc.tuple(id), ({ callbacks }, id) => callbacks.firstPending(id)),
  ];

  return {
    PaymentStore: fc.oneof(...paymentCalls),
    InvoiceStore: fc.oneof(...invoiceCalls),
    WebhookStore: fc.oneof(...webhookCalls),
    EventLogAndCallbackStore: fc.oneof(...callbackCalls),
    ControlStore: fc.oneof(...controlCalls),
  };
}

/** Leaves out the events whose ids were used before with the same stores. */
function neverBefore() {
  const used = new WeakMap<Stores, Set<string>>();
  return (stores: Stores, events: NewEvent[]) => {
    const before = used.get(stores) ?? new Set();
    used.set(stores, before);
    return events.filter(({ id }) => !before.has(id) && before.add(id));
  };
}

/** Holds the stores that `open` opens to the answers of the stores in memory, in so many sequences. */
export async function holdToMemory(
  step: fc.Arbitrary<Step>,
  open: () => Promise<Stores & { settled?(): Promise<void> }>,
  sequences: number,
): Promise<void> {
  const sequence = fc.array(step, { minLength: 1, maxLength: STEPS_MAX, size: "max" });
  const law = fc.asyncProperty(sequence, async (steps) => {
    const expected = await answersOf(createMemoryStores(), steps);
    assert.deepEqual(await answersOf(await open(), steps), expected);
  });
  await fc.assert(law, { numRuns: sequences });
}

/** What each step answered, or the kind of error that it threw. */
async function answersOf(
  stores: Stores & { settled?(): Promise<void> },
  steps: readonly Step[],
): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const { name, ask } of steps) {
    const answer = await ask(stores).catch((error: Error) => `threw ${error.name}`);
    answers.push([name, answer]);
    await stores.settled?.();
  }
  await stores.close();
  return answers;
}
