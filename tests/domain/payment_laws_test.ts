// Laws that hold for a payment whatever happens to it, in whatever order, tried with random lives.

import assert from "node:assert/strict";
import fc from "fast-check";
import { type Cause, describePayment, type Payment } from "../../domain/payment.ts";
import { flagDisagreement, lookAgain, parkForReview } from "../../domain/payment_change.ts";
import {
  applyMissing,
  applyReport,
  dropCandidate,
  linkKonsol,
  noteCandidate,
} from "../../domain/payment_following.ts";
import { decideNotPaid, noteCleanScan, resubmit } from "../../domain/payment_review.ts";
import {
  applyCreateOutcome,
  cancelQueued,
  doubtAnew,
  expireLease,
} from "../../domain/payment_sending.ts";
import { assertStorable } from "../../domain/payment_guard.ts";
import { furtherStatus, isEnd, STATUSES } from "../../domain/payment_status.ts";
import type { CreateOutcome, ProviderPayment } from "../../domain/provider_payment.ts";
import { Refusal } from "../../domain/refusal.ts";
import { IllegalMove, isReachable } from "../../domain/submission_table.ts";
import { claimed, HOUR, NEXT, NOW, queued, reportOf } from "../support/payment_states.ts";

/** Something that happens to a payment; the name is for the counterexample. */
interface Happening {
  readonly name: string;
  readonly to: (payment: Payment, now: number) => Payment;
}

const happening = (name: string, to: Happening["to"]): Happening => ({ name, to });

const cause: fc.Arbitrary<Cause> = fc.constantFrom<Cause>(
  { kind: "poll" },
  { kind: "webhook", id: "whk_1" },
  { kind: "request", id: "req_1" },
  { kind: "konsol_call" },
);

const patch: fc.Arbitrary<Partial<ProviderPayment>> = fc.record({
  status: fc.constantFrom(...STATUSES, undefined),
  konsolId: fc.constantFrom("konsol_1", "konsol_2"),
  amountMinor: fc.constantFrom(100_000, 100_000, 100_000, 1),
  paymentId: fc.constantFrom("pay_1", "pay_1", "pay_1", undefined),
  paidAt: fc.constantFrom(undefined, NOW),
}, { requiredKeys: ["status"] });

const outcome: fc.Arbitrary<(payment: Payment) => CreateOutcome> = fc.oneof(
  patch.map((told) => (payment: Payment) => ({
    kind: "accepted" as const,
    payment: reportOf(payment, told),
  })),
  fc.constantFrom<CreateOutcome>(
    { kind: "refused", code: "no", message: "no" },
    { kind: "not_executed", because: "not_connected", reason: "connection refused" },
    { kind: "unknown", reason: "timeout" },
    { kind: "unknown", reason: "other amount", konsolId: "konsol_9" },
  ).map((one) => () => one),
);

const reports: fc.Arbitrary<Happening> = fc.tuple(patch, cause).map(([told, by]) =>
  happening(
    `report ${JSON.stringify(told)}`,
    (payment, now) => applyReport(payment, reportOf(payment, told), now + HOUR, now, by),
  )
);

const links: fc.Arbitrary<Happening> = fc.tuple(patch, cause).map(([told, by]) =>
  happening(
    `link ${JSON.stringify(told)}`,
    (payment, now) => linkKonsol(payment, reportOf(payment, told), now + HOUR, now, by),
  )
);

const answers: fc.Arbitrary<Happening> = fc.tuple(outcome, fc.constantFrom(0, 0, 0, 1)).map(
  ([came, late]) =>
    happening(
      "answer",
      (payment, now) =>
        applyCreateOutcome(payment, payment.attempt - late, came(payment), NEXT, now),
    ),
);

const person = { attempt: 1, reason: "called Konsol", by: "anna" } as const;
const rules = { resubmitHorizonMs: HOUR, unworkedWebhooks: false };

const reviews: fc.Arbitrary<Happening> = fc.constantFrom(
  happening(
    "clean scan",
    (payment, now) => noteCleanScan(payment, { startedAt: now, shownUpTo: now }, now),
  ),
  happening("resubmit", resubmit),
  happening("restore", (payment, now) => payment.maybeSentAt ? doubtAnew(payment, now) : payment),
  ...([undefined, "letter 7"] as const).flatMap((konsolConfirmation) =>
    (["resubmit", "fail"] as const).map((then) =>
      happening(
        `not paid, ${then}, ${konsolConfirmation}`,
        (payment, now) =>
          decideNotPaid(payment, { ...person, then, konsolConfirmation }, rules, now),
      )
    )
  ),
);

const simple: fc.Arbitrary<Happening> = fc.constantFrom(
  happening("claim", claimed),
  happening("claim", claimed),
  happening("cancel", (payment, now) => cancelQueued(payment, now, { kind: "request" })),
  happening("lease expires", (payment, now) => expireLease(payment, now, now)),
  happening("missing", (payment, now) => applyMissing(payment, now, now, { kind: "poll" })),
  happening("candidate", (payment, now) => noteCandidate(payment, "konsol_9", now)),
  happening("drop", (payment, now) => dropCandidate(payment, now)),
  happening("flag", (payment, now) => flagDisagreement(payment, "two", now, { kind: "poll" })),
  happening("look", (payment, now) => lookAgain(payment, now)),
  happening("words", (payment, now) => describePayment(payment, { description: "new" }, now)),
  ...(["T10", "T13", "T14"] as const).map((move) =>
    happening(`park ${move}`, (payment, now) =>
      parkForReview(payment, move, "", now, {
        kind: "timer",
      }))
  ),
);

const lives = fc.array(
  fc.tuple(fc.oneof(simple, answers, reports, links, reviews), fc.nat(2 * HOUR)),
  {
    maxLength: 25,
  },
);

/** Lives every random life and shows `law` each step of it; what the domain refuses is no step. */
function eachStep(law: (before: Payment, after: Payment) => void): void {
  fc.assert(
    fc.property(lives, (life) => {
      let payment = queued();
      let now = NOW;
      for (const [{ to }, passed] of life) {
        now += passed;
        const after = attempt(() => to(payment, now));
        if (after === undefined) continue;
        law(payment, after);
        payment = after;
      }
    }),
    { numRuns: 500 },
  );
}

function attempt(step: () => Payment): Payment | undefined {
  try {
    return step();
  } catch (error) {
    const refused = error instanceof IllegalMove || error instanceof Refusal ||
      error instanceof Error && error.message.includes("fence is gone");
    if (!refused) throw error;
    return undefined;
  }
}

Deno.test("a payment only goes where the table leads", () => {
  eachStep((before, after) => assert.ok(isReachable(before.submission, after.submission)));
});

Deno.test("a payment never becomes what the stores' guard refuses", () => {
  eachStep(assertStorable);
});

Deno.test("a payment's shown status never goes back and never leaves an end", () => {
  eachStep((before, after) => {
    assert.equal(furtherStatus(before.status, after.status), after.status);
  });
});

Deno.test("a payment that shows an end is settled, and a settled one shows an end", () => {
  eachStep((_, after) => assert.equal(isEnd(after.status), after.submission === "settled"));
});

Deno.test("a payment's maybeSentAt is never cleared nor changed", () => {
  eachStep((before, after) => {
    if (before.maybeSentAt !== undefined) assert.equal(after.maybeSentAt, before.maybeSentAt);
  });
});

Deno.test("a payment in doubt was maybe sent", () => {
  eachStep((_, after) => {
    if (after.submission === "in_doubt") assert.notEqual(after.maybeSentAt, undefined);
  });
});

Deno.test("a payment's attempt grows by one with each claim and never otherwise", () => {
  eachStep((before, after) => {
    const claims = after.submission === "submitting" && before.submission === "queued";
    assert.equal(after.attempt, before.attempt + (claims ? 1 : 0));
  });
});

Deno.test("a payment's lease is there exactly while it is submitting", () => {
  eachStep((_, after) => {
    assert.equal(after.lease !== undefined, after.submission === "submitting");
  });
});

Deno.test("a payment's sealed number is gone once Konsol has or contradicts it or it ended, and only then", () => {
  eachStep((before, after) => {
    const had = "sealedNumber" in before.recipient;
    const { submission, providerDisagrees } = after;
    const shredded = submission === "submitted" || submission === "settled" ||
      providerDisagrees === true;
    assert.equal("sealedNumber" in after.recipient, had && !shredded);
  });
});

Deno.test("a payment's history keeps every event and gets one with each state change", () => {
  eachStep((before, after) => {
    const added = after.history.slice(before.history.length);
    assert.deepEqual(after.history.slice(0, before.history.length), before.history);
    assert.ok(added.length <= 1);
    const changed = before.submission !== after.submission || before.status !== after.status;
    if (changed) assert.equal(added.length, 1);
  });
});

Deno.test("a payment's event tells the state after it, and names the move of a state change", () => {
  eachStep((before, after) => {
    const event = after.history[before.history.length];
    if (event === undefined) return;
    const { submission, status, attempt: fence } = event;
    assert.deepEqual([submission, status, fence], [after.submission, after.status, after.attempt]);
    assert.equal(event.move !== undefined, before.submission !== after.submission);
  });
});

Deno.test("a payment never loses its Konsol id, and only a link changes it", () => {
  eachStep((before, after) => {
    if (after.konsolId === before.konsolId) return;
    assert.notEqual(after.konsolId, undefined);
    assert.match(after.history.at(-1)?.move ?? "", /^T[58]$/);
  });
});

Deno.test("a payment has a date of payment exactly when it is completed", () => {
  eachStep((_, after) => assert.equal(after.paidAt !== undefined, after.status === "completed"));
});

Deno.test("a payment has a failure exactly when it is failed", () => {
  eachStep((_, after) => assert.equal(after.failure !== undefined, after.status === "failed"));
});

Deno.test("a payment keeps what was asked for, whatever happens", () => {
  eachStep(({ amountMinor, currency, externalId, id, createdAt, fieldHashes }, after) => {
    const asked = { amountMinor, currency, externalId, id, createdAt, fieldHashes };
    assert.deepEqual({ ...after, ...asked }, after);
  });
});

Deno.test("a payment that ends waits for its candidate and late looks if Konsol has any, or for nothing", () => {
  eachStep((before, after) => {
    const ends = before.submission !== "settled" && after.submission === "settled";
    if (!ends) return;
    const { konsolId, candidateKonsolId, submissionSince } = after;
    if (candidateKonsolId !== undefined) assert.equal(after.dueAt, submissionSince);
    else assert.equal(after.dueAt, konsolId && submissionSince + HOUR);
  });
});
