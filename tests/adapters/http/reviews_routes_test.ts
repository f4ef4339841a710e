// Laws of adapters/http/reviews_routes.ts, review_requests.ts and review_view.ts.

import assert from "node:assert/strict";
import { reviewView } from "../../../adapters/http/review_view.ts";
import type { Payment } from "../../../domain/payment.ts";
import { flagDisagreement, parkForReview } from "../../../domain/payment_change.ts";
import { applyReport } from "../../../domain/payment_following.ts";
import { Refusal } from "../../../domain/refusal.ts";
import { CARD_PAYMENT } from "../../support/fake_application.ts";
import { errorsOf, httpApi, jsonOf } from "../../support/http_api.ts";
import {
  BY_POLL,
  HOUR,
  inReview,
  NOW,
  queued,
  reportOf,
  settled,
  submitted,
} from "../../support/payment_states.ts";

const PATH = "/konsol/payments/pay_01/review";
const PAID = { attempt: 1, decision: "paid", konsol_id: "k-7", reason: "seen", by: "Anna" };
const NOT_PAID = { attempt: 1, decision: "not_paid", then: "fail", reason: "asked", by: "Anna" };

const reviewOf = (payment: Payment, notPaidAllowedFrom?: number) =>
  reviewView({ payment, notPaidAllowedFrom, lostKonsolIds: [] }).review;

async function wrongIn(body: unknown): Promise<string[]> {
  const api = httpApi();
  const response = await api.ask("POST", PATH, { body });
  assert.deepEqual([response.status, api.calls], [422, []]);
  return errorsOf(response);
}

Deno.test("GET /konsol/reviews answers each payment with its evidence, what is absent left out", async () => {
  const { items, total, page, per_page } = await jsonOf(httpApi().ask("GET", "/konsol/reviews"));
  const { review, ...payment } = items[0];
  assert.deepEqual([total, page, per_page, items.length], [1, 1, 10, 1]);
  assert.deepEqual([payment.id, payment.detail, payment.amount], [
    "pay_01",
    "under_review",
    1000.1,
  ]);
  assert.deepEqual(review, {
    attempt: 1,
    since: "2026-01-31T13:00:00.007Z",
    reason: "not found at Konsol",
    sent: {
      attempts: 1,
      first_sent_at: "2026-01-31T12:00:01.007Z",
      sent_not_after: "2026-01-31T12:00:06.007Z",
    },
    seen: { clean_scans: 4, last_clean_scan_at: "2026-01-31T12:50:00.007Z" },
    search_for: { external_id: "order_123", payment_id: "pay_01" },
    decisions: ["paid", "not_paid"],
    not_paid_allowed_from: "2026-02-01T12:00:06.007Z",
  });
});

Deno.test("GET /konsol/reviews shows no hash, key, seal or whole card number", async () => {
  const text = await (await httpApi().ask("GET", "/konsol/reviews")).text();
  assert.doesNotMatch(text, /secret/);
});

Deno.test("GET /konsol/reviews asks for the page or the cursor that is wanted, and for no filter", async () => {
  const api = httpApi();
  const { next_cursor } = await jsonOf(api.ask("GET", "/konsol/reviews?page=2&per_page=50"));
  const next = await jsonOf(api.ask("GET", `/konsol/reviews?cursor=${next_cursor}`));
  assert.equal(next.page, undefined);
  assert.deepEqual(api.calls.map(({ args }) => args), [
    [{ perPage: 50, page: 2 }],
    [{
      perPage: 10,
      page: 1,
      after: { createdAt: Date.UTC(2026, 0, 31, 12, 0, 0, 7), id: "pay_01" },
    }],
  ]);
  const wrong = await api.ask("GET", "/konsol/reviews?status=failed&page=0&page=1&per_page=101");
  assert.equal(wrong.status, 422);
  assert.deepEqual((await errorsOf(wrong)).sort(), [
    "page duplicate",
    "per_page number_invalid",
    "status unknown_field",
  ]);
});

Deno.test("reviewView() names what Konsol has, and our id where the client gave no external_id", () => {
  const parked = parkForReview(submitted(), "T13", "Konsol differs", NOW + HOUR, BY_POLL);
  const review = reviewOf({ ...parked, externalId: undefined, candidateKonsolId: "konsol_2" });
  assert.equal(review.search_for.external_id, parked.id);
  assert.deepEqual(
    [review.seen.konsol_id, review.seen.konsol_status, review.seen.candidate_konsol_id],
    ["konsol_1", "processing", "konsol_2"],
  );
});

Deno.test("reviewView() offers no paid for what was never sent", () => {
  const unsent = parkForReview(queued(), "T14", "unsent for long", NOW, { kind: "timer" });
  const { attempt, decisions, sent } = reviewOf(unsent);
  assert.deepEqual([attempt, decisions, sent.first_sent_at], [0, ["not_paid"], undefined]);
});

Deno.test("reviewView() offers paid, too, for what may have been paid by a row that a restore lost", () => {
  const unsent = parkForReview(queued(), "T14", "may be a repeat", NOW, { kind: "timer" });
  const { review } = reviewView({ payment: unsent, lostKonsolIds: ["konsol_7"] });
  assert.deepEqual(review.decisions, ["paid", "not_paid"]);
  assert.deepEqual(review.seen.lost_konsol_ids, ["konsol_7"]);
});

Deno.test("reviewView() offers to take note of a late truth, and tells since when and why", () => {
  const flagged = flagDisagreement(settled(), "Konsol now says failed", NOW + HOUR, BY_POLL);
  const { decisions, since, reason, not_paid_allowed_from } = reviewOf(flagged, NOW);
  assert.deepEqual([decisions, not_paid_allowed_from], [["acknowledge"], undefined]);
  assert.deepEqual([since, reason], ["2026-01-15T13:00:00.000Z", "Konsol now says failed"]);
});

Deno.test("reviewView() takes Konsol's later news for no explanation", () => {
  const second = "Konsol has a second payment for it: konsol_2";
  const flagged = flagDisagreement(submitted(), second, NOW + HOUR, BY_POLL);
  const report = reportOf(flagged, { statusText: "manualpay" });
  const told = applyReport(flagged, report, undefined, NOW + 2 * HOUR, BY_POLL);
  assert.equal(told.history.at(-1)?.note, "Konsol says manualpay");
  const { since, reason } = reviewOf(told);
  assert.deepEqual([since, reason], ["2026-01-15T13:00:00.000Z", second]);
});

Deno.test("reviewView() tells what came up while it was in review, and since when it is there", () => {
  const flagged = flagDisagreement(inReview(), "Konsol's k names it, but", NOW + HOUR, BY_POLL);
  const { since, reason } = reviewOf(flagged);
  assert.deepEqual([since, reason], ["2026-01-15T12:00:00.000Z", "Konsol's k names it, but"]);
});

Deno.test("POST /konsol/payments/{id}/review hands on paid with Konsol's id and answers the payment", async () => {
  const api = httpApi();
  const response = await api.ask("POST", PATH, { body: PAID });
  assert.equal(response.status, 200);
  assert.equal((await jsonOf(response)).id, CARD_PAYMENT.id);
  const { konsol_id: konsolId, ...decision } = PAID;
  assert.deepEqual(api.calls, [{
    name: "decideReview",
    args: ["pay_01", { ...decision, konsolId }],
  }]);
});

Deno.test("POST /konsol/payments/{id}/review hands on acknowledge, and takes no field of another decision", async () => {
  const body = { ...PAID, decision: "acknowledge", konsol_id: undefined };
  const since = "2026-01-31T13:00:00.007Z";
  const api = httpApi();
  assert.equal((await api.ask("POST", PATH, { body: { ...body, since } })).status, 200);
  const { konsol_id: _, ...said } = body;
  assert.deepEqual(api.calls.map(({ args }) => args), [
    ["pay_01", { ...said, since: Date.parse(since) }],
  ]);
  assert.deepEqual(await wrongIn(body), ["since required"]);
  assert.deepEqual(await wrongIn({ ...PAID, since }), ["since not_for_this_decision"]);
  const more = { konsol_id: "k-7", then: "fail", konsol_confirmation: "letter 5" };
  assert.deepEqual((await wrongIn({ ...body, since, ...more })).sort(), [
    "konsol_confirmation not_for_this_decision",
    "konsol_id not_for_this_decision",
    "then not_for_this_decision",
  ]);
});

Deno.test("POST /konsol/payments/{id}/review hands on not_paid, with Konsol's word or without", async () => {
  for (const then of ["resubmit", "fail"]) {
    const api = httpApi();
    await api.ask("POST", PATH, { body: { ...NOT_PAID, attempt: 0, then } });
    const body = { ...NOT_PAID, then, konsol_confirmation: "letter 5" };
    await api.ask("POST", PATH, { body });
    assert.deepEqual(api.calls.map(({ args }) => args[1]), [
      { ...NOT_PAID, attempt: 0, then },
      { ...NOT_PAID, then, konsolConfirmation: "letter 5" },
    ]);
  }
});

Deno.test("POST /konsol/payments/{id}/review tells every wrong field at once", async () => {
  assert.deepEqual(await wrongIn({}), [
    "attempt required",
    "decision required",
    "reason required",
    "by required",
  ]);
  const all = { attempt: -1, decision: "maybe", konsol_id: " ", then: "wait", reason: " ", by: "" };
  assert.deepEqual(await wrongIn({ ...all, konsol_confirmation: 7, who: "me" }), [
    "attempt too_small",
    "decision invalid_value",
    "konsol_id id_invalid",
    "then invalid_value",
    "konsol_confirmation invalid_type",
    "reason text_empty",
    "by name_invalid",
    "who unknown_field",
  ]);
});

Deno.test("POST /konsol/payments/{id}/review takes nothing that is the other decision's", async () => {
  const both = { konsol_id: "k-7", then: "fail", konsol_confirmation: "letter 5" };
  assert.deepEqual(await wrongIn({ ...PAID, ...both }), [
    "then not_for_this_decision",
    "konsol_confirmation not_for_this_decision",
  ]);
  assert.deepEqual(await wrongIn({ ...NOT_PAID, ...both }), ["konsol_id not_for_this_decision"]);
  assert.deepEqual(await wrongIn({ ...PAID, konsol_id: undefined }), ["konsol_id required"]);
  assert.deepEqual(await wrongIn({ ...NOT_PAID, then: undefined }), ["then required"]);
});

Deno.test("POST /konsol/payments/{id}/review takes words of a bounded length, in text", async () => {
  const longest = { reason: "р".repeat(1000), by: "b".repeat(100) };
  const body = { ...NOT_PAID, ...longest, konsol_confirmation: "c\n".repeat(1000) };
  assert.equal((await httpApi().ask("POST", PATH, { body })).status, 200);
  const longer = { reason: "р".repeat(1001), by: "b".repeat(101) };
  assert.deepEqual(await wrongIn({ ...body, ...longer, konsol_confirmation: "c".repeat(2001) }), [
    "reason too_long",
    "by name_invalid",
    "konsol_confirmation too_long",
  ]);
  assert.deepEqual(await wrongIn({ ...body, attempt: 1.5, reason: "\0", by: "A\nB" }), [
    "attempt invalid_type",
    "reason text_invalid",
    "by name_invalid",
  ]);
});

Deno.test("POST /konsol/payments/{id}/review masks cards and phones in what a person wrote", async () => {
  const api = httpApi();
  const text =
    "card 2200 7000 0000 0000, phone +79123456789, k 6a1f6c0e-4f1b-4a51-9f3c-2f6f0a0d8b11";
  const body = { ...NOT_PAID, reason: text, by: "Anna +79123456789", konsol_confirmation: text };
  await api.ask("POST", PATH, { body });
  const handedOn = JSON.stringify(api.calls);
  assert.doesNotMatch(handedOn, /2200 7000 0000 0000|9123456789/);
  assert.match(handedOn, /6a1f6c0e-4f1b-4a51-9f3c-2f6f0a0d8b11/);
});

Deno.test("POST /konsol/payments/{id}/review answers too early with 409 and from when it is allowed", async () => {
  const allowedFrom = Date.UTC(2026, 1, 1, 12);
  const refusal = new Refusal("review_too_early", "Cannot x as y: z", { allowedFrom });
  const api = httpApi({ decideReview: () => Promise.reject(refusal) });
  const response = await api.ask("POST", PATH, { body: NOT_PAID });
  assert.equal(response.status, 409);
  assert.equal(response.headers.get("Retry-After"), "Sun, 01 Feb 2026 12:00:00 GMT");
  const { code, allowed_from } = await jsonOf(response);
  assert.deepEqual([code, allowed_from], ["review_too_early", "2026-02-01T12:00:00.000Z"]);
});

Deno.test("POST /konsol/payments/{id}/review finds no payment by an id that nothing can have", async () => {
  const api = httpApi();
  const response = await api.ask("POST", "/konsol/payments/%00/review", { body: PAID });
  assert.deepEqual([response.status, (await jsonOf(response)).code], [404, "payment_not_found"]);
  assert.deepEqual(api.calls, []);
});
