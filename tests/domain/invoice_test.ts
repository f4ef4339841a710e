// Laws of domain/invoice.ts.

import assert from "node:assert/strict";
import { changeInvoice, type Invoice, recordInvoice } from "../../domain/invoice.ts";
import { isEnd, type Status, STATUSES } from "../../domain/payment_status.ts";
import { NOW } from "../support/payment_states.ts";

const LATER = NOW + 1_000;

function invoice(status: Status = "pending"): Invoice {
  const details = { konsolId: "ki_1", amountMinor: 5_000, currency: "RUB", status, userId: 7 };
  return recordInvoice("inv_1", details, NOW);
}

Deno.test("recordInvoice() keeps what it is told, with its own id and times", () => {
  const { id, version, createdAt, updatedAt, ...kept } = invoice();
  assert.deepEqual([id, version, createdAt, updatedAt], ["inv_1", 1, NOW, NOW]);
  assert.deepEqual(kept, {
    konsolId: "ki_1",
    amountMinor: 5_000,
    currency: "RUB",
    status: "pending",
    userId: 7,
    paidAt: undefined,
  });
});

Deno.test("recordInvoice() dates an invoice that is recorded as completed, and no other", () => {
  const dates = STATUSES.map((status) => invoice(status).paidAt);
  assert.deepEqual(dates, [undefined, undefined, NOW, undefined, undefined]);
});

Deno.test("changeInvoice() goes forward from pending and processing to every later status", () => {
  for (const status of ["processing", "completed", "failed", "cancelled"] as const) {
    assert.equal(changeInvoice(invoice("pending"), { status }, LATER).status, status);
  }
  for (const status of STATUSES.filter(isEnd)) {
    assert.equal(changeInvoice(invoice("processing"), { status }, LATER).status, status);
  }
});

Deno.test("changeInvoice() takes the status that it has already for no change", () => {
  for (const status of STATUSES) {
    const changed = changeInvoice(invoice(status), { status }, LATER);
    assert.deepEqual(changed, { ...invoice(status), updatedAt: LATER });
  }
});

Deno.test("changeInvoice() refuses to go back and to leave an end", () => {
  const refused = [
    ["processing", "pending"],
    ...STATUSES.filter(isEnd).flatMap((end) =>
      STATUSES.filter((status) => status !== end).map((status) => [end, status] as const)
    ),
  ] as [Status, Status][];
  for (const [from, status] of refused) {
    assert.throws(() => changeInvoice(invoice(from), { status }, LATER), {
      code: "invoice_status_not_forward",
    }, `${from} -> ${status}`);
  }
});

Deno.test("changeInvoice() sets paidAt when it is completed and never again", () => {
  const paid = changeInvoice(invoice("processing"), { status: "completed" }, LATER);
  const later = changeInvoice(paid, { status: "completed", description: "paid" }, LATER + 1);
  assert.deepEqual([paid.paidAt, later.paidAt], [LATER, LATER]);
});

Deno.test("changeInvoice() sets no paidAt for another end", () => {
  assert.equal(changeInvoice(invoice(), { status: "failed" }, LATER).paidAt, undefined);
  assert.equal(changeInvoice(invoice(), { status: "cancelled" }, LATER).paidAt, undefined);
});

Deno.test("changeInvoice() leaves what it is not told of, also when told undefined", () => {
  const told = changeInvoice(invoice(), { description: "kept", metadata: { a: 1 } }, NOW);
  const later = changeInvoice(told, { description: undefined, dueDate: "2026-02-01" }, LATER);
  assert.deepEqual(later, { ...told, dueDate: "2026-02-01", updatedAt: LATER });
});
