// Laws of application/refresh_payment.ts.

import assert from "node:assert/strict";
import { refreshPayment } from "../../application/refresh_payment.ts";
import { type Cause, detailOf, type Payment } from "../../domain/payment.ts";
import { flagDisagreement } from "../../domain/payment_change.ts";
import { openRig, type Rig } from "../support/application_rig.ts";
import { settle } from "../support/fake_clock.ts";
import { BY_POLL, BY_REQUEST, MINUTE, NOW, queued } from "../support/payment_states.ts";

const BY_WEBHOOK: Cause = { kind: "webhook", id: "whk_1" };

async function refresh({ ports }: Rig, payment: Payment, cause = BY_REQUEST): Promise<Payment> {
  const { payment: after, unavailable } = await refreshPayment(ports, payment, cause);
  assert.equal(unavailable, undefined);
  return after;
}

function alarmsOf({ log }: Rig): unknown[] {
  return log.of("alarm").map(({ alarm }) => alarm);
}

/** Completed, and then failed as Konsol has it. */
async function contradicted(rig: Rig): Promise<Payment> {
  const payment = await rig.create();
  rig.konsol.setStatus("konsol_1", "completed");
  const completed = await refresh(rig, payment);
  rig.konsol.setStatus("konsol_1", "failed");
  return await refresh(rig, completed);
}

Deno.test("refreshPayment() applies what the GET says, with its cause", async () => {
  for (const cause of [BY_POLL, BY_REQUEST, BY_WEBHOOK]) {
    const rig = openRig();
    const payment = await rig.create();
    rig.konsol.setStatus("konsol_1", "completed");
    const after = await refresh(rig, payment, cause);
    assert.equal(after.status, "completed");
    assert.deepEqual(after.history.at(-1)?.cause, cause);
  }
});

Deno.test("refreshPayment() asks nothing of a payment that Konsol does not have yet", async () => {
  const rig = openRig();
  const payment = await rig.put(queued());
  assert.equal(await refresh(rig, payment), payment);
  assert.deepEqual(rig.gateway.calls, []);
});

Deno.test("refreshPayment() leaves the payment as it is when Konsol cannot be asked", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.gateway.next.get.push("circuit_open");
  const refreshed = await refreshPayment(rig.ports, payment, BY_POLL);
  assert.deepEqual(refreshed, {
    payment,
    unavailable: { kind: "unavailable", reason: "circuit_open" },
  });
  assert.deepEqual(await rig.stored(payment.id), payment);
});

Deno.test("refreshPayment() moves the next poll only when it is the poll", async () => {
  const rig = openRig();
  const payment = await rig.create();
  await rig.clock.advance(1_000);
  const asked = await refresh(rig, payment, BY_REQUEST);
  assert.deepEqual([asked.dueAt, asked.looks], [payment.dueAt, payment.looks]);
  const told = await refresh(rig, asked, BY_WEBHOOK);
  assert.deepEqual([told.dueAt, told.looks], [payment.dueAt, payment.looks]);
  const polled = await refresh(rig, told, BY_POLL);
  assert.deepEqual([polled.dueAt, polled.looks], [rig.clock.now() + 21_000, 1]);
});

Deno.test("refreshPayment() moves no poll for a denial that is not a poll's", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.gateway.next.get.push("not_found");
  const asked = await refresh(rig, payment, BY_REQUEST);
  assert.deepEqual([asked.dueAt, asked.looks], [payment.dueAt, payment.looks]);
  assert.equal(asked.missingAt.length, 1);
});

Deno.test("refreshPayment() parks what Konsol tells differently (T13), with an alarm", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.gateway.next.get.push({ tell: { amountMinor: 1, status: "completed" } });
  const after = await refresh(rig, payment);
  assert.deepEqual([after.submission, after.status], ["review", "processing"]);
  assert.deepEqual(alarmsOf(rig), ["payment_needs_review"]);
});

Deno.test("refreshPayment() flags a settled payment that Konsol contradicts, once", async () => {
  const rig = openRig();
  const flagged = await contradicted(rig);
  assert.deepEqual([flagged.status, detailOf(flagged)], ["completed", "provider_disagrees"]);
  assert.deepEqual(await refresh(rig, flagged), flagged);
  assert.deepEqual(alarmsOf(rig), ["provider_disagrees"]);
});

Deno.test("refreshPayment() alarms once more for another contradiction than the one that was acknowledged", async () => {
  const rig = openRig();
  const flagged = await contradicted(rig);
  const seen = {
    decision: "acknowledge",
    attempt: 1,
    since: flagged.history.at(-1)!.at,
    reason: "told the client",
    by: "anna",
  } as const;
  const acknowledged = await rig.application.decideReview(flagged.id, seen);
  assert.deepEqual(await refresh(rig, acknowledged), acknowledged);
  rig.konsol.setStatus("konsol_1", "cancelled");
  const again = await refresh(rig, acknowledged);
  assert.deepEqual([again.acknowledgedAt, again.status], [undefined, "completed"]);
  assert.deepEqual(alarmsOf(rig), ["provider_disagrees", "provider_disagrees"]);
});

Deno.test("refreshPayment() alarms for another contradiction while the first is open, too", async () => {
  const rig = openRig();
  const flagged = await contradicted(rig);
  rig.konsol.setStatus("konsol_1", "cancelled");
  await refresh(rig, flagged);
  assert.deepEqual(alarmsOf(rig), ["provider_disagrees", "provider_disagrees"]);
});

Deno.test("refreshPayment() alarms for a review (T13) of what Konsol contradicts already", async () => {
  const rig = openRig();
  const payment = await rig.create();
  const flagged = flagDisagreement(payment, "Konsol has a second payment", NOW, BY_POLL);
  const known = await rig.overwrite(payment, flagged);
  rig.gateway.next.get.push({ tell: { amountMinor: 1 } });
  assert.equal((await refresh(rig, known)).submission, "review");
  assert.deepEqual(alarmsOf(rig), ["payment_needs_review"]);
});

Deno.test("refreshPayment() takes no slower answer of before the end for a contradiction", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.gateway.next.get.push("hold");
  const slow = refreshPayment(rig.ports, payment, BY_POLL);
  await settle();
  rig.konsol.setStatus("konsol_1", "completed");
  const completed = await refresh(rig, payment, BY_WEBHOOK);
  rig.gateway.release();
  assert.deepEqual((await slow).payment, completed);
  assert.deepEqual(alarmsOf(rig), []);
});

Deno.test("refreshPayment() flags two different ends, in whatever order they came", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.konsol.setStatus("konsol_1", "failed");
  rig.gateway.next.get.push("hold");
  const slow = refreshPayment(rig.ports, payment, BY_POLL);
  await settle();
  rig.konsol.setStatus("konsol_1", "completed");
  await refresh(rig, payment, BY_WEBHOOK);
  rig.gateway.release();
  assert.equal(detailOf((await slow).payment), "provider_disagrees");
});

/** Two polls of this payment whose answers come one after the other; the second is asked before the first. */
async function pollTwice(rig: Rig, payment: Payment, between: () => unknown): Promise<Payment> {
  rig.gateway.next.get.push("hold");
  const slow = refreshPayment(rig.ports, payment, BY_POLL);
  await settle();
  await between();
  rig.gateway.release();
  return (await slow).payment;
}

Deno.test("refreshPayment() that learns of the end after another did takes no late look for it", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.konsol.setStatus("konsol_1", "completed");
  const after = await pollTwice(rig, payment, () => refresh(rig, payment, BY_WEBHOOK));
  assert.deepEqual([after.status, after.looks], ["completed", 0]);
});

Deno.test("refreshPayment() by two instances at once takes one late look", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.konsol.setStatus("konsol_1", "completed");
  const ended = await refresh(rig, payment);
  const after = await pollTwice(rig, ended, () => refresh(rig, ended, BY_POLL));
  assert.equal(after.looks, 1);
});

Deno.test("refreshPayment() by two instances at once misses no contradiction", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.konsol.setStatus("konsol_1", "completed");
  const ended = await refresh(rig, payment);
  rig.konsol.setStatus("konsol_1", "failed");
  const after = await pollTwice(rig, ended, () => {
    rig.gateway.next.get.push({ tell: { status: "completed" } });
    return refresh(rig, ended, BY_POLL);
  });
  assert.equal(detailOf(after), "provider_disagrees");
});

Deno.test("refreshPayment() applies the answer to the payment as it is by then", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.konsol.setStatus("konsol_1", "completed");
  rig.next.payments.save.push(() =>
    rig.overwrite(payment, { ...payment, description: "changed meanwhile" })
  );
  const after = await refresh(rig, payment);
  assert.deepEqual([after.status, after.description], ["completed", "changed meanwhile"]);
});

Deno.test("refreshPayment() gives up with changed_meanwhile when the races do not end", async () => {
  const rig = openRig();
  const payment = await rig.create();
  const race = async () => {
    const current = await rig.stored(payment.id);
    await rig.overwrite(current, { ...current, looks: current.looks + 1 });
  };
  rig.next.payments.save.push(...Array.from({ length: 50 }, () => race));
  rig.konsol.setStatus("konsol_1", "completed");
  await assert.rejects(refresh(rig, payment), { code: "changed_meanwhile" });
});

Deno.test("refreshPayment() writes nothing where there is no news", async () => {
  const rig = openRig();
  const payment = await rig.create();
  await rig.clock.advance(MINUTE);
  const asked = await refresh(rig, payment, BY_WEBHOOK);
  assert.equal(asked.version, payment.version);
});
