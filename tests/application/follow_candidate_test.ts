// Laws of application/follow_payment.ts: what Konsol does not show of a candidate holds nothing else up.

import assert from "node:assert/strict";
import { followPayment } from "../../application/follow_payment.ts";
import { detailOf, type Payment } from "../../domain/payment.ts";
import { noteCandidate } from "../../domain/payment_following.ts";
import { openRig, type Rig } from "../support/application_rig.ts";
import { alarmsOf, calledNotPaid, resolverOf } from "../support/instances.ts";
import { DAY, HOUR, inDoubt, inReview, MINUTE, NOW } from "../support/payment_states.ts";

/** An id that Konsol answers with an error for ever: neither found nor "not found". */
const STRANGE = "req-8f2a";
const ALARM = "candidate_is_not_ours";

function openStrangeRig(): Rig {
  const rig = openRig();
  const get = rig.gateway.getPayment.bind(rig.gateway);
  rig.gateway.getPayment = async (konsolId) => {
    const answer = await get(konsolId);
    if (konsolId !== STRANGE) return answer;
    return { kind: "unavailable", reason: "failed", httpStatus: 422 };
  };
  return rig;
}

/** Konsol has it as konsol_1, and another id was named that cannot be asked for. */
async function withStrange(rig: Rig): Promise<Payment> {
  const payment = await rig.create();
  return await rig.overwrite(payment, noteCandidate(payment, STRANGE, rig.clock.now()));
}

/** Followed whenever it is due, for so long: when that was, and what became of it. */
async function followFor(rig: Rig, { id }: Payment, ms: number) {
  const end = rig.clock.now() + ms;
  const resolve = resolverOf(rig);
  const looked: number[] = [];
  for (let looks = 0; looks < 2_000; looks++) {
    const payment = await rig.stored(id);
    const { dueAt = Infinity } = payment;
    if (dueAt > end) {
      await rig.clock.advance(end - rig.clock.now());
      return { looked, payment };
    }
    await rig.clock.advance(Math.max(0, dueAt - rig.clock.now()));
    looked.push(rig.clock.now());
    await followPayment(rig.ports, resolve, payment);
  }
  return assert.fail("it never stops being due");
}

function getsOf({ gateway }: Rig, konsolId: string): number {
  return gateway.calls.filter((call) => call === `get ${konsolId}`).length;
}

Deno.test("followPayment() polls a payment beside a candidate that cannot be asked for", async () => {
  const rig = openStrangeRig();
  const noted = await withStrange(rig);
  const { payment: open } = await followFor(rig, noted, HOUR);
  assert.deepEqual([open.submission, open.candidateKonsolId], ["submitted", STRANGE]);
  rig.konsol.setStatus("konsol_1", "completed");
  const { payment } = await followFor(rig, noted, 16 * MINUTE);
  assert.deepEqual([payment.status, payment.candidateKonsolId], ["completed", STRANGE]);
});

Deno.test("followPayment() asks for its candidate beside each poll, and no oftener", async () => {
  const rig = openStrangeRig();
  await followFor(rig, await withStrange(rig), DAY);
  assert.equal(getsOf(rig, "konsol_1"), getsOf(rig, STRANGE));
  assert.ok(getsOf(rig, STRANGE) < 110, "from 10 s up to every 15 min");
});

Deno.test("followPayment() backs off where neither it nor its candidate can be asked for", async () => {
  const rig = openStrangeRig();
  const noted = await withStrange(rig);
  rig.gateway.getPayment = () => Promise.resolve({ kind: "unavailable", reason: "timeout" });
  const { looked } = await followFor(rig, noted, DAY);
  assert.ok(looked.length > 90 && looked.length < 110, `${looked.length} looks`);
});

Deno.test("followPayment() parks what Konsol denies, beside a candidate that cannot be asked for (T13)", async () => {
  const rig = openStrangeRig();
  const noted = await withStrange(rig);
  const get = rig.gateway.getPayment;
  rig.gateway.getPayment = async (konsolId) =>
    konsolId === STRANGE ? await get(konsolId) : { kind: "not_found" };
  const { payment } = await followFor(rig, noted, 3 * HOUR);
  assert.deepEqual([payment.submission, payment.candidateKonsolId], ["review", STRANGE]);
  assert.deepEqual(alarmsOf(rig), ["payment_needs_review"]);
});

Deno.test("followPayment() looks late at what ended beside a candidate that cannot be asked for", async () => {
  for (const time of [HOUR, DAY, 7 * DAY]) {
    const rig = openStrangeRig();
    const noted = await withStrange(rig);
    rig.konsol.setStatus("konsol_1", "completed");
    await followFor(rig, noted, time - MINUTE);
    rig.konsol.setStatus("konsol_1", "failed");
    const { payment } = await followFor(rig, noted, 17 * MINUTE);
    assert.deepEqual([payment.status, detailOf(payment)], ["completed", "provider_disagrees"]);
    assert.equal(alarmsOf(rig).at(-1), "provider_disagrees");
  }
});

Deno.test("followPayment() looks late three times, and for the candidate every 15 min", async () => {
  const rig = openStrangeRig();
  const noted = await withStrange(rig);
  rig.konsol.setStatus("konsol_1", "completed");
  const { payment } = await followFor(rig, noted, 8 * DAY);
  assert.deepEqual([payment.looks, payment.candidateKonsolId], [3, STRANGE]);
  assert.equal(getsOf(rig, "konsol_1"), 4, "its end, and three looks after it");
  assert.ok(getsOf(rig, STRANGE) < 8 * 24 * 4 + 5);
  assert.deepEqual(alarmsOf(rig), Array(3).fill("candidate_is_not_shown"));
});

Deno.test("followPayment() asks for its candidate once that can be asked for, and goes on as without it", async () => {
  const rig = openStrangeRig();
  const noted = await withStrange(rig);
  rig.konsol.setStatus("konsol_1", "completed");
  const { payment: ended } = await followFor(rig, noted, 2 * HOUR);
  rig.gateway.getPayment = () => Promise.resolve({ kind: "not_found" });
  const { payment } = await followFor(rig, ended, 16 * MINUTE);
  assert.deepEqual([payment.candidateKonsolId, payment.looks], [undefined, 1]);
  assert.equal(payment.dueAt, payment.submissionSince + DAY);
});

/** A person called it not paid by Konsol's word, while an id that may be its could not be asked for. */
async function failedBesideStrange(rig: Rig): Promise<Payment> {
  const put = await rig.put(inReview());
  return await calledNotPaid(rig, await rig.overwrite(put, noteCandidate(put, STRANGE, NOW)));
}

Deno.test("followPayment() looks in the list for what was called not paid, beside its candidate", async () => {
  const rig = openStrangeRig();
  const failed = await failedBesideStrange(rig);
  const { payment } = await followFor(rig, failed, 8 * DAY);
  assert.deepEqual([payment.looks, payment.candidateKonsolId], [3, STRANGE]);
  assert.equal(rig.gateway.calls.filter((call) => call.startsWith("list")).length, 3);
});

Deno.test("followPayment() asks next for what the list shows, in the place of a candidate that cannot be asked for", async () => {
  const rig = openStrangeRig();
  const failed = await failedBesideStrange(rig);
  rig.konsol.create(failed);
  await rig.clock.advance(HOUR);
  const after = await followPayment(rig.ports, resolverOf(rig), await rig.stored(failed.id));
  assert.deepEqual([after.candidateKonsolId, after.dueAt], ["konsol_1", rig.clock.now()]);
});

Deno.test("followPayment() counts no late look whose list could not be read, beside a candidate either", async () => {
  const rig = openStrangeRig();
  const failed = await failedBesideStrange(rig);
  rig.gateway.listPayments = () => Promise.resolve({ kind: "unavailable", reason: "timeout" });
  const { looked, payment } = await followFor(rig, failed, DAY);
  assert.equal(payment.looks, 0);
  assert.ok(looked.length < 110, "every 15 min");
});

/** In one of these states, with an id noted that Konsol does not know. */
async function withUnknown(rig: Rig, from: Payment): Promise<Payment> {
  const payment = await rig.put(from);
  return await rig.overwrite(payment, noteCandidate(payment, "konsol_9", NOW));
}

Deno.test("followPayment() drops a candidate that Konsol denies for two hours, with an alarm, not sooner", async () => {
  for (const from of [inDoubt(), inReview()]) {
    const rig = openRig();
    const noted = await withUnknown(rig, from);
    const { payment: denied } = await followFor(rig, noted, 119 * MINUTE);
    assert.deepEqual([denied.candidateKonsolId, alarmsOf(rig).includes(ALARM)], [
      "konsol_9",
      false,
    ]);
    const { payment } = await followFor(rig, noted, HOUR);
    assert.deepEqual([payment.candidateKonsolId, payment.missingAt], [undefined, []]);
    assert.deepEqual([payment.submission, alarmsOf(rig).includes(ALARM)], ["review", true]);
    assert.ok(getsOf(rig, "konsol_9") < 25, "from 10 s up to every 15 min");
  }
});

Deno.test("followPayment() links the candidate that Konsol denied at first (T8)", async () => {
  const rig = openRig();
  const payment = await rig.put(inDoubt());
  const { konsolId } = rig.konsol.create(payment) ?? assert.fail("it was not created");
  const noted = await rig.overwrite(payment, noteCandidate(payment, konsolId, NOW));
  rig.gateway.listPayments = () => Promise.resolve({ kind: "unavailable", reason: "timeout" });
  rig.gateway.next.get.push("not_found");
  const { payment: linked } = await followFor(rig, noted, MINUTE);
  assert.deepEqual([linked.submission, linked.konsolId], ["submitted", konsolId]);
  assert.deepEqual(linked.missingAt, []);
});

Deno.test("followPayment() takes one denial for enough of what is linked, and counts none against that", async () => {
  const rig = openRig();
  const payment = await rig.create();
  const missingAt = [NOW - HOUR];
  const noted = { ...noteCandidate(payment, "konsol_9", NOW), missingAt };
  const after = await followPayment(
    rig.ports,
    resolverOf(rig),
    await rig.overwrite(payment, noted),
  );
  assert.deepEqual([after.candidateKonsolId, after.missingAt], [undefined, missingAt]);
  assert.deepEqual(alarmsOf(rig), [ALARM]);
});

Deno.test("followPayment() drops no candidate that took the place of the one that Konsol denied", async () => {
  const rig = openRig();
  const noted = await withUnknown(rig, inDoubt());
  rig.next.payments.save.push(() => rig.overwrite(noted, noteCandidate(noted, "konsol_8", NOW)));
  const after = await followPayment(rig.ports, resolverOf(rig), noted);
  assert.deepEqual([after.candidateKonsolId, after.missingAt], ["konsol_8", []]);
});
