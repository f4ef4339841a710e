// Laws of application/look_for_another.ts: a request that was given up and is executed all the same is told.

import assert from "node:assert/strict";
import { followPayment } from "../../application/follow_payment.ts";
import { detailOf, type Payment } from "../../domain/payment.ts";
import { parkForReview } from "../../domain/payment_change.ts";
import { linkKonsol } from "../../domain/payment_following.ts";
import {
  decideNotPaid,
  needsReview,
  resubmit,
  wasGivenUp,
  whyReviewed,
} from "../../domain/payment_review.ts";
import type { Status } from "../../domain/payment_status.ts";
import { reported } from "../../adapters/memory/memory_konsol.ts";
import { openRig, type Rig, webhookBody } from "../support/application_rig.ts";
import { settle } from "../support/fake_clock.ts";
import { alarmsOf, calledNotPaid, resolverOf } from "../support/instances.ts";
import {
  BY_POLL,
  DAY,
  HOUR,
  inDoubt,
  inReview,
  MINUTE,
  NOW,
  queued,
} from "../support/payment_states.ts";

async function failedByPerson(rig: Rig, reason?: string): Promise<Payment> {
  return await calledNotPaid(rig, await rig.put(inReview()), reason);
}

/** Looked at whenever it is due, for so long: when that was, and what became of it. */
async function lookLate(rig: Rig, payment: Payment, ms: number) {
  const end = rig.clock.now() + ms;
  const looked: number[] = [];
  let current = payment;
  while (current.dueAt !== undefined && current.dueAt <= end) {
    looked.push(current.dueAt);
    assert.ok(looked.length < 50, "it never stops being due");
    await rig.clock.advance(Math.max(0, current.dueAt - rig.clock.now()));
    current = await followPayment(rig.ports, resolverOf(rig), current);
  }
  return { looked, payment: current };
}

Deno.test("what a person called not paid is looked for in Konsol's list after 1 h, 1 d and 7 d, and no more", async () => {
  const rig = openRig();
  const { looked, payment } = await lookLate(rig, await failedByPerson(rig), 30 * DAY);
  assert.deepEqual(looked, [NOW + HOUR, NOW + DAY, NOW + 7 * DAY]);
  assert.deepEqual([payment.status, payment.dueAt], ["failed", undefined]);
  assert.ok(rig.gateway.calls.every((call) => call.startsWith("list")));
});

Deno.test("what Konsol executed after a person had called it not paid is told, though no webhook came", async () => {
  const rig = openRig();
  const failed = await failedByPerson(rig);
  rig.konsol.create(failed);
  const { payment } = await lookLate(rig, failed, 8 * DAY);
  assert.deepEqual([payment.status, detailOf(payment)], ["failed", "provider_disagrees"]);
  assert.equal(payment.history.at(-1)?.note, "Konsol has a payment for it: konsol_1");
  assert.deepEqual(alarmsOf(rig), ["konsol_payment_does_not_fit"]);
});

Deno.test("what Konsol did not pay either is no contradiction of a person's not paid", async () => {
  for (const status of ["failed", "cancelled"] as const) {
    const rig = openRig();
    const failed = await failedByPerson(rig);
    rig.konsol.create(failed);
    rig.konsol.setStatus("konsol_1", status);
    const { looked, payment } = await lookLate(rig, failed, 30 * DAY);
    assert.deepEqual([payment.providerDisagrees, payment.dueAt], [undefined, undefined]);
    assert.ok(looked.length <= 6, "three looks, each with its question");
    assert.deepEqual(alarmsOf(rig), []);
  }
});

Deno.test("a webhook of what Konsol did not pay either is no contradiction of a person's not paid", async () => {
  const rig = openRig();
  const failed = await failedByPerson(rig);
  const { konsolId } = rig.konsol.create(failed) ?? assert.fail("it was not created");
  rig.konsol.setStatus(konsolId, "failed");
  await rig.application.receiveWebhook(webhookBody(konsolId));
  await settle();
  assert.ok(rig.gateway.calls.includes(`get ${konsolId}`));
  assert.deepEqual([(await rig.stored(failed.id)).history.length, alarmsOf(rig)], [
    failed.history.length,
    [],
  ]);
});

Deno.test("what was sent again but never before is not looked for in the list after its end", () => {
  const unsent = parkForReview(queued(), "T14", "too old", NOW, { kind: "timer" });
  const decision = { attempt: 0, then: "resubmit", reason: "send it", by: "anna" } as const;
  const rules = { resubmitHorizonMs: DAY, unworkedWebhooks: false };
  assert.ok(!wasGivenUp(decideNotPaid(unsent, decision, rules, NOW)));
  assert.ok(wasGivenUp(resubmit(inDoubt(), NOW)));
});

Deno.test("one that Konsol did not pay either hides no other that it paid", async () => {
  const rig = openRig();
  const failed = await failedByPerson(rig);
  for (const status of ["completed", "processing", "failed"] as const) {
    const { konsolId } = rig.konsol.create(failed) ?? assert.fail("it was not created");
    rig.konsol.setStatus(konsolId, status);
  }
  const { payment } = await lookLate(rig, failed, 8 * DAY);
  const told = payment.history.map(({ note }) => note).filter((note) => note?.startsWith("Konsol"));
  assert.deepEqual(told.toSorted(), [
    "Konsol has a payment for it: konsol_1 (completed)",
    "Konsol has a payment for it: konsol_2",
  ]);
});

Deno.test("a person's own words about it hide no late execution", async () => {
  const rig = openRig();
  const failed = await failedByPerson(rig, "konsol_1 was rejected, they say");
  rig.konsol.create(failed);
  const { payment } = await lookLate(rig, failed, 2 * HOUR);
  assert.equal(detailOf(payment), "provider_disagrees");
});

Deno.test("a list that cannot be read is read again soon, and counts for no look", async () => {
  const rig = openRig();
  const failed = await failedByPerson(rig);
  rig.gateway.next.list.push("timeout");
  const { looked, payment } = await lookLate(rig, failed, HOUR + 20 * 60_000);
  assert.equal(looked.length, 2);
  assert.deepEqual([payment.looks, payment.dueAt], [failed.looks + 1, NOW + DAY]);
});

/** Sent again after a doubt, completed so; Konsol executed the first request of it, too. */
async function executedTwice(rig: Rig) {
  const doubted = await rig.put(inDoubt());
  const first = rig.konsol.create(doubted);
  const second = rig.konsol.create(doubted);
  assert.ok(first && second);
  rig.konsol.setStatus(second.konsolId, "completed");
  const again = await rig.overwrite(doubted, resubmit(doubted, NOW));
  const linked = linkKonsol(again, reported(second), NOW, NOW, BY_POLL);
  return { first, second, linked: await rig.overwrite(again, linked) };
}

Deno.test("a late execution of what was sent again is told, though no webhook came", async () => {
  const rig = openRig();
  const { first, second, linked } = await executedTwice(rig);
  const { payment } = await lookLate(rig, linked, 8 * DAY);
  assert.deepEqual([payment.status, payment.konsolId], ["completed", second.konsolId]);
  const note = `Konsol has a second payment for it: ${first.konsolId}`;
  assert.deepEqual(payment.history.filter((event) => event.note === note).length, 1);
  assert.equal(payment.dueAt, undefined);
});

Deno.test("a late look at what was sent again waits for a list that can be read, to the last of them", async () => {
  const rig = openRig();
  const { linked } = await executedTwice(rig);
  const list = rig.gateway.listPayments.bind(rig.gateway);
  rig.gateway.listPayments = () => Promise.resolve({ kind: "unavailable", reason: "timeout" });
  const ended = (await lookLate(rig, linked, 2 * HOUR)).payment;
  assert.deepEqual([ended.status, ended.looks], ["completed", 0]);
  assert.ok(rig.gateway.calls.filter((call) => call === `get ${ended.konsolId}`).length > 1);
  rig.gateway.listPayments = list;
  const { payment } = await lookLate(rig, ended, HOUR);
  assert.equal(detailOf(payment), "provider_disagrees");
});

/** A person has seen to what is known so far. */
async function acknowledged(rig: Rig, payment: Payment): Promise<Payment> {
  const since = whyReviewed(payment)?.at ?? 0;
  const decision = { decision: "acknowledge", attempt: payment.attempt, since } as const;
  return await rig.application.decideReview(payment.id, { ...decision, reason: "", by: "anna" });
}

async function hearOf(rig: Rig, { id }: Payment, konsolId: string, status: Status) {
  rig.konsol.setStatus(konsolId, status);
  await rig.clock.advance(MINUTE);
  await rig.application.receiveWebhook(webhookBody(konsolId, status));
  await settle();
  return await rig.stored(id);
}

Deno.test("another payment of Konsol's that was acknowledged while it was open is told anew once it ends", async () => {
  for (const status of ["completed", "failed", "cancelled"] as const) {
    const rig = openRig();
    const { first, linked } = await executedTwice(rig);
    const open = await hearOf(rig, linked, first.konsolId, "processing");
    const seen = await acknowledged(rig, open);
    const note = `Konsol has a second payment for it: ${first.konsolId}`;
    assert.deepEqual([whyReviewed(open)?.note, needsReview(seen)], [note, false]);
    const ended = await hearOf(rig, linked, first.konsolId, status);
    assert.deepEqual([whyReviewed(ended)?.note, needsReview(ended)], [`${note} (${status})`, true]);
    assert.deepEqual(alarmsOf(rig), Array(2).fill("konsol_payment_does_not_fit"));
  }
});

Deno.test("what is told of another payment of Konsol's is told once, however often and in what order it is heard", async () => {
  const rig = openRig();
  const { first, linked } = await executedTwice(rig);
  for (const status of ["processing", "completed", "pending", "processing", "completed"] as const) {
    await hearOf(rig, linked, first.konsolId, status);
  }
  const { history } = await acknowledged(rig, await rig.stored(linked.id));
  const again = await hearOf(rig, linked, first.konsolId, "completed");
  assert.deepEqual([again.history.length, needsReview(again)], [history.length, false]);
  const note = `Konsol has a second payment for it: ${first.konsolId}`;
  const told = history.map((event) => event.note).filter((one) => one?.startsWith("Konsol has"));
  assert.deepEqual(told, [note, `${note} (completed)`]);
});

Deno.test("one that was told as open and then not paid either is told as that, no more", async () => {
  const rig = openRig();
  const failed = await failedByPerson(rig);
  const { konsolId } = rig.konsol.create(failed) ?? assert.fail("it was not created");
  await acknowledged(rig, await hearOf(rig, failed, konsolId, "processing"));
  const ended = await hearOf(rig, failed, konsolId, "failed");
  const note = `Konsol has a payment for it: ${konsolId} (failed)`;
  assert.deepEqual([ended.status, whyReviewed(ended)?.note], ["failed", note]);
});

Deno.test("another payment of Konsol's that completes is found by a late look, though no webhook came", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.konsol.setStatus("konsol_1", "completed");
  const { konsolId } = rig.konsol.create(payment) ?? assert.fail("it was not created");
  const open = await hearOf(rig, payment, konsolId, "processing");
  const seen = await acknowledged(rig, open);
  rig.konsol.setStatus(konsolId, "completed");
  const { payment: told } = await lookLate(rig, seen, 30 * DAY);
  assert.equal(
    whyReviewed(told)?.note,
    `Konsol has a second payment for it: ${konsolId} (completed)`,
  );
  assert.deepEqual([needsReview(told), told.dueAt], [true, undefined]);
});

Deno.test("a late look counts for none while the first page has a row that cannot be read", async () => {
  const rig = openRig();
  const failed = await failedByPerson(rig);
  rig.gateway.listPayments = () =>
    Promise.resolve({ kind: "listed", payments: [], unreadable: 1, total: 1 });
  const { payment } = await lookLate(rig, failed, 2 * HOUR);
  assert.equal(payment.looks, failed.looks);
});
