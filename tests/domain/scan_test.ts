// Laws of domain/scan.ts: what one reading of Konsol's list says of a payment that is in doubt.

import assert from "node:assert/strict";
import type { Payment } from "../../domain/payment.ts";
import type { ProviderPayment } from "../../domain/provider_payment.ts";
import {
  judgeScan,
  type Scan,
  SCANS_APART_MS,
  type Verdict,
  whyNotWhole,
} from "../../domain/scan.ts";
import {
  HOUR,
  inDoubt,
  inReview,
  MINUTE,
  NOW,
  queued,
  reportOf,
} from "../support/payment_states.ts";

/** Sent at NOW, and not after 5 s past it. */
const PAYMENT = inDoubt();
const SENT_BY = NOW + 5_000;

/** Of another payment of ours, older than the one in doubt. */
const OLDER: ProviderPayment = {
  konsolId: "konsol_of_before",
  status: "completed",
  statusText: "completed",
  paymentId: "pay_of_before",
  externalId: "order_1",
  createdAt: NOW - MINUTE,
};

/** A whole reading that begins a minute after SENT_BY and shows what was sent after it. */
function scan(patch: Partial<Scan> = {}): Scan {
  const startedAt = patch.startedAt ?? SENT_BY + MINUTE;
  return {
    startedAt,
    finishedAt: startedAt + 1_000,
    complete: true,
    from: NOW - HOUR,
    rows: [OLDER],
    shownUpTo: SENT_BY + 1,
    ...patch,
  };
}

const EARLIER = scan();
const LATER = scan({ startedAt: EARLIER.finishedAt + SCANS_APART_MS });

function kindOf(verdict: Verdict): string {
  return verdict.kind;
}

/** The reason of the verdict, which must be "unclear". */
function unclear(payment: Payment, later: Scan, earlier: Scan | undefined = EARLIER): string {
  const verdict = judgeScan(payment, later, earlier);
  return verdict.kind === "unclear" ? verdict.reason : assert.fail(`it is ${verdict.kind}`);
}

function withRows(...rows: readonly ProviderPayment[]): Scan {
  return { ...LATER, rows: [OLDER, ...rows] };
}

Deno.test("judgeScan() finds the one row that names the payment and agrees with it", () => {
  const row = reportOf(PAYMENT);
  assert.deepEqual(judgeScan(PAYMENT, withRows(row), undefined), { kind: "found", row });
});

Deno.test("judgeScan() finds a row in a list that could not be read whole, too", () => {
  const row = reportOf(PAYMENT);
  const gapped = { ...withRows(row), complete: false, gap: "a row cannot be read" };
  assert.equal(kindOf(judgeScan(PAYMENT, gapped, undefined)), "found");
});

Deno.test("judgeScan() finds an early attempt's row for a payment that is queued again", () => {
  const again: Payment = { ...queued(), firstClaimedAt: NOW, maybeSentAt: NOW, attempt: 1 };
  assert.equal(kindOf(judgeScan(again, withRows(reportOf(again)), undefined)), "found");
});

Deno.test("judgeScan() of two rows that name it is a contradiction, with both ids", () => {
  const rows = ["konsol_1", "konsol_2"].map((konsolId) => reportOf(PAYMENT, { konsolId }));
  assert.deepEqual(judgeScan(PAYMENT, withRows(...rows), EARLIER), {
    kind: "contradiction",
    reason: "Konsol has 2 payments for it: konsol_1, konsol_2",
    konsolIds: ["konsol_1", "konsol_2"],
  });
});

Deno.test("judgeScan() of a row that names it and differs is a contradiction, with every reason", () => {
  const differing = reportOf(PAYMENT, { amountMinor: 1, currency: "USD" });
  assert.deepEqual(judgeScan(PAYMENT, withRows(differing), EARLIER), {
    kind: "contradiction",
    reason: "Konsol's konsol_1 names it, but amount differs; currency differs",
    konsolIds: ["konsol_1"],
  });
});

Deno.test("judgeScan() of a row that names it and is older than its first claim is a contradiction", () => {
  const old = reportOf(PAYMENT, { createdAt: NOW - HOUR });
  assert.equal(kindOf(judgeScan(PAYMENT, withRows(old), EARLIER)), "contradiction");
});

Deno.test("judgeScan() takes another payment's row for no sign of it", () => {
  const another = reportOf(PAYMENT, { paymentId: "pay_2", externalId: "order_of_pay_2" });
  assert.deepEqual(judgeScan(PAYMENT, withRows(another), EARLIER), { kind: "absent" });
});

Deno.test("judgeScan() believes in absence after two whole readings a minute apart", () => {
  for (const payment of [PAYMENT, inReview()]) {
    assert.deepEqual(judgeScan(payment, LATER, EARLIER), { kind: "absent" });
  }
});

Deno.test("judgeScan() is unclear after one reading", () => {
  assert.match(
    unclear(PAYMENT, { ...LATER }, { ...EARLIER, complete: false }),
    /no earlier complete/,
  );
  const verdict = judgeScan(PAYMENT, LATER, undefined);
  assert.deepEqual(verdict, { kind: "unclear", reason: "there is no earlier complete scan" });
});

Deno.test("judgeScan() is unclear when the earlier reading did not go back to the first claim", () => {
  assert.match(unclear(PAYMENT, LATER, { ...EARLIER, from: NOW + 1 }), /no earlier complete/);
  const justEnough = judgeScan(PAYMENT, LATER, { ...EARLIER, from: NOW });
  assert.equal(kindOf(justEnough), "absent");
});

Deno.test("judgeScan() is unclear when less than a minute lies between the two readings", () => {
  const soon = { ...LATER, startedAt: EARLIER.finishedAt + SCANS_APART_MS - 1 };
  assert.match(unclear(PAYMENT, soon), /too close/);
});

Deno.test("judgeScan() is unclear when the earlier reading began while it could still be sent", () => {
  const early = scan({ startedAt: SENT_BY });
  assert.match(unclear(PAYMENT, LATER, early), /could still be sent/);
  assert.equal(
    kindOf(judgeScan(PAYMENT, LATER, { ...early, startedAt: SENT_BY + 1 })),
    "absent",
  );
});

Deno.test("judgeScan() is unclear when the list shows nothing that we sent after it", () => {
  assert.match(unclear(PAYMENT, { ...LATER, shownUpTo: SENT_BY }), /sent after it/);
  assert.match(unclear(PAYMENT, { ...LATER, shownUpTo: -Infinity }), /sent after it/);
});

Deno.test("judgeScan() is unclear for what only an older system may have sent", () => {
  const [first, ...rest] = PAYMENT.history;
  const cause = { kind: "timer", id: "brought over from the older system" } as const;
  const olders = { ...PAYMENT, attempt: 0, history: [{ ...first!, cause }, ...rest] };
  assert.match(unclear(olders, LATER), /older system/);
  assert.equal(judgeScan({ ...olders, attempt: 1 }, LATER, EARLIER).kind, "absent");
});

Deno.test("judgeScan() is unclear for a payment of which nobody knows until when it was sent", () => {
  assert.match(unclear({ ...PAYMENT, sendNotAfter: undefined }, LATER), /sent after it/);
});

Deno.test("judgeScan() is unclear when the list could not be read whole, and says why", () => {
  const gapped = { ...LATER, complete: false, gap: "pages do not overlap" };
  assert.equal(
    unclear(PAYMENT, gapped),
    "the list could not be read whole: pages do not overlap",
  );
});

Deno.test("judgeScan() is unclear when the reading did not go back to the first claim", () => {
  assert.match(unclear(PAYMENT, { ...LATER, from: NOW + 1 }), /not go back far enough/);
});

Deno.test("judgeScan() goes back to its creation where no claim is recorded", () => {
  const unclaimed = { ...PAYMENT, firstClaimedAt: undefined, createdAt: NOW - MINUTE };
  assert.equal(kindOf(judgeScan(unclaimed, { ...LATER, from: NOW - MINUTE }, EARLIER)), "absent");
  assert.match(unclear(unclaimed, { ...LATER, from: NOW - MINUTE + 1 }), /not go back far enough/);
});

Deno.test("judgeScan() is unclear while a row has its external_id and names no payment, or another", () => {
  const stranger = reportOf(PAYMENT, { paymentId: undefined });
  for (const row of [stranger, { ...stranger, paymentId: "pay_of_another" }]) {
    assert.match(unclear(PAYMENT, withRows(row)), /konsol_1 has its external_id and does not name/);
  }
});

Deno.test("judgeScan() knows a stranger's row by our id where the client gave no external_id", () => {
  const unnamed: Payment = { ...PAYMENT, externalId: undefined };
  const stranger = reportOf(unnamed, { paymentId: undefined });
  assert.match(unclear(unnamed, withRows(stranger)), /has its external_id/);
});

Deno.test("judgeScan() takes rows with other handles for no stranger of its", () => {
  const other = reportOf(PAYMENT, { paymentId: undefined, externalId: "order_125" });
  assert.equal(kindOf(judgeScan(PAYMENT, withRows(other), EARLIER)), "absent");
});

Deno.test("judgeScan() is unclear when the later reading lacks a row that the earlier one held", () => {
  assert.match(unclear(PAYMENT, { ...LATER, rows: [] }), /older rows are missing/);
});

Deno.test("judgeScan() misses no row that is older than both readings went back to", () => {
  const ancient = { ...OLDER, konsolId: "konsol_0", createdAt: NOW - HOUR - 1 };
  const earlier = { ...EARLIER, rows: [OLDER, ancient] };
  assert.equal(kindOf(judgeScan(PAYMENT, LATER, earlier)), "absent");
  const asFarAsNeeded = { ...ancient, createdAt: NOW - HOUR };
  assert.match(
    unclear(PAYMENT, LATER, { ...EARLIER, rows: [OLDER, asFarAsNeeded] }),
    /older rows are missing/,
  );
});

Deno.test("judgeScan() misses a row that does not say when it was created", () => {
  const timeless = { ...OLDER, konsolId: "konsol_0", createdAt: undefined };
  assert.match(
    unclear(PAYMENT, LATER, { ...EARLIER, rows: [OLDER, timeless] }),
    /older rows are missing/,
  );
});

Deno.test("whyNotWhole() is satisfied by two complete readings that go back far enough, the later with all of the earlier", () => {
  const since = NOW - HOUR;
  assert.equal(whyNotWhole({ scan: LATER, earlier: EARLIER }, since), undefined);
  const refused: readonly (readonly [scan: Scan, earlier: Scan | undefined, reason: RegExp])[] = [
    [{ ...LATER, complete: false, gap: "a row" }, EARLIER, /not be read whole: a row/],
    [{ ...LATER, from: since + 1 }, EARLIER, /not go back far enough/],
    [LATER, undefined, /no earlier complete scan/],
    [LATER, { ...EARLIER, complete: false }, /no earlier complete scan/],
    [LATER, { ...EARLIER, from: since + 1 }, /no earlier complete scan/],
    [{ ...LATER, rows: [] }, EARLIER, /older rows are missing/],
  ];
  for (const [scan, earlier, reason] of refused) {
    assert.match(whyNotWhole({ scan, earlier }, since) ?? "", reason);
  }
});
