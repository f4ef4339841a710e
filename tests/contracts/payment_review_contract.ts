// Laws of PaymentStore.listReviews(): everything that wants a person, and nothing else.

import assert from "node:assert/strict";
import type { Payment } from "../../domain/payment.ts";
import { needsReview } from "../../domain/payment_review.ts";
import { SUBMISSIONS } from "../../domain/submission_table.ts";
import { aPayment } from "../support/payments.ts";
import { listContract } from "./list_contract.ts";
import { asStored, idsOf, inserted, lawOf, type OpenStores, saved } from "./stores.ts";

const ALL = { perPage: 100, page: 1 };
/** Of those in review all are shown, of the others the second. */
const FLAGS: readonly Partial<Payment>[] = [
  {},
  { providerDisagrees: true },
  { providerDisagrees: true, acknowledgedAt: 7 },
];

export function paymentReviewContract(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("listReviews() shows exactly what the domain says needs a review", async (stores) => {
    const expected: string[] = [];
    for (const submission of SUBMISSIONS) {
      for (const flags of FLAGS) {
        const payment = await inserted(stores, { submission, ...flags });
        if (needsReview(payment)) expected.unshift(payment.id);
      }
    }
    const page = await stores.payments.listReviews(ALL);
    assert.deepEqual([idsOf(page.items), page.total], [expected, SUBMISSIONS.length + 2]);
  });

  law("listReviews() follows a payment into review and out of it", async (stores) => {
    const before = await inserted(stores, { submission: "in_doubt" });
    const parked = await saved(stores, before, { ...before, submission: "review" });
    assert.deepEqual((await stores.payments.listReviews(ALL)).items, [parked]);
    await saved(stores, parked, { ...parked, submission: "submitted", konsolId: "k" });
    assert.deepEqual((await stores.payments.listReviews(ALL)).items, []);
  });

  law("listReviews() shows a settled payment once Konsol disagrees with it", async (stores) => {
    const before = await inserted(stores, { submission: "settled", status: "completed" });
    assert.deepEqual((await stores.payments.listReviews(ALL)).items, []);
    const after = await saved(stores, before, { ...before, providerDisagrees: true });
    assert.deepEqual((await stores.payments.listReviews(ALL)).items, [asStored(after)]);
  });

  law(
    "listReviews() shows no more what a person has taken note of, until it is news again",
    async (stores) => {
      const told = { submission: "settled", status: "completed", providerDisagrees: true } as const;
      const before = await inserted(stores, told);
      const seen = await saved(stores, before, { ...before, acknowledgedAt: 1_000.5 });
      assert.equal(seen.acknowledgedAt, 1_000.5);
      assert.deepEqual((await stores.payments.listReviews(ALL)).items, []);
      const again = await saved(stores, seen, { ...seen, acknowledgedAt: undefined });
      assert.deepEqual((await stores.payments.listReviews(ALL)).items, [asStored(again)]);
    },
  );

  law("listReviews() pages and counts without what needs none", async (stores) => {
    const states = ["review", "queued", "review", "settled", "review"] as const;
    const all = states.map((submission, createdAt) => aPayment({ submission, createdAt }));
    for (const payment of all) await stores.payments.insertOrGet(payment);
    const first = await stores.payments.listReviews({ perPage: 2, page: 1 });
    const rest = await stores.payments.listReviews({ perPage: 2, page: 1, after: first.next });
    const expected = idsOf(all.filter(needsReview)).reverse();
    assert.deepEqual(idsOf([...first.items, ...rest.items]), expected);
    assert.deepEqual([first.total, rest.total, rest.next], [3, 3, undefined]);
  });

  listContract(name, open, {
    method: "listReviews",
    make: (createdAt) => aPayment({ createdAt, submission: "review" }),
    insert: ({ payments }, payment: Payment) => payments.insertOrGet(payment),
    list: ({ payments }, page) => payments.listReviews(page),
  });
}
