// Laws of application/adopt_konsol_payment.ts: what is found is linked once, told when it differs, and never guessed.

import assert from "node:assert/strict";
import { type Adoption, adoptKonsolPayment } from "../../application/adopt_konsol_payment.ts";
import type { Cause, Payment } from "../../domain/payment.ts";
import { flagDisagreement } from "../../domain/payment_change.ts";
import type { ProviderPayment } from "../../domain/provider_payment.ts";
import { openRig, type Rig } from "../support/application_rig.ts";
import { alarmsOf } from "../support/instances.ts";
import {
  BY_POLL,
  inDoubt,
  inReview,
  NOW,
  queued,
  reportOf,
  settled,
  submitted,
  submitting,
} from "../support/payment_states.ts";

const BY_PERSON: Cause = { kind: "person", id: "anna" };

interface Found {
  readonly report?: Partial<ProviderPayment>;
  readonly cause?: Cause;
  readonly adoption?: Adoption;
}

function adopt(rig: Rig, payment: Payment, found: Found = {}): Promise<Payment> {
  const { report, cause = BY_POLL, adoption } = found;
  const reported = reportOf(payment, report);
  return adoptKonsolPayment(rig.ports, payment, reported, cause, adoption);
}

/** In review, and Konsol has shown a payment that names it and is another's amount. */
async function contradictedInReview(rig: Rig): Promise<Payment> {
  const parked = inReview();
  const note = "Konsol's konsol_7 names it, but amount differs";
  return await rig.put(flagDisagreement(parked, note, NOW, BY_POLL));
}

Deno.test("adoptKonsolPayment() links what is in doubt, in review, or was sent and queued again (T8)", async () => {
  const again = { ...queued(), maybeSentAt: NOW, attempt: 1, firstClaimedAt: NOW };
  for (const from of [inDoubt(), inReview(), submitting(), again]) {
    const rig = openRig();
    const after = await adopt(rig, await rig.put(from));
    assert.deepEqual([after.submission, after.konsolId], ["submitted", "konsol_1"]);
    assert.equal(after.history.at(-1)?.move, "T8");
    assert.deepEqual(alarmsOf(rig), []);
  }
});

Deno.test("adoptKonsolPayment() looks at once at what has ended, and later at what has not", async () => {
  for (const status of ["completed", "failed", "processing", undefined] as const) {
    const rig = openRig();
    const after = await adopt(rig, await rig.put(inDoubt()), { report: { status } });
    const hasEnded = status === "completed" || status === "failed";
    assert.equal(after.dueAt, hasEnded ? NOW : NOW + 10_500, String(status));
    assert.equal(after.status, "processing");
  }
});

Deno.test("adoptKonsolPayment() writes nothing where it is linked already", async () => {
  for (const payment of [submitted(), settled()]) {
    const rig = openRig();
    const linked = await rig.put(payment);
    assert.equal(await adopt(rig, linked), linked);
    assert.equal((await rig.stored(linked.id)).version, linked.version);
  }
});

Deno.test("adoptKonsolPayment() tells of a second Konsol payment once, whatever came of it", async () => {
  for (const status of ["processing", "completed", "failed"] as const) {
    const rig = openRig();
    const report = { konsolId: "konsol_2", status };
    const flagged = await adopt(rig, await rig.put(submitted()), { report });
    assert.deepEqual([flagged.konsolId, flagged.providerDisagrees], ["konsol_1", true]);
    const end = status === "processing" ? "" : ` (${status})`;
    const note = `Konsol has a second payment for it: konsol_2${end}`;
    assert.equal(flagged.history.at(-1)?.note, note);
    assert.equal(await adopt(rig, flagged, { report }), flagged);
    assert.deepEqual(alarmsOf(rig), ["konsol_payment_does_not_fit"]);
    assert.equal(rig.log.of("alarm")[0]?.reason, note);
  }
});

Deno.test("adoptKonsolPayment() tells of a payment for one that ended without, unless neither was paid", async () => {
  const unsent = { ...settled("failed"), konsolId: undefined };
  for (
    const [status, disagrees] of [["completed", true], ["processing", true], [
      "failed",
      undefined,
    ]] as const
  ) {
    const rig = openRig();
    const after = await adopt(rig, await rig.put(unsent), { report: { status } });
    assert.deepEqual([after.status, after.konsolId], ["failed", undefined]);
    assert.equal(after.providerDisagrees, disagrees, status);
  }
});

Deno.test("adoptKonsolPayment() parks what is in doubt (T10) when what names it differs", async () => {
  const rig = openRig();
  const after = await adopt(rig, await rig.put(inDoubt()), { report: { amountMinor: 1 } });
  assert.deepEqual([after.submission, after.konsolId], ["review", undefined]);
  assert.equal(after.history.at(-1)?.move, "T10");
  assert.match(after.history.at(-1)?.note ?? "", /konsol_1 names it, but amount differs/);
  assert.deepEqual(alarmsOf(rig), ["konsol_payment_does_not_fit"]);
});

Deno.test("adoptKonsolPayment() flags what is sent or reviewed, moving nothing, when what names it differs", async () => {
  for (const from of [submitting(), inReview()]) {
    const rig = openRig();
    const after = await adopt(rig, await rig.put(from), { report: { amountMinor: 1 } });
    assert.deepEqual([after.submission, after.konsolId], [from.submission, undefined]);
    assert.equal(after.providerDisagrees, true);
    assert.deepEqual(alarmsOf(rig), ["konsol_payment_does_not_fit"]);
  }
});

Deno.test("adoptKonsolPayment() leaves to a person which of two it is, and links what they name", async () => {
  const rig = openRig();
  const payment = await contradictedInReview(rig);
  const flagged = await adopt(rig, payment);
  assert.deepEqual([flagged.submission, flagged.konsolId], ["review", undefined]);
  assert.match(flagged.history.at(-1)?.note ?? "", /so does, or did, what does not fit/);
  const linked = await adopt(rig, flagged, { cause: BY_PERSON, adoption: { note: "it is this" } });
  assert.deepEqual([linked.submission, linked.konsolId], ["submitted", "konsol_1"]);
  assert.equal(linked.history.at(-1)?.note, "it is this");
});

Deno.test("adoptKonsolPayment() by a person takes what is parked with this very id back up (T8)", async () => {
  const rig = openRig();
  const parked = await rig.put({ ...inReview(), konsolId: "konsol_1" });
  assert.equal(await adopt(rig, parked), parked);
  const after = await adopt(rig, parked, { cause: BY_PERSON });
  assert.deepEqual([after.submission, after.konsolId], ["submitted", "konsol_1"]);
});

Deno.test("adoptKonsolPayment() checks the payment as it is when it is saved, not as it was", async () => {
  const rig = openRig();
  const payment = await rig.put(inReview());
  rig.next.payments.save.push(() => rig.overwrite(payment, { ...payment, attempt: 2 }));
  const judged: number[] = [];
  const check = ({ attempt }: Payment) => {
    judged.push(attempt);
    if (attempt !== 1) throw new RangeError("another attempt");
  };
  const adopted = adopt(rig, payment, { cause: BY_PERSON, adoption: { check } });
  await assert.rejects(adopted, RangeError);
  assert.deepEqual(judged, [1, 2]);
  assert.equal((await rig.stored(payment.id)).submission, "review");
});

Deno.test("adoptKonsolPayment() links one that Konsol has under the id of a lost row by a person alone", async () => {
  const rig = openRig();
  const payment = await rig.put(inReview());
  const report = { paymentId: "pay_lost" };
  const flagged = await adopt(rig, payment, { report });
  assert.deepEqual([flagged.submission, flagged.lostPaymentId], ["review", undefined]);
  const adoption = { lostPaymentId: "pay_lost" };
  const after = await adopt(rig, flagged, { report, cause: BY_PERSON, adoption });
  assert.deepEqual([after.submission, after.lostPaymentId], ["submitted", "pay_lost"]);
});
