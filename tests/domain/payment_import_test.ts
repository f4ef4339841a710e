// Laws of domain/payment_import.ts: what an older system made goes on here, and none of it is ever sent by itself.

import assert from "node:assert/strict";
import type { Payment } from "../../domain/payment.ts";
import { importPayment, isOlders, type OlderPayment } from "../../domain/payment_import.ts";
import { parkForReview } from "../../domain/payment_change.ts";
import { applyReport } from "../../domain/payment_following.ts";
import { decideNotPaid, isUnaccounted, needsReview } from "../../domain/payment_review.ts";
import { STATUSES } from "../../domain/payment_status.ts";
import { type ProviderPayment, reasonsNotOurs } from "../../domain/provider_payment.ts";
import { BY_POLL, CARD_REQUEST, DAY, NOW, queued, submitting } from "../support/payment_states.ts";

const MADE = NOW - 100 * DAY;

function imported(overrides: Partial<OlderPayment> = {}): Payment {
  const times = { createdAt: MADE, updatedAt: MADE + DAY };
  return importPayment(
    "pay_1",
    { ...CARD_REQUEST, ...times, status: "pending", ...overrides },
    NOW,
  );
}

function reported(overrides: Partial<ProviderPayment> = {}): ProviderPayment {
  return {
    konsolId: "konsol_1",
    status: "completed",
    statusText: "completed",
    amountMinor: CARD_REQUEST.amountMinor,
    currency: "RUB",
    externalId: CARD_REQUEST.externalId,
    createdAt: MADE,
    ...overrides,
  };
}

Deno.test("importPayment() never gives one that would be sent, whatever it was", () => {
  for (const status of STATUSES) {
    for (const konsolId of [undefined, "konsol_1"]) {
      const { submission, attempt } = imported({ status, konsolId });
      assert.ok(["settled", "submitted", "review"].includes(submission), submission);
      assert.equal(attempt, 0);
    }
  }
});

Deno.test("importPayment() keeps an end as it was, without the card's number", () => {
  for (const status of ["completed", "failed", "cancelled"] as const) {
    const payment = imported({ status, konsolId: "konsol_1", paidAt: MADE + 5 });
    assert.deepEqual([payment.submission, payment.status], ["settled", status]);
    assert.equal(payment.paidAt, status === "completed" ? MADE + 5 : undefined);
    assert.ok(payment.recipient.kind === "card" && payment.recipient.sealedNumber === undefined);
    assert.deepEqual([payment.createdAt, payment.dueAt], [MADE, undefined]);
  }
});

Deno.test("importPayment() has one with Konsol's id followed at once, without the card's number", () => {
  const payment = imported({ status: "pending", konsolId: "konsol_1" });
  assert.deepEqual([payment.submission, payment.status, payment.dueAt], [
    "submitted",
    "pending",
    NOW,
  ]);
  assert.ok(payment.recipient.kind === "card" && payment.recipient.sealedNumber === undefined);
  const after = applyReport(payment, reported(), NOW, NOW, BY_POLL);
  assert.deepEqual([after.submission, after.status], ["settled", "completed"]);
});

Deno.test("importPayment() gives one without Konsol's id to a person, as maybe sent, with its number", () => {
  const payment = imported();
  assert.ok(needsReview(payment) && isUnaccounted(payment));
  assert.deepEqual([payment.status, payment.maybeSentAt, payment.dueAt], [
    "processing",
    MADE,
    undefined,
  ]);
  assert.ok(payment.recipient.kind === "card" && payment.recipient.sealedNumber !== undefined);
  const decision = { attempt: 0, then: "resubmit", reason: "never seen", by: "anna" } as const;
  const rules = { resubmitHorizonMs: DAY, unworkedWebhooks: false };
  for (const at of [NOW, NOW + 2 * DAY]) {
    assert.throws(() => decideNotPaid(payment, decision, rules, at), { code: "review_too_early" });
  }
});

Deno.test("reasonsNotOurs() takes an imported payment's external_id for what is unique to it, once never sent here", () => {
  assert.deepEqual(reasonsNotOurs(imported(), reported()), []);
  for (const differs of [{ amountMinor: 1 }, { externalId: "other" }, { externalId: undefined }]) {
    assert.notDeepEqual(reasonsNotOurs(imported(), reported(differs)), []);
  }
  assert.notDeepEqual(reasonsNotOurs({ ...imported(), attempt: 1 }, reported()), []);
  const ours = { ...submitting(), firstClaimedAt: MADE, attempt: 0 };
  assert.deepEqual(reasonsNotOurs(ours, reported()), ["metadata.payment_id is missing"]);
});

Deno.test("what an older system may have sent is looked for in no list, in review and after its end", () => {
  const decision = { attempt: 0, reason: "asked", by: "anna", konsolConfirmation: "letter 7" };
  const rules = { resubmitHorizonMs: DAY, unworkedWebhooks: false };
  const failed = decideNotPaid(imported(), { ...decision, then: "fail" }, rules, NOW);
  assert.deepEqual([failed.status, failed.dueAt], ["failed", undefined]);
  const again = decideNotPaid(imported(), { ...decision, then: "resubmit" }, rules, NOW);
  const parked = parkForReview(again, "T14", "unsent for long", NOW, { kind: "timer" });
  assert.equal(parked.dueAt, undefined);
});

Deno.test("isOlders() is true for these alone, until one is sent here", () => {
  assert.equal(isOlders(imported()), true);
  assert.equal(isOlders({ ...imported(), attempt: 1 }), false);
  assert.equal(isOlders(queued()), false);
  assert.equal(isOlders({ history: [], attempt: 0 }), false);
});
