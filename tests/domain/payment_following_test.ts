// Laws of domain/payment_following.ts: T5, T8, T12, T13 and late truth.

import assert from "node:assert/strict";
import { type Cause, detailOf, type Payment } from "../../domain/payment.ts";
import {
  applyMissing,
  applyReport,
  denyCandidate,
  dropCandidate,
  linkKonsol,
  MISSING_APART_MS,
  noteCandidate,
  STALE_MAX_MS,
} from "../../domain/payment_following.ts";
import { isEnd, STATUSES } from "../../domain/payment_status.ts";
import type { ProviderPayment } from "../../domain/provider_payment.ts";
import {
  BY_POLL,
  BY_REQUEST,
  DAY,
  HOUR,
  inDoubt,
  inReview,
  MINUTE,
  NOW,
  queued,
  reportOf,
  settled,
  submitted,
  submitting,
} from "../support/payment_states.ts";

const LATER = NOW + MINUTE;
const LOOK_AT = NOW + HOUR;
const BY_WEBHOOK: Cause = { kind: "webhook", id: "whk_1" };

function report(payment: Payment, patch: Partial<ProviderPayment> = {}, cause = BY_POLL): Payment {
  return reportAt(LATER, payment, patch, cause);
}

function reportAt(
  now: number,
  payment: Payment,
  patch: Partial<ProviderPayment>,
  cause = BY_POLL,
): Payment {
  return applyReport(payment, reportOf(payment, patch), LOOK_AT, now, cause);
}

function link(payment: Payment, patch: Partial<ProviderPayment> = {}): Payment {
  return linkKonsol(payment, reportOf(payment, patch), LOOK_AT, LATER, BY_WEBHOOK);
}

function missing(payment: Payment, now: number): Payment {
  return applyMissing(payment, LOOK_AT, now, BY_POLL);
}

Deno.test("linkKonsol() is T8 from a later attempt's queue, sending, doubt and review", () => {
  for (const payment of [queued(), submitting(), inDoubt(), inReview()]) {
    const linked = link(payment);
    const { submission, konsolId, dueAt, lease } = linked;
    assert.equal(linked.history.at(-1)?.move, "T8");
    assert.deepEqual([submission, konsolId, dueAt, lease], [
      "submitted",
      "konsol_1",
      LOOK_AT,
      undefined,
    ]);
  }
});

Deno.test("linkKonsol() throws IllegalMove for what is submitted or settled", () => {
  assert.throws(() => link(submitted()), { name: "IllegalMove" });
  assert.throws(() => link(settled()), { name: "IllegalMove" });
});

Deno.test("linkKonsol() shreds the card number and forgets the candidate", () => {
  const linked = link({ ...inDoubt(), candidateKonsolId: "konsol_1" });
  assert.ok(!("sealedNumber" in linked.recipient));
  assert.equal(linked.candidateKonsolId, undefined);
});

Deno.test("linkKonsol() never clears maybeSentAt", () => {
  assert.equal(link(inDoubt()).maybeSentAt, NOW);
});

Deno.test("linkKonsol() keeps Konsol's word and payment page", () => {
  const linked = link(inDoubt(), { statusText: "manualpay", paymentUrl: "https://pay.example/1" });
  assert.deepEqual([linked.konsolStatus, linked.paymentUrl], [
    "manualpay",
    "https://pay.example/1",
  ]);
});

Deno.test("linkKonsol() shows pending while Konsol does, unless more was shown before", () => {
  assert.equal(link(submitting(), { status: "pending" }).status, "pending");
  assert.equal(link(inDoubt(), { status: "pending" }).status, "processing");
});

Deno.test("linkKonsol() shows an end as processing, without its date or failure", () => {
  for (const status of STATUSES.filter(isEnd)) {
    const linked = link(inDoubt(), { status, paidAt: NOW });
    assert.deepEqual([linked.status, linked.paidAt, linked.failure], [
      "processing",
      undefined,
      undefined,
    ]);
  }
});

Deno.test("noteCandidate() notes the id, due at once, and moves nothing", () => {
  for (const payment of [inDoubt(), inReview()]) {
    const noted = noteCandidate(payment, "konsol_9", LATER);
    assert.deepEqual(noted, { ...payment, candidateKonsolId: "konsol_9", dueAt: LATER });
  }
});

Deno.test("dropCandidate() forgets the id and moves nothing", () => {
  const payment = inDoubt();
  const dropped = dropCandidate(noteCandidate(payment, "konsol_9", LATER), payment.dueAt);
  assert.deepEqual(dropped, { ...payment, candidateKonsolId: undefined });
});

Deno.test("linkKonsol() keeps another candidate, to be asked for at once", () => {
  const linked = link({ ...inDoubt(), candidateKonsolId: "konsol_9" });
  assert.deepEqual([linked.konsolId, linked.candidateKonsolId, linked.dueAt], [
    "konsol_1",
    "konsol_9",
    LATER,
  ]);
});

Deno.test("applyReport() is T12 for each end: settled, due for a late look, with its cause", () => {
  for (const status of STATUSES.filter(isEnd)) {
    const ended = report(submitted(), { status });
    assert.deepEqual([ended.submission, ended.status, ended.dueAt], [
      "settled",
      status,
      LATER + HOUR,
    ]);
    const { move, cause } = ended.history.at(-1) ?? {};
    assert.deepEqual([move, cause], ["T12", BY_POLL]);
  }
});

Deno.test("applyReport() dates a completed payment by Konsol's time, else by ours", () => {
  assert.equal(report(submitted(), { status: "completed", paidAt: NOW - 1 }).paidAt, NOW - 1);
  assert.equal(report(submitted(), { status: "completed" }).paidAt, LATER);
});

Deno.test("applyReport() keeps Konsol's failure, or says that there is none", () => {
  const failure = { code: "card_blocked", message: "Карта закрыта" };
  assert.deepEqual(report(submitted(), { status: "failed", failure }).failure, failure);
  assert.equal(report(submitted(), { status: "failed" }).failure?.code, "failed_at_konsol");
});

Deno.test("applyReport() keeps no date of a payment that was seen paid and then fails", () => {
  const linked = link(submitting(), { status: "completed", paidAt: NOW });
  const ended = report(linked, { status: "failed" });
  assert.deepEqual([ended.status, ended.paidAt], ["failed", undefined]);
});

Deno.test("applyReport() is T13 for every field of ours that differs, end or not", () => {
  const others: Partial<ProviderPayment>[] = [
    { konsolId: "konsol_2" },
    { amountMinor: 1 },
    { currency: "USD" },
    { externalId: "order_1" },
    { paymentId: "pay_2" },
    { recipient: { kind: "card", last4: "0000" } },
  ];
  for (
    const patch of [...others, ...others.map((one) => ({ ...one, status: "completed" as const }))]
  ) {
    const parked = report(submitted(), patch);
    assert.deepEqual([parked.submission, parked.status], ["review", "processing"]);
    assert.equal(parked.history.at(-1)?.move, "T13");
  }
});

Deno.test("applyReport() notes which fields differ", () => {
  const parked = report(submitted(), { amountMinor: 1, currency: "USD" });
  assert.equal(parked.history.at(-1)?.note, "Konsol differs in amount, currency");
});

Deno.test("applyReport() goes forward from pending to processing with an event", () => {
  const pending = link(submitting(), { status: "pending" });
  const forward = report(pending);
  assert.deepEqual([forward.submission, forward.status], ["submitted", "processing"]);
  assert.equal(forward.history.length, pending.history.length + 1);
});

Deno.test("applyReport() does not go back from processing to pending", () => {
  assert.equal(report(submitted(), { status: "pending" }).status, "processing");
});

Deno.test("applyReport() shows processing for a status that is not recognised, keeping its word", () => {
  const reported = report(submitted(), { status: undefined, statusText: "nalog_unbound" });
  assert.deepEqual([reported.submission, reported.status, reported.konsolStatus], [
    "submitted",
    "processing",
    "nalog_unbound",
  ]);
});

Deno.test("applyReport() of no news sets the next look and adds no event", () => {
  const payment = submitted();
  const same = report(payment);
  assert.deepEqual(same, { ...payment, dueAt: LOOK_AT, looks: payment.looks + 1 });
});

Deno.test("applyReport() counts a look for a poll only", () => {
  const payment = submitted();
  assert.equal(report(payment, {}, BY_WEBHOOK).looks, payment.looks);
  assert.equal(report(payment, {}, BY_REQUEST).looks, payment.looks);
});

Deno.test("applyReport() changes nothing before it is submitted and in review", () => {
  for (const payment of [queued(), submitting(), inDoubt(), inReview()]) {
    assert.equal(report(payment, { status: "completed" }), payment);
  }
});

Deno.test("applyReport() of the same end leaves a settled payment as it is", () => {
  for (const status of STATUSES.filter(isEnd)) {
    const payment = settled(status);
    assert.equal(report(payment, { status }, BY_WEBHOOK), payment);
  }
});

Deno.test("applyReport() of a poll after the end is a late look, and sets the next", () => {
  for (const status of [...STATUSES, undefined]) {
    const looked = report(settled("completed"), { status });
    assert.deepEqual([looked.looks, looked.dueAt], [1, NOW + DAY], status);
  }
});

Deno.test("applyReport() of another status flags a settled payment and moves nothing", () => {
  const payment = settled("completed");
  for (const status of STATUSES.filter((one) => one !== "completed")) {
    const flagged = reportAt(NOW + STALE_MAX_MS, payment, { status });
    const { submission, paidAt } = flagged;
    assert.deepEqual([submission, flagged.status, paidAt], ["settled", "completed", NOW]);
    assert.equal(detailOf(flagged), "provider_disagrees");
  }
});

Deno.test("applyReport() takes a status from before a fresh end for old, and another end for a contradiction", () => {
  const payment = settled("completed");
  for (const status of STATUSES.filter((one) => one !== "completed")) {
    const reported = reportAt(NOW + STALE_MAX_MS - 1, payment, { status }, BY_WEBHOOK);
    assert.equal(reported.providerDisagrees, isEnd(status) ? true : undefined, status);
    if (!isEnd(status)) assert.equal(reported, payment);
  }
});

Deno.test("applyReport() of a word that is not recognised contradicts no end", () => {
  const payment = settled("completed");
  const archived = { status: undefined, statusText: "archived" };
  assert.equal(report(payment, archived, BY_WEBHOOK), payment);
  assert.equal(detailOf(report(payment, archived)), undefined);
});

Deno.test("applyMissing() is T13 at the third denial, each at least an hour after the last", () => {
  const once = missing(submitted(), NOW);
  const twice = missing(once, NOW + MISSING_APART_MS);
  const thrice = missing(twice, NOW + 2 * MISSING_APART_MS);
  assert.deepEqual([once, twice, thrice].map(({ submission }) => submission), [
    "submitted",
    "submitted",
    "review",
  ]);
  assert.equal(thrice.history.at(-1)?.move, "T13");
});

Deno.test("applyMissing() counts denials within the hour as one", () => {
  const times = [0, 1, 30 * MINUTE, MISSING_APART_MS - 1].map((after) => NOW + after);
  const payment = times.reduce(missing, submitted());
  assert.deepEqual([payment.submission, payment.missingAt], ["submitted", [NOW]]);
});

Deno.test("denyCandidate() drops a candidate at the third denial, an hour apart, of what is not linked", () => {
  const deny = (payment: Payment, after: number) => denyCandidate(payment, LOOK_AT, NOW + after);
  const noted = noteCandidate(inDoubt(), "konsol_9", NOW);
  const once = deny(noted, 0);
  assert.deepEqual([once.candidateKonsolId, once.missingAt], ["konsol_9", [NOW]]);
  assert.equal(deny(once, MISSING_APART_MS - 1), once);
  const thrice = deny(deny(once, MISSING_APART_MS), 2 * MISSING_APART_MS);
  assert.deepEqual([thrice.candidateKonsolId, thrice.missingAt, thrice.dueAt], [
    undefined,
    [],
    LOOK_AT,
  ]);
});

Deno.test("denyCandidate() drops the candidate of what is linked at once, and keeps its own denials", () => {
  const linked = noteCandidate(missing(submitted(), NOW), "konsol_9", NOW);
  const after = denyCandidate(linked, LOOK_AT, LATER);
  assert.deepEqual([after.candidateKonsolId, after.missingAt], [undefined, [NOW]]);
});

Deno.test("applyReport() starts the count of denials anew once Konsol knows the id", () => {
  const twice = missing(missing(submitted(), NOW), NOW + MISSING_APART_MS);
  assert.deepEqual(report(twice).missingAt, []);
});

Deno.test("applyMissing() sets the next look and adds no event until it parks", () => {
  const payment = submitted();
  const once = missing(payment, LATER);
  assert.deepEqual([once.dueAt, once.looks], [LOOK_AT, payment.looks + 1]);
  assert.equal(once.history.length, payment.history.length);
});

Deno.test("applyMissing() changes nothing that is not submitted and has not ended", () => {
  for (const payment of [queued(), submitting(), inDoubt(), inReview()]) {
    assert.equal(missing(payment, LATER), payment);
  }
});

Deno.test("applyMissing() of a poll after the end is a late look, of others nothing", () => {
  const payment = settled();
  assert.deepEqual([missing(payment, LATER).looks, missing(payment, LATER).dueAt], [1, NOW + DAY]);
  assert.equal(applyMissing(payment, LOOK_AT, LATER, BY_WEBHOOK), payment);
});

Deno.test("applyReport() believes no end that does not say how much was paid", () => {
  for (const status of ["completed", "failed", "cancelled"] as const) {
    const after = report(submitted(), { status, amountMinor: undefined });
    assert.equal(after.submission, "submitted", status);
    assert.ok(!isEnd(after.status), status);
  }
});
