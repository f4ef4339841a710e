// Laws of newsOf(): which changes clients hear of, and as what.

import assert from "node:assert/strict";
import { detailOf, type Payment } from "../../domain/payment.ts";
import { newsOf } from "../../domain/payment_news.ts";
import { STATUSES } from "../../domain/payment_status.ts";
import { aPayment } from "../support/payments.ts";

Deno.test("newsOf() tells of a new payment as payment.created", () => {
  assert.equal(newsOf(undefined, aPayment()), "payment.created");
});

for (const status of ["completed", "failed", "cancelled"] as const) {
  Deno.test(`newsOf() tells of the end ${status} by its name`, () => {
    for (const before of ["pending", "processing"] as const) {
      assert.equal(newsOf(aPayment({ status: before }), aPayment({ status })), `payment.${status}`);
    }
  });
}

Deno.test("newsOf() tells of processing as payment.updated", () => {
  const after = aPayment({ submission: "submitted", status: "processing" });
  assert.equal(newsOf(aPayment(), after), "payment.updated");
});

const DETAILS: readonly Partial<Payment>[] = [
  { submission: "submitted" },
  { submission: "in_doubt" },
  { submission: "review" },
  { submission: "queued", maybeSentAt: 5 },
  { submission: "settled", providerDisagrees: true },
];

Deno.test("newsOf() tells of each change of the detail alone as payment.updated", () => {
  const shown = DETAILS.map((fields) => aPayment({ status: "processing", ...fields }));
  assert.equal(new Set(shown.map(detailOf)).size, DETAILS.length);
  for (const before of shown) {
    for (const after of shown) {
      assert.equal(newsOf(before, after), before === after ? undefined : "payment.updated");
    }
  }
});

Deno.test("newsOf() tells of an end that Konsol contradicts as payment.updated", () => {
  const before = aPayment({ submission: "settled", status: "completed" });
  assert.equal(newsOf(before, { ...before, providerDisagrees: true }), "payment.updated");
});

Deno.test("newsOf() is silent when neither status nor detail changed, whatever else did", () => {
  for (const status of STATUSES) {
    const before = aPayment({ status, submission: "submitted" });
    const after = { ...before, description: "another", konsolId: "k", looks: 3, dueAt: undefined };
    assert.equal(newsOf(before, after), undefined);
  }
});
