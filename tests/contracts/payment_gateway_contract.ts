// The contract of PaymentGateway: what holds for every way to Konsol, and for whatever goes wrong on it.

import assert from "node:assert/strict";
import type { Clock } from "../../application/ports.ts";
import type {
  CreateRequest,
  PaymentGateway,
  SendWindow,
} from "../../application/provider_ports.ts";
import type { Payment } from "../../domain/payment.ts";
import { type Status, STATUSES } from "../../domain/payment_status.ts";
import { type ProviderPayment, reasonsNotOurs } from "../../domain/provider_payment.ts";
import { claimed } from "../support/payment_states.ts";
import { aCard, aPayment, aPhone } from "../support/payments.ts";

/** What goes wrong with a call: it is lost after or before it took effect, or Konsol says no. */
export type Mishap = "lose_answer" | "lose_before_effect" | "refuse" | "hold_off";

export interface OpenGateway {
  readonly gateway: PaymentGateway;
  readonly clock: Pick<Clock, "now" | "monotonic">;
  /** Creates that took effect at Konsol, counted there. */
  executed(): Promise<number>;
  /** Makes Konsol have this status for it, as a person in the cabinet would. */
  seedStatus(konsolId: string, status: Status): Promise<void>;
  /** Lets the next call of this kind go wrong; all of them for the create, `lose_*` for the others. */
  spoil(
    call: "create" | "get" | "list" | "update" | "cancel" | "balance",
    how: Mishap,
  ): Promise<void>;
  close(): Promise<void>;
}

type Law = (title: string, law: (open: OpenGateway) => Promise<void>) => void;

const WINDOW_MS = 5_000;
const CARD_NUMBER = "2202200000000000";
const UNKNOWN_ID = "00000000-0000-7000-8000-000000000000";

export function paymentGatewayContract(name: string, open: () => Promise<OpenGateway>): void {
  const law: Law = (title, check) =>
    Deno.test(`${name}.${title}`, async () => {
      const opened = await open();
      try {
        await check(opened);
      } finally {
        await opened.close();
      }
    });
  createLaws(law);
  createMishapLaws(law);
  windowLaws(law);
  getLaws(law);
  listLaws(law);
  changeLaws(law);
  balanceLaws(law);
}

function createLaws(law: Law): void {
  law("createPayment() is accepted with a payment that is ours, by card", async (open) => {
    const request = byCard(open.clock);
    const payment = await accepted(open, request);
    assert.deepEqual(reasonsNotOurs(request.payment, payment), []);
  });

  law("createPayment() is accepted with a payment that is ours, by phone", async (open) => {
    const request = byPhone(open.clock);
    const payment = await accepted(open, request);
    assert.deepEqual(reasonsNotOurs(request.payment, payment), []);
  });

  law("createPayment() takes effect exactly once a call", async (open) => {
    await accepted(open, byCard(open.clock));
    assert.equal(await open.executed(), 1);
    await accepted(open, byPhone(open.clock));
    assert.equal(await open.executed(), 2);
  });

  law(
    "createPayment() sends what it is told to, even a repeat: only we prevent it",
    async (open) => {
      const request = byCard(open.clock);
      const [first, second] = [await accepted(open, request), await accepted(open, request)];
      assert.notEqual(first.konsolId, second.konsolId);
      assert.equal(await open.executed(), 2);
    },
  );

  law("createPayment() gives each of many at once a payment of its own", async (open) => {
    const requests = Array.from({ length: 10 }, () => byPhone(open.clock));
    const payments = await Promise.all(requests.map((request) => accepted(open, request)));
    assert.deepEqual(
      payments.map(({ paymentId }) => paymentId),
      requests.map(({ payment }) => payment.id),
    );
    assert.equal(new Set(payments.map(({ konsolId }) => konsolId)).size, 10);
  });

  law("createPayment() keeps our payment_id whatever the client's metadata says", async (open) => {
    const request = byCard(open.clock, { metadata: { payment_id: "pay_of_another", shelf: 7 } });
    assert.equal((await accepted(open, request)).paymentId, request.payment.id);
  });
}

function createMishapLaws(law: Law): void {
  law("createPayment() is unknown when the answer is lost after it took effect", async (open) => {
    await open.spoil("create", "lose_answer");
    assert.equal((await create(open, byCard(open.clock))).kind, "unknown");
    assert.equal(await open.executed(), 1);
  });

  law("createPayment() is unknown when it is lost before it took effect", async (open) => {
    await open.spoil("create", "lose_before_effect");
    assert.equal((await create(open, byCard(open.clock))).kind, "unknown");
    assert.equal(await open.executed(), 0);
  });

  law("createPayment() is refused with Konsol's words when Konsol says no", async (open) => {
    await open.spoil("create", "refuse");
    const outcome = await create(open, byCard(open.clock));
    assert.ok(outcome.kind === "refused" && outcome.code !== "" && outcome.message !== "");
    assert.equal(await open.executed(), 0);
  });

  law("createPayment() is not executed when Konsol holds callers off", async (open) => {
    await open.spoil("create", "hold_off");
    const outcome = await create(open, byCard(open.clock));
    assert.ok(outcome.kind === "not_executed" && outcome.because === "konsol_answered");
    assert.equal(outcome.httpStatus, 429);
    assert.equal(await open.executed(), 0);
  });

  law("createPayment() is accepted again after a mishap", async (open) => {
    await open.spoil("create", "lose_before_effect");
    await create(open, byCard(open.clock));
    await accepted(open, byCard(open.clock));
    assert.equal(await open.executed(), 1);
  });
}

function windowLaws(law: Law): void {
  const past = {
    "the wall clock": { notAfter: -1 },
    "the monotonic clock": { notAfterMonotonic: -1 },
  };
  for (const [clockName, passed] of Object.entries(past)) {
    law(`createPayment() begins nothing past the window on ${clockName}`, async (open) => {
      const window = windowOf(open.clock, passed);
      const outcome = await open.gateway.createPayment(byCard(open.clock), window);
      assert.ok(outcome.kind === "not_executed" && outcome.because === "not_begun");
      assert.equal(await open.executed(), 0);
    });
  }
}

function getLaws(law: Law): void {
  law("getPayment() finds what was created, and it is ours", async (open) => {
    const request = byPhone(open.clock);
    const { konsolId } = await accepted(open, request);
    const payment = await found(open, konsolId);
    assert.equal(payment.konsolId, konsolId);
    assert.deepEqual(reasonsNotOurs(request.payment, payment), []);
  });

  law("getPayment() does not find an id that Konsol does not know", async ({ gateway }) => {
    assert.deepEqual(await gateway.getPayment(UNKNOWN_ID), { kind: "not_found" });
  });

  law("getPayment() shows each status that Konsol has, and its word for it", async (open) => {
    const { konsolId } = await accepted(open, byCard(open.clock));
    for (const status of STATUSES) {
      await open.seedStatus(konsolId, status);
      const payment = await found(open, konsolId);
      assert.deepEqual([payment.status, payment.statusText], [status, status]);
    }
  });

  law("getPayment() tells when a completed payment was paid", async (open) => {
    const { konsolId } = await accepted(open, byCard(open.clock));
    await open.seedStatus(konsolId, "completed");
    assert.ok(Number.isSafeInteger((await found(open, konsolId)).paidAt));
  });

  law("getPayment() is unavailable, never not found, when the answer is lost", async (open) => {
    const { konsolId } = await accepted(open, byCard(open.clock));
    for (const how of ["lose_answer", "lose_before_effect"] as const) {
      await open.spoil("get", how);
      assert.equal((await open.gateway.getPayment(konsolId)).kind, "unavailable");
    }
    assert.equal((await open.gateway.getPayment(konsolId)).kind, "found");
  });
}

function listLaws(law: Law): void {
  law("listPayments() shows everything that was created, newest first", async (open) => {
    const created: string[] = [];
    for (let n = 0; n < 5; n++) {
      created.unshift((await accepted(open, byPhone(open.clock))).konsolId);
    }
    const pages = [await listed(open, 1, 2), await listed(open, 2, 2), await listed(open, 3, 2)];
    assert.deepEqual(pages.map((payments) => payments.length), [2, 2, 1]);
    assert.deepEqual(pages.flat().map(({ konsolId }) => konsolId), created);
  });

  law("listPayments() shows an empty page after the end, and of nothing", async (open) => {
    assert.deepEqual(await listed(open, 1, 2), []);
    for (let n = 0; n < 2; n++) await accepted(open, byCard(open.clock));
    assert.deepEqual(await listed(open, 2, 2), []);
    assert.deepEqual(await listed(open, 9, 100), []);
  });

  law("listPayments() shows of a payment what a GET shows, in each status", async (open) => {
    const { konsolId } = await accepted(open, byCard(open.clock));
    for (const status of STATUSES) {
      await open.seedStatus(konsolId, status);
      assert.deepEqual(await listed(open, 1, 100), [await found(open, konsolId)]);
    }
  });

  law("listPayments() shows a payment whose create was lost after it took effect", async (open) => {
    const request = byPhone(open.clock);
    await open.spoil("create", "lose_answer");
    await create(open, request);
    const payments = await listed(open, 1, 100);
    assert.deepEqual(payments.map(({ paymentId }) => paymentId), [request.payment.id]);
  });

  law(
    "listPayments() is unavailable, never an empty page, when the answer is lost",
    async (open) => {
      for (const how of ["lose_answer", "lose_before_effect"] as const) {
        await open.spoil("list", how);
        const answer = await open.gateway.listPayments({ page: 1, perPage: 2 });
        assert.equal(answer.kind, "unavailable");
      }
      assert.deepEqual(await listed(open, 1, 2), []);
    },
  );
}

function changeLaws(law: Law): void {
  law("cancelPayment() is answered, and a GET shows it cancelled", async (open) => {
    const { konsolId } = await accepted(open, byCard(open.clock));
    assert.deepEqual(await open.gateway.cancelPayment(konsolId), { kind: "answered" });
    assert.equal((await found(open, konsolId)).status, "cancelled");
  });

  law("updatePayment() is answered, and a GET shows the status", async (open) => {
    const { konsolId } = await accepted(open, byCard(open.clock));
    await open.seedStatus(konsolId, "processing");
    const answer = await open.gateway.updatePayment(konsolId, { status: "completed" });
    assert.deepEqual(answer, { kind: "answered" });
    assert.equal((await found(open, konsolId)).status, "completed");
  });

  law("updatePayment() of words leaves the status and the correlating fields", async (open) => {
    const request = byCard(open.clock);
    const { konsolId } = await accepted(open, request);
    await open.seedStatus(konsolId, "processing");
    assert.deepEqual(await open.gateway.updatePayment(konsolId, { description: "other words" }), {
      kind: "answered",
    });
    const payment = await found(open, konsolId);
    assert.equal(payment.status, "processing");
    assert.deepEqual(reasonsNotOurs(request.payment, payment), []);
  });

  law("cancelPayment() and updatePayment() are refused for what has ended", async (open) => {
    const { konsolId } = await accepted(open, byCard(open.clock));
    await open.seedStatus(konsolId, "completed");
    assert.equal((await open.gateway.cancelPayment(konsolId)).kind, "refused");
    const updated = await open.gateway.updatePayment(konsolId, { status: "failed" });
    assert.equal(updated.kind, "refused");
    assert.equal((await found(open, konsolId)).status, "completed");
  });

  law("cancelPayment() and updatePayment() are refused for an unknown id", async ({ gateway }) => {
    assert.equal((await gateway.cancelPayment(UNKNOWN_ID)).kind, "refused");
    assert.equal((await gateway.updatePayment(UNKNOWN_ID, { status: "failed" })).kind, "refused");
  });

  law(
    "cancelPayment() is unavailable when the answer is lost, though it took effect",
    async (open) => {
      const { konsolId } = await accepted(open, byCard(open.clock));
      await open.spoil("cancel", "lose_answer");
      assert.equal((await open.gateway.cancelPayment(konsolId)).kind, "unavailable");
      assert.equal((await found(open, konsolId)).status, "cancelled");
    },
  );

  law("updatePayment() is unavailable when it is lost before it took effect", async (open) => {
    const { konsolId } = await accepted(open, byCard(open.clock));
    await open.seedStatus(konsolId, "processing");
    await open.spoil("update", "lose_before_effect");
    const answer = await open.gateway.updatePayment(konsolId, { status: "failed" });
    assert.equal(answer.kind, "unavailable");
    assert.equal((await found(open, konsolId)).status, "processing");
  });
}

function balanceLaws(law: Law): void {
  law("getBalance() goes down by what was paid, to the kopeck", async (open) => {
    const before = await balanceOf(open);
    await accepted(open, byCard(open.clock, { amountMinor: 100_010 }));
    assert.equal(before - await balanceOf(open), 100_010);
  });

  law("getBalance() is unavailable when the answer is lost", async (open) => {
    await open.spoil("balance", "lose_before_effect");
    assert.equal((await open.gateway.getBalance()).kind, "unavailable");
  });
}

function byCard(clock: OpenGateway["clock"], overrides: Partial<Payment> = {}): CreateRequest {
  const recipient = aCard({ first6: CARD_NUMBER.slice(0, 6), last4: CARD_NUMBER.slice(-4) });
  return { ...byPhone(clock, { recipient, ...overrides }), cardNumber: CARD_NUMBER };
}

function byPhone(clock: OpenGateway["clock"], overrides: Partial<Payment> = {}): CreateRequest {
  const now = clock.now();
  const queued = aPayment({ createdAt: now, recipient: aPhone(), ...overrides });
  return { payment: claimed(queued, now) };
}

function windowOf(
  clock: OpenGateway["clock"],
  from: { readonly notAfter?: number; readonly notAfterMonotonic?: number } = {},
): SendWindow {
  const { notAfter = WINDOW_MS, notAfterMonotonic = WINDOW_MS } = from;
  return {
    notAfter: clock.now() + notAfter,
    notAfterMonotonic: clock.monotonic() + notAfterMonotonic,
  };
}

async function create({ gateway, clock }: OpenGateway, request: CreateRequest) {
  return await gateway.createPayment(request, windowOf(clock));
}

async function accepted(open: OpenGateway, request: CreateRequest): Promise<ProviderPayment> {
  const outcome = await create(open, request);
  return outcome.kind === "accepted" ? outcome.payment : assert.fail(JSON.stringify(outcome));
}

async function found({ gateway }: OpenGateway, konsolId: string): Promise<ProviderPayment> {
  const answer = await gateway.getPayment(konsolId);
  return answer.kind === "found" ? answer.payment : assert.fail(JSON.stringify(answer));
}

async function listed(
  { gateway }: OpenGateway,
  page: number,
  perPage: number,
): Promise<readonly ProviderPayment[]> {
  const answer = await gateway.listPayments({ page, perPage });
  assert.ok(answer.kind === "listed" && answer.unreadable === 0, JSON.stringify(answer));
  return answer.payments;
}

async function balanceOf({ gateway }: OpenGateway): Promise<number> {
  const answer = await gateway.getBalance();
  return answer.kind === "found" ? answer.balance.amountMinor : assert.fail(JSON.stringify(answer));
}
