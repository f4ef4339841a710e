// Laws of domain/payment.ts.

import assert from "node:assert/strict";
import { acceptPayment, describePayment, detailOf } from "../../domain/payment.ts";
import { flagDisagreement } from "../../domain/payment_change.ts";
import {
  BY_POLL,
  BY_REQUEST,
  CARD_REQUEST,
  inDoubt,
  inReview,
  NOW,
  oneInEachState,
  queued,
  settled,
  submitted,
  submitting,
  submittingAgain,
} from "../support/payment_states.ts";

Deno.test("acceptPayment() is T1: queued, pending, due at once, never claimed", () => {
  const payment = acceptPayment("pay_1", CARD_REQUEST, NOW, BY_REQUEST);
  const { submission, status, dueAt, attempt, version, firstClaimedAt, maybeSentAt } = payment;
  assert.deepEqual(
    { submission, status, dueAt, attempt, version, firstClaimedAt, maybeSentAt },
    {
      submission: "queued",
      status: "pending",
      dueAt: NOW,
      attempt: 0,
      version: 1,
      firstClaimedAt: undefined,
      maybeSentAt: undefined,
    },
  );
});

Deno.test("acceptPayment() keeps every field of the request as it was asked for", () => {
  const payment = acceptPayment("pay_1", CARD_REQUEST, NOW, BY_REQUEST);
  assert.deepEqual({ ...payment, ...CARD_REQUEST }, payment);
});

Deno.test("acceptPayment() begins the history with T1 and its cause", () => {
  assert.deepEqual(acceptPayment("pay_1", CARD_REQUEST, NOW, BY_REQUEST).history, [{
    at: NOW,
    move: "T1",
    submission: "queued",
    status: "pending",
    attempt: 0,
    cause: BY_REQUEST,
  }]);
});

Deno.test("describePayment() changes description, metadata and updatedAt alone, in every state", () => {
  const words = { description: "new words", metadata: { shelf: 7 } };
  for (const payment of oneInEachState()) {
    const described = describePayment(payment, words, NOW + 1);
    assert.deepEqual(described, { ...payment, ...words, updatedAt: NOW + 1 });
  }
});

Deno.test("describePayment() leaves what it is not told of", () => {
  const first = describePayment(queued(), { description: "kept", metadata: { kept: true } }, NOW);
  const later = describePayment(first, { metadata: {} }, NOW);
  assert.equal(later.description, "kept");
  assert.deepEqual(later.metadata, {});
});

Deno.test("detailOf() says nothing of the ordinary way", () => {
  const ordinary = [queued(), submitting(), submitted(), settled()];
  assert.deepEqual(ordinary.map(detailOf), [undefined, undefined, undefined, undefined]);
});

Deno.test("detailOf() tells doubt, review and another try after a doubt", () => {
  const again = submittingAgain();
  const details = [inDoubt(), inReview(), again, { ...again, submission: "queued" as const }];
  assert.deepEqual(details.map(detailOf), [
    "awaiting_confirmation",
    "under_review",
    "resubmitting",
    "resubmitting",
  ]);
});

Deno.test("detailOf() tells a disagreement before everything else", () => {
  for (const payment of oneInEachState()) {
    const flagged = flagDisagreement(payment, "a second payment", NOW, BY_POLL);
    assert.equal(detailOf(flagged), "provider_disagrees");
  }
});
