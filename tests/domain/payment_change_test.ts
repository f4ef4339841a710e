// Laws of domain/payment_change.ts.

import assert from "node:assert/strict";
import type { Payment } from "../../domain/payment.ts";
import {
  change,
  flagDisagreement,
  isOtherNews,
  lateLookAt,
  lookAgain,
  lookedLate,
  otherPaymentNote,
  parkContradicted,
  parkForReview,
  settle,
} from "../../domain/payment_change.ts";
import type { Status } from "../../domain/payment_status.ts";
import {
  BY_POLL,
  DAY,
  HOUR,
  inDoubt,
  MINUTE,
  NOW,
  oneInEachState,
  queued,
  settled,
  submitted,
  submitting,
} from "../support/payment_states.ts";

const LATER = NOW + 1_000;

function sealedNumberOf({ recipient }: Payment): string | undefined {
  return recipient.kind === "card" ? recipient.sealedNumber : undefined;
}

Deno.test("change() throws IllegalMove for a move that the table does not have", () => {
  const how = { move: "T3", now: NOW, cause: BY_POLL } as const;
  assert.throws(() => change(submitted(), "submitting", {}, how), { name: "IllegalMove" });
});

Deno.test("change() throws IllegalMove for another state without naming the move", () => {
  const how = { now: NOW, cause: BY_POLL };
  assert.throws(() => change(submitting(), "queued", {}, how), { name: "IllegalMove" });
});

Deno.test("change() adds one event with the move, the cause and the note", () => {
  const how = { move: "T4", now: LATER, cause: BY_POLL, note: "connection refused" } as const;
  const payment = submitting();
  const changed = change(payment, "queued", {}, how);
  assert.deepEqual(changed.history, [...payment.history, {
    at: LATER,
    move: "T4",
    submission: "queued",
    status: "pending",
    attempt: 1,
    cause: BY_POLL,
    note: "connection refused",
  }]);
});

Deno.test("change() never shows a lower status than was shown before", () => {
  const how = { now: NOW, cause: BY_POLL };
  const payment = submitted();
  assert.equal(change(payment, "submitted", { status: "pending" }, how).status, "processing");
});

Deno.test("change() counts looks and since from the move, and keeps both without one", () => {
  const payment = { ...submitting(), looks: 4 };
  const moved = change(payment, "queued", {}, { move: "T4", now: LATER, cause: BY_POLL });
  const stayed = change(payment, "submitting", {}, { now: LATER, cause: BY_POLL });
  assert.deepEqual([moved.looks, moved.submissionSince], [0, LATER]);
  assert.deepEqual([stayed.looks, stayed.submissionSince], [4, NOW]);
});

Deno.test("settle() of what Konsol never had leaves nothing due, no lease and no card number", () => {
  const how = { move: "T6", now: LATER, cause: BY_POLL } as const;
  const ended = settle(submitting(), "failed", {}, how);
  const { dueAt, lease, status, submission } = ended;
  assert.deepEqual([dueAt, lease, status, submission], [undefined, undefined, "failed", "settled"]);
  assert.equal(sealedNumberOf(ended), undefined);
});

Deno.test("settle() of what Konsol has is due for a late look in an hour", () => {
  const how = { move: "T12", now: LATER, cause: BY_POLL } as const;
  for (const status of ["completed", "failed", "cancelled"] as const) {
    assert.equal(settle(submitted(), status, {}, how).dueAt, LATER + HOUR);
  }
});

Deno.test("settle() with a candidate is due at once, to ask for it", () => {
  const how = { move: "T12", now: LATER, cause: BY_POLL } as const;
  const payment = { ...submitted(), candidateKonsolId: "konsol_2" };
  assert.equal(settle(payment, "completed", {}, how).dueAt, LATER);
});

Deno.test("lateLookAt() is 1 h, 1 d and 7 d after the end, and then never", () => {
  const looks = [0, 1, 2, 3, 4].map((count) => lateLookAt(NOW, count));
  assert.deepEqual(looks, [NOW + HOUR, NOW + DAY, NOW + 7 * DAY, undefined, undefined]);
});

Deno.test("lookedLate() counts the look and sets the next by the time of the end", () => {
  const payment = settled();
  const once = lookedLate(payment);
  assert.deepEqual([once.looks, once.dueAt], [1, NOW + DAY]);
  assert.equal(lookedLate(lookedLate(once)).dueAt, undefined);
});

Deno.test("settle() dates a completed payment, by Konsol's time where it gave one", () => {
  const how = { move: "T12", now: LATER, cause: BY_POLL } as const;
  assert.equal(settle(submitted(), "completed", {}, how).paidAt, LATER);
  assert.equal(settle(submitted(), "completed", { paidAt: NOW }, how).paidAt, NOW);
});

Deno.test("settle() dates no payment that failed or was cancelled", () => {
  const how = { move: "T12", now: LATER, cause: BY_POLL } as const;
  assert.equal(settle(submitted(), "failed", {}, how).paidAt, undefined);
  assert.equal(settle(submitted(), "cancelled", {}, how).paidAt, undefined);
});

Deno.test("parkForReview() shows processing, leaves nothing due and notes the reason", () => {
  const parked = parkForReview(queued(), "T14", "too old", LATER, { kind: "timer" });
  const { submission, status, dueAt } = parked;
  assert.deepEqual([submission, status, dueAt], ["review", "processing", undefined]);
  assert.equal(parked.history.at(-1)?.note, "too old");
});

Deno.test("parkForReview() of what may be at Konsol looks for it again in 15 min", () => {
  const parked = parkForReview(inDoubt(), "T10", "not found", LATER, { kind: "timer" });
  assert.equal(parked.dueAt, LATER + 15 * MINUTE);
});

Deno.test("parkForReview() of what has Konsol's id leaves nothing due", () => {
  const payment = { ...submitted(), maybeSentAt: NOW };
  assert.equal(parkForReview(payment, "T13", "differs", LATER, BY_POLL).dueAt, undefined);
});

Deno.test("parkForReview() keeps the sealed number, as a person may decide to send it again", () => {
  const parked = parkForReview(inDoubt(), "T10", "not found", LATER, { kind: "timer" });
  assert.equal(sealedNumberOf(parked), "sealed_number");
});

Deno.test("parkForReview() is T10 from in_doubt, T13 from submitted and T14 from queued only", () => {
  const from = { T10: "in_doubt", T13: "submitted", T14: "queued" } as const;
  for (const move of ["T10", "T13", "T14"] as const) {
    for (const payment of oneInEachState()) {
      const park = () => parkForReview(payment, move, "reason", NOW, BY_POLL);
      if (payment.submission === from[move]) park();
      else assert.throws(park, { name: "IllegalMove" }, `${move} from ${payment.submission}`);
    }
  }
});

Deno.test("flagDisagreement() moves nothing and tells it once, in every state", () => {
  for (const payment of oneInEachState()) {
    const flagged = flagDisagreement(payment, "a second payment", LATER, BY_POLL);
    const { submission, status, dueAt } = flagged;
    assert.deepEqual([submission, status, dueAt], [
      payment.submission,
      payment.status,
      payment.dueAt,
    ]);
    assert.equal(flagged.history.length, payment.history.length + 1);
    assert.equal(flagDisagreement(flagged, "a second payment", LATER, BY_POLL), flagged);
    const again = flagDisagreement(flagged, "a third payment", LATER, BY_POLL);
    assert.deepEqual(again.history.slice(-2).map(({ note }) => note), [
      "a second payment",
      "a third payment",
    ]);
  }
});

Deno.test("flagDisagreement() and parkContradicted() forget the scans without it, and the card number", () => {
  const scanned = { ...inDoubt(), cleanScans: 3, cleanScanAt: NOW, cleanScanUpTo: NOW };
  for (
    const shown of [
      flagDisagreement(scanned, "two", LATER, BY_POLL),
      parkContradicted(scanned, "T10", "two", LATER, BY_POLL),
    ]
  ) {
    const { cleanScans, cleanScanAt, cleanScanUpTo, providerDisagrees, recipient } = shown;
    assert.equal("sealedNumber" in scanned.recipient, true);
    assert.equal("sealedNumber" in recipient, false);
    assert.deepEqual([cleanScans, cleanScanAt, cleanScanUpTo], [undefined, undefined, undefined]);
    assert.equal(providerDisagrees, true);
  }
});

Deno.test("lookAgain() counts the look and sets the next, without an event", () => {
  const payment = submitted();
  const looked = lookAgain(payment, LATER);
  assert.deepEqual(looked, { ...payment, dueAt: LATER, looks: payment.looks + 1 });
});

Deno.test("lookAgain() of a settled payment counts no look: none was taken", () => {
  const payment = settled();
  assert.deepEqual(lookAgain(payment, LATER), { ...payment, dueAt: LATER });
});

Deno.test("settle() throws IllegalMove for what is settled already", () => {
  const how = { move: "T12", now: LATER, cause: BY_POLL } as const;
  assert.throws(() => settle(settled("failed"), "completed", {}, how), { name: "IllegalMove" });
});

Deno.test("isOtherNews() tells another payment of Konsol's once, and once each end that it has", () => {
  const told = (payment: Payment, status: Status | undefined) => {
    const other = { konsolId: "konsol_2", status };
    if (!isOtherNews(payment, other)) return payment;
    return flagDisagreement(payment, otherPaymentNote(payment, other), LATER, BY_POLL);
  };
  const heard = ["pending", undefined, "processing", "failed", "completed", "failed"] as const;
  const notes = heard.reduce(told, submitted()).history.slice(submitted().history.length);
  const note = "Konsol has a second payment for it: konsol_2";
  assert.deepEqual(notes.map((event) => event.note), [
    note,
    `${note} (failed)`,
    `${note} (completed)`,
  ]);
});

Deno.test("isOtherNews() takes an id that only begins like one that was told for another", () => {
  const other = { konsolId: "konsol_20", status: "completed" } as const;
  const payment = submitted();
  const told = flagDisagreement(payment, otherPaymentNote(payment, other), LATER, BY_POLL);
  assert.ok(isOtherNews(told, { ...other, konsolId: "konsol_2" }));
});

Deno.test("isOtherNews() takes what was not paid for no contradiction of what was not paid, unless told", () => {
  const unpaid = settle(submitting(), "failed", {}, { move: "T6", now: NOW, cause: BY_POLL });
  const other = { konsolId: "konsol_2", status: "cancelled" } as const;
  const open = { ...other, status: undefined };
  assert.ok(!isOtherNews(unpaid, other) && isOtherNews(unpaid, open));
  assert.ok(isOtherNews(settled("failed"), other), "it has one that is its own");
  const told = flagDisagreement(unpaid, otherPaymentNote(unpaid, open), LATER, BY_POLL);
  assert.ok(isOtherNews(told, other));
});
