// Laws of domain/payment_guard.ts.

import assert from "node:assert/strict";
import { assertStorable } from "../../domain/payment_guard.ts";
import type { Payment } from "../../domain/payment.ts";
import { IllegalMove, isReachable, SUBMISSIONS } from "../../domain/submission_table.ts";
import { aPayment, NOW } from "../support/payments.ts";

const BEFORE = aPayment({ attempt: 1, maybeSentAt: NOW, status: "processing" });

function refused(change: Partial<Payment>, rule: RegExp): void {
  assert.throws(() => assertStorable(BEFORE, { ...BEFORE, ...change }), rule);
}

Deno.test("assertStorable() allows a payment that did not change", () => {
  assertStorable(BEFORE, { ...BEFORE });
});

Deno.test("assertStorable() allows exactly the moves of the table", () => {
  for (const from of SUBMISSIONS) {
    for (const to of SUBMISSIONS) {
      const store = () =>
        assertStorable({ ...BEFORE, submission: from }, { ...BEFORE, submission: to });
      if (isReachable(from, to)) store();
      else assert.throws(store, IllegalMove);
    }
  }
});

Deno.test("assertStorable() refuses another id, creation, amount, currency or handle", () => {
  refused({ id: "pay_other" }, /its id is fixed/);
  refused({ createdAt: NOW + 1 }, /its createdAt is fixed/);
  refused({ amountMinor: 1 }, /its amountMinor is fixed/);
  refused({ currency: "USD" }, /its currency is fixed/);
  refused({ externalId: undefined }, /its externalId is fixed/);
  refused({ idempotencyKey: "other" }, /its idempotencyKey is fixed/);
});

Deno.test("assertStorable() allows a first idempotencyKey", () => {
  assertStorable({ ...BEFORE, idempotencyKey: undefined }, { ...BEFORE, idempotencyKey: "key_1" });
});

Deno.test("assertStorable() refuses to clear or to move a doubt", () => {
  refused({ maybeSentAt: undefined }, /a doubt is never taken back/);
  refused({ maybeSentAt: NOW + 1 }, /a doubt is never taken back/);
});

Deno.test("assertStorable() allows a first doubt", () => {
  assertStorable({ ...BEFORE, maybeSentAt: undefined }, BEFORE);
});

Deno.test("assertStorable() refuses a status of lower rank", () => {
  refused({ status: "pending" }, /its status never goes back: processing -> pending/);
});

Deno.test("assertStorable() refuses to exchange one end for another", () => {
  const failed: Payment = { ...BEFORE, submission: "settled", status: "failed" };
  assert.throws(
    () => assertStorable(failed, { ...failed, status: "completed" }),
    /its status never goes back: failed -> completed/,
  );
});

Deno.test("assertStorable() refuses a lower attempt", () => {
  refused({ attempt: 0 }, /its attempts only count up: 1 -> 0/);
});

Deno.test("assertStorable() refuses a history that was cut or rewritten", () => {
  refused({ history: [] }, /its history is only appended to/);
  const [first] = BEFORE.history;
  refused({ history: [{ ...first!, at: NOW + 1 }] }, /its history is only appended to/);
});

Deno.test("assertStorable() refuses a time that JSON would lose", () => {
  refused({ dueAt: NaN }, /it must be due at a time or not at all/);
  refused({ dueAt: Infinity }, /it must be due at a time or not at all/);
});

Deno.test("assertStorable() names the payment and nothing of its recipient", () => {
  const message = new RegExp(`^Error: Cannot store payment ${BEFORE.id} as its currency is fixed$`);
  refused({ currency: "USD" }, message);
});
