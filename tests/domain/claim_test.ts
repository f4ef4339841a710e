// Laws of domain/claim.ts.

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  CLAIM_ID,
  CLAIM_PREFIX,
  claimDescription,
  claimExternalId,
  claimRetryExternalId,
} from "../../domain/claim.ts";
import type { Payment } from "../../domain/payment.ts";
import { flagDisagreement } from "../../domain/payment_change.ts";
import { decideNotPaid, needsReview } from "../../domain/payment_review.ts";
import { BY_POLL, DAY, inReview, NOW, oneInEachState, settled } from "../support/payment_states.ts";

const claimId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/).filter((id) =>
  CLAIM_ID.test(id)
);

function failed(externalId: string | undefined): Payment {
  return { ...settled("failed"), externalId };
}

Deno.test("claimExternalId() and claimDescription() are the seed's", () => {
  assert.equal(claimExternalId("77"), "claim_77");
  assert.equal(claimDescription("77"), "Оплата по заявке 77");
});

Deno.test("claimExternalId() begins with the prefix that only claims may use", () => {
  fc.assert(fc.property(claimId, (id) => claimExternalId(id).startsWith(CLAIM_PREFIX)));
});

Deno.test("CLAIM_ID takes up to 100 letters, digits, dots, dashes and underscores", () => {
  const good = ["1", "77", "a-b.c_d", "order_r2d2", "x_r", "_r2x".slice(1), "a".repeat(100)];
  assert.deepEqual(good.filter((id) => !CLAIM_ID.test(id)), []);
});

Deno.test("CLAIM_ID refuses what is empty, too long, oddly begun or has other characters", () => {
  const bad = ["", "-a", "_a", ".a", "a b", "a/b", "a\n", "заявка", "a".repeat(101)];
  assert.deepEqual(bad.filter((id) => CLAIM_ID.test(id)), []);
});

Deno.test("CLAIM_ID refuses an id that reads as a retry of another claim", () => {
  assert.deepEqual(["7_r2", "7_r10", "a_r2_r3", "7_r0"].filter((id) => CLAIM_ID.test(id)), []);
});

Deno.test("claimRetryExternalId() counts on from the payment before: _r2, _r3, _r11", () => {
  const retried = ["claim_77", "claim_77_r2", "claim_77_r10"].map((externalId) =>
    claimRetryExternalId("77", failed(externalId))
  );
  assert.deepEqual(retried, ["claim_77_r2", "claim_77_r3", "claim_77_r11"]);
});

Deno.test("claimRetryExternalId() allows it after a cancelled payment too", () => {
  const previous = { ...settled("cancelled"), externalId: "claim_77" };
  assert.equal(claimRetryExternalId("77", previous), "claim_77_r2");
});

Deno.test("claimRetryExternalId() refuses while the payment before is open or completed", () => {
  for (const open of oneInEachState()) {
    const previous = { ...open, externalId: "claim_77" };
    assert.throws(() => claimRetryExternalId("77", previous), {
      code: "claim_retry_not_allowed",
    }, open.submission);
  }
});

Deno.test("claimRetryExternalId() refuses a payment that is not this claim's", () => {
  const others = [undefined, "order_1", "claim_7", "claim_777", "claim_77_r", "claim_77_r2x"];
  for (const externalId of [...others, "claim_77_r02", "claim_77_rr2", "claim_77_r-1"]) {
    assert.throws(() => claimRetryExternalId("77", failed(externalId)), {
      code: "claim_retry_not_allowed",
    }, externalId);
  }
});

Deno.test("claimRetryExternalId() never gives what another claim's payments are called", () => {
  fc.assert(fc.property(claimId, claimId, fc.integer({ min: 1, max: 50 }), (one, other, round) => {
    fc.pre(one !== other);
    const first = claimExternalId(one);
    const retried = claimRetryExternalId(one, failed(round === 1 ? first : `${first}_r${round}`));
    assert.notEqual(retried, claimExternalId(other));
    assert.throws(() => claimRetryExternalId(other, failed(retried)));
  }));
});

Deno.test("claimRetryExternalId() refuses a payment that Konsol may have paid after all", () => {
  for (const doubt of [{ providerDisagrees: true }, { candidateKonsolId: "konsol_9" }] as const) {
    const previous = { ...failed("claim_7"), ...doubt };
    assert.throws(() => claimRetryExternalId("7", previous), { code: "claim_retry_not_allowed" });
  }
});

Deno.test("claimRetryExternalId() takes Konsol's written word that it never was paid, until Konsol says otherwise", () => {
  const shown = { ...inReview(), ...flagDisagreement(inReview(), "Konsol has two", NOW, BY_POLL) };
  const written = { attempt: 1, reason: "asked", by: "anna", konsolConfirmation: "letter 7" };
  const rules = { resubmitHorizonMs: DAY, unworkedWebhooks: false };
  const denied = decideNotPaid(shown, { ...written, then: "fail" }, rules, NOW);
  assert.ok(!needsReview(denied), "it is answered");
  const previous = { ...denied, externalId: "claim_7" };
  assert.equal(claimRetryExternalId("7", previous), "claim_7_r2");
  const again = flagDisagreement(previous, "Konsol has a payment for it", NOW, BY_POLL);
  assert.ok(needsReview(again));
  assert.throws(() => claimRetryExternalId("7", again), { code: "claim_retry_not_allowed" });
});
