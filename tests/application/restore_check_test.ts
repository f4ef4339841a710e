// Laws of the check after a restore: what the backup lacks is found and looked at before anything is sent again.

import assert from "node:assert/strict";
import { fenceRestoredStore } from "../../application/fence_restored_store.ts";
import type { PaymentGateway } from "../../application/provider_ports.ts";
import {
  acceptRestoreCheck,
  type LackingPayment,
  lostPaymentsOf,
  readRestoreCheck,
  type RestoreAcceptance,
  type RestoreCheck,
  whyMaybePaid,
} from "../../application/restore_check.ts";
import type { Payment } from "../../domain/payment.ts";
import { openRig, type Rig } from "../support/application_rig.ts";
import { alarmsOf, anotherInstance, workFor } from "../support/instances.ts";
import { HOUR, MINUTE, NOW, queued, settled, submitted } from "../support/payment_states.ts";

/** A store with one payment, made before the backup, that came back two hours after it. */
async function restoredRig(konsolHas: readonly Payment[] = []): Promise<Rig> {
  const rig = openRig();
  await rig.put({ ...settled(), konsolId: "konsol_old" });
  await rig.clock.advance(HOUR);
  for (const payment of konsolHas) rig.konsol.create(payment);
  await rig.clock.advance(HOUR);
  await fenceRestoredStore(rig.ports, "restored");
  return rig;
}

function lost(name: string): Payment {
  return { ...queued(), id: `pay_${name}`, externalId: `order_${name}`, createdAt: NOW + HOUR };
}

const resume = (rig: Rig, acceptance: RestoreAcceptance = {}) =>
  rig.application.resumeSubmission("anna", "looked at", acceptance);

Deno.test("resumeSubmission() after a restore is refused until Konsol's list was read whole, twice", async () => {
  const rig = await restoredRig();
  await assert.rejects(resume(rig), { code: "restore_not_checked" });
  rig.workers.start();
  await rig.clock.advance(30_000);
  await assert.rejects(resume(rig), { code: "restore_not_checked" });
  await rig.clock.advance(2 * MINUTE);
  assert.equal((await resume(rig)).paused, false);
  await rig.workers.stop();
});

Deno.test("resumeSubmission() is refused while Konsol cannot be asked, and says that", async () => {
  const rig = await restoredRig();
  rig.gateway.listPayments = () => Promise.resolve({ kind: "unavailable", reason: "timeout" });
  await workFor(rig, 5 * MINUTE);
  await assert.rejects(resume(rig), (error: Error) => {
    assert.match(error.message, /Konsol could not be asked/);
    return true;
  });
  assert.equal((await resume(rig, { unscanned: true })).paused, false);
});

Deno.test("resumeSubmission() is refused while a row of the list cannot be read", async () => {
  const rig = await restoredRig();
  const list = rig.gateway.listPayments.bind(rig.gateway);
  rig.gateway.listPayments = async (request) =>
    ({ ...await list(request), unreadable: 1 }) as Awaited<
      ReturnType<PaymentGateway["listPayments"]>
    >;
  await workFor(rig, 5 * MINUTE);
  await assert.rejects(resume(rig), { code: "restore_not_checked" });
});

Deno.test("each Konsol payment whose row is lost raises the alarm and is shown", async () => {
  const rig = await restoredRig([lost("a"), lost("b")]);
  await workFor(rig, 5 * MINUTE);
  const alarms = rig.log.of("alarm").filter(({ alarm }) => alarm === "konsol_payment_without_row");
  const named = new Set(alarms.map(({ konsol_id }) => konsol_id));
  assert.deepEqual([...named].sort(), ["konsol_1", "konsol_2"]);
  const { restore } = await rig.application.getSubmission();
  const shown = restore?.lacking.map(({ paymentId, externalId }) => [paymentId, externalId]).sort();
  assert.deepEqual(shown, [["pay_a", "order_a"], ["pay_b", "order_b"]]);
  const { checks } = await rig.application.checkReadiness();
  assert.match(checks.find(({ name }) => name === "submission")?.reason ?? "", /lacking here: 2$/);
});

Deno.test("resumeSubmission() wants the person to say how many lacking payments they looked at", async () => {
  const rig = await restoredRig([lost("a"), lost("b")]);
  await workFor(rig, 5 * MINUTE);
  for (const lackingPayments of [undefined, 0, 1, 3]) {
    await assert.rejects(resume(rig, { lackingPayments }), { code: "restore_lacks_payments" });
  }
  await assert.rejects(resume(rig, { unscanned: true }), { code: "restore_lacks_payments" });
  assert.equal((await resume(rig, { lackingPayments: 2 })).paused, false);
});

Deno.test("resumeSubmission() asks about a restore once; a later pause is resumed as ever", async () => {
  const rig = await restoredRig([lost("a")]);
  await workFor(rig, 5 * MINUTE);
  await resume(rig, { lackingPayments: 1 });
  await rig.application.pauseSubmission("anna", "works");
  assert.equal((await resume(rig)).paused, false);
  const { checks } = await rig.application.checkReadiness();
  assert.equal(checks.find(({ name }) => name === "submission")?.reason, undefined);
});

Deno.test("resumeSubmission() asks anew after another restore, and forgets nothing that was found", async () => {
  const rig = await restoredRig([lost("a")]);
  await workFor(rig, 5 * MINUTE);
  await resume(rig, { lackingPayments: 1 });
  await fenceRestoredStore(rig.ports, "restored again");
  await assert.rejects(resume(rig), { code: "restore_not_checked" });
  assert.equal((await readRestoreCheck(rig.ports))?.lacking.length, 1);
});

Deno.test("a Konsol payment with a row, and one of nobody's, are not lacking", async () => {
  const rig = openRig();
  const known = await rig.put(queued());
  rig.konsol.create(known);
  rig.konsol.plant({
    ...rig.konsol.records[0]!,
    konsolId: "theirs",
    externalId: undefined,
    metadata: {},
  });
  await fenceRestoredStore(rig.ports, "restored");
  await workFor(rig, 5 * MINUTE);
  assert.deepEqual((await readRestoreCheck(rig.ports))?.lacking, []);
});

Deno.test("a Konsol payment that carries only an external_id without a row is lacking", async () => {
  const rig = await restoredRig([lost("a")]);
  rig.konsol.plant({ ...rig.konsol.records[0]!, metadata: {} });
  await workFor(rig, 5 * MINUTE);
  const { lacking = [] } = await readRestoreCheck(rig.ports) ?? {};
  assert.deepEqual(lacking.map(({ externalId }) => externalId), ["order_a"]);
});

Deno.test("a client that asks again for a payment whose row was lost gets a review, not a second payment", async () => {
  const rig = await restoredRig([lost("a")]);
  const again = await rig.create({ externalId: "order_a" });
  await workFor(rig, 5 * MINUTE);
  await resume(rig, { lackingPayments: 1 });
  const { application, workers } = anotherInstance(rig);
  await workFor(rig, MINUTE, workers);
  const stored = await rig.stored(again.id);
  assert.equal(stored.submission, "review");
  assert.match(stored.history.at(-1)?.note ?? "", /konsol_1 has its external_id/);
  assert.equal(rig.konsol.executed, 1);
  assert.ok(alarmsOf(rig).includes("payment_cannot_be_sent"));

  await application.decideReview(again.id, {
    decision: "not_paid",
    attempt: 0,
    then: "resubmit",
    reason: "that one failed",
    by: "anna",
  });
  await workFor(rig, MINUTE, anotherInstance(rig).workers);
  assert.equal((await rig.stored(again.id)).submission, "submitted");
});

Deno.test("decideReview() paid links the repeat of a lost payment to what Konsol paid, and follows it to its end", async () => {
  const { externalId: _, ...byKey } = lost("k");
  for (
    const [gone, handle] of [
      [lost("a"), { externalId: "order_a" }],
      [{ ...byKey, idempotencyKey: "key_k" }, { externalId: undefined, idempotencyKey: "key_k" }],
    ] as const
  ) {
    const rig = await restoredRig([gone]);
    const { id } = await rig.create(handle);
    await workFor(rig, 5 * MINUTE);
    await resume(rig, { lackingPayments: 1 });
    const { application, workers } = anotherInstance(rig);
    await workFor(rig, MINUTE, workers);
    const { items } = await application.listReviews({ perPage: 10, page: 1 });
    assert.deepEqual(items.map(({ lostKonsolIds }) => lostKonsolIds), [["konsol_1"]]);
    const words = { decision: "paid", attempt: 0, reason: "one wish", by: "anna" } as const;
    await application.decideReview(id, { ...words, konsolId: "konsol_1" });
    await application.updatePayment(id, { metadata: { note: 1 } }, { kind: "request" });
    rig.konsol.setStatus("konsol_1", "completed");
    await workFor(rig, HOUR, anotherInstance(rig).workers);
    const { status, submission, konsolId, providerDisagrees } = await rig.stored(id);
    assert.deepEqual([status, submission, konsolId], ["completed", "settled", "konsol_1"]);
    assert.deepEqual([providerDisagrees, rig.konsol.executed], [undefined, 1]);
  }
});

Deno.test("decideReview() paid refuses a lost payment that was another wish", async () => {
  const rig = await restoredRig([lost("a"), lost("b")]);
  const { id } = await rig.create({ externalId: "order_a" });
  await workFor(rig, 5 * MINUTE);
  await resume(rig, { lackingPayments: 2 });
  await workFor(rig, MINUTE, anotherInstance(rig).workers);
  const words = { decision: "paid", attempt: 0, reason: "one wish", by: "anna" } as const;
  const wrong = rig.application.decideReview(id, { ...words, konsolId: "konsol_2" });
  await assert.rejects(wrong, { code: "konsol_payment_does_not_fit" });
  assert.equal((await rig.stored(id)).submission, "review");
});

Deno.test("a repeat by its Idempotency-Key alone, whose row was lost, gets a review, not a second payment", async () => {
  const { externalId: _, ...byKey } = lost("a");
  const rig = await restoredRig([{ ...byKey, idempotencyKey: "key_a" }]);
  const byHandle = { externalId: undefined, idempotencyKey: "key_a" };
  const again = await rig.create(byHandle);
  const larger = await rig.create({ ...byHandle, idempotencyKey: "key_b", amountMinor: 1 });
  const named = await rig.create({ externalId: "order_b" });
  await workFor(rig, 5 * MINUTE);
  await resume(rig, { lackingPayments: 1 });
  await workFor(rig, MINUTE, anotherInstance(rig).workers);
  const stored = await rig.stored(again.id);
  assert.equal(stored.submission, "review");
  assert.match(stored.history.at(-1)?.note ?? "", /may be a repeat of Konsol's konsol_1/);
  for (const { id } of [larger, named]) {
    assert.equal((await rig.stored(id)).submission, "submitted");
  }
  await rig.clock.advance(4 * 24 * HOUR);
  const later = await rig.create({ ...byHandle, idempotencyKey: "key_c" });
  await workFor(rig, MINUTE, anotherInstance(rig).workers);
  assert.equal((await rig.stored(later.id)).submission, "submitted");
});

Deno.test("the check goes on in the next process, and ends for good once the list was read whole", async () => {
  const rig = await restoredRig();
  let pages = 0;
  const list = rig.gateway.listPayments.bind(rig.gateway);
  rig.gateway.listPayments = (request) => {
    pages++;
    return list(request);
  };
  await workFor(rig, 20_000);
  await workFor(rig, 5 * MINUTE, anotherInstance(rig).workers);
  assert.notEqual((await readRestoreCheck(rig.ports))?.checkedAt, undefined);
  pages = 0;
  await workFor(rig, 5 * MINUTE, anotherInstance(rig).workers);
  assert.equal(pages, 0);
});

Deno.test("the check survives a store that fails", async () => {
  const rig = await restoredRig([lost("a")]);
  rig.next.control.put.push("before", "after");
  rig.next.payments.get.push("before");
  await workFor(rig, 5 * MINUTE);
  await resume(rig, { lackingPayments: 1 });
});

Deno.test("a store that was never restored is resumed without a word about Konsol's list", async () => {
  const rig = openRig();
  await rig.put(submitted());
  await rig.application.pauseSubmission("anna", "works");
  assert.equal((await resume(rig)).paused, false);
  assert.equal((await rig.application.getSubmission()).restore, undefined);
});

Deno.test("after the restore of an empty store all of ours that Konsol has is lacking", async () => {
  const rig = openRig();
  rig.konsol.create(lost("a"));
  await rig.clock.advance(HOUR);
  await fenceRestoredStore(rig.ports, "restored");
  await workFor(rig, 5 * MINUTE);
  const { newestAt, lacking = [] } = await readRestoreCheck(rig.ports) ?? {};
  assert.deepEqual([newestAt, lacking.map(({ paymentId }) => paymentId)], [undefined, ["pay_a"]]);
});

/** Another instance writes the check at the same moment, so many times. */
function raceForCheck(rig: Rig, times: number): void {
  const race = async () => {
    const stored = await rig.stores.control.get<RestoreCheck>("restore_check");
    await rig.stores.control.put("restore_check", stored?.version, stored?.value);
  };
  rig.next.control.put.push(...Array.from({ length: times }, () => race));
}

Deno.test("acceptRestoreCheck() is kept though others write at the same moment, or refused", async () => {
  for (const [times, isKept] of [[3, true], [50, false]] as const) {
    const rig = await restoredRig();
    await workFor(rig, 5 * MINUTE);
    raceForCheck(rig, times);
    const accepted = acceptRestoreCheck(rig.ports, {});
    if (isKept) await accepted;
    else await assert.rejects(accepted, /others keep changing it/);
    const { acceptedAt } = await readRestoreCheck(rig.ports) ?? {};
    assert.equal(acceptedAt !== undefined, isKept);
  }
});

const PHONE = {
  recipient: { kind: "phone", phoneNumber: "+79123456789", bankId: "1", bankName: "Сбербанк" },
} as const;
const CHECK: RestoreCheck = { restoredAt: NOW, lacking: [] };
/** Konsol had nothing of a client's to know it by but the payment's own id. */
const BY_ID: LackingPayment = {
  konsolId: "konsol_1",
  paymentId: "pay_lost",
  externalId: "pay_lost",
  statusText: "completed",
  createdAt: NOW - HOUR,
};

for (
  const [what, one, payment, isRepeat] of [
    ["all that is told agrees", { amountMinor: 100_000, recipientEnd: "3456" }, {}, true],
    ["nothing is told", { externalId: undefined }, {}, true],
    ["it pays another phone", { recipientEnd: "0000" }, PHONE, false],
    [
      "it pays the same phone",
      { recipientEnd: PHONE.recipient.phoneNumber.slice(-4) },
      PHONE,
      true,
    ],
    ["the amount differs", { amountMinor: 1 }, {}, false],
    ["the currency differs", { currency: "USD" }, {}, false],
    ["it came before the restore", {}, { createdAt: NOW - 1 }, false],
    ["it came three days later", {}, { createdAt: NOW + 72 * HOUR + 1 }, false],
    ["a handle of its own names it", {}, { externalId: "order_1" }, false],
    ["the lost one had a handle", { externalId: "order_2" }, {}, false],
    ["its reference was changed in Konsol's cabinet", { paymentId: "pay_another" }, {}, true],
    ["its reference was taken away there", { paymentId: undefined }, {}, true],
    ["nothing names the lost one", { paymentId: undefined, externalId: undefined }, {}, false],
    ["the lost one has no id of ours", { paymentId: undefined, externalId: "order_2" }, {}, false],
  ] as const
) {
  Deno.test(`a payment ${isRepeat ? "may be" : "is no"} repeat of a lost one where ${what}`, () => {
    const { externalId: _, ...unnamed } = queued();
    const repeat: Payment = { ...unnamed, ...payment };
    const check = { ...CHECK, lacking: [{ ...BY_ID, ...one }] };
    assert.equal(whyMaybePaid(repeat, check) !== undefined, isRepeat);
    assert.equal(lostPaymentsOf(repeat, check).length, isRepeat ? 1 : 0);
  });
}

Deno.test("of whom a lost payment was paid to only the end is kept, of a card and of a phone", async () => {
  const rig = await restoredRig([lost("card"), { ...lost("phone"), ...PHONE }]);
  await workFor(rig, 5 * MINUTE);
  const { lacking = [] } = await readRestoreCheck(rig.ports) ?? {};
  assert.deepEqual(lacking.map(({ recipientEnd }) => recipientEnd).sort(), ["3456", "6789"]);
  assert.ok(!JSON.stringify(lacking).includes("9123456789"));
});

Deno.test("lostPaymentsOf() knows of none without a restore, nor for what was sent by ourselves", () => {
  const check = { ...CHECK, lacking: [BY_ID] };
  const { externalId: _, ...unnamed } = queued();
  assert.deepEqual(lostPaymentsOf(unnamed, undefined), []);
  assert.deepEqual(lostPaymentsOf({ ...unnamed, firstClaimedAt: NOW }, check), []);
  assert.equal(whyMaybePaid(unnamed, undefined), undefined);
});
