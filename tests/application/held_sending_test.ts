// Laws of the application while Konsol is away or sending is paused: creates are taken, little is in doubt, none is lost.

import assert from "node:assert/strict";
import { submitPayment } from "../../application/submit_payment.ts";
import type { Payment } from "../../domain/payment.ts";
import { claimForSending } from "../../domain/payment_sending.ts";
import { openRig, type Rig } from "../support/application_rig.ts";
import { settle } from "../support/fake_clock.ts";
import { alarmsOf, anotherInstance, stepsOf, workFor } from "../support/instances.ts";
import { HOUR, MINUTE, NOW, queued } from "../support/payment_states.ts";

async function putMany(rig: Rig, count: number): Promise<Payment[]> {
  return await Promise.all(Array.from({ length: count }, () => rig.put(queued())));
}

/** How many of these are in each submission state. */
async function statesOf(rig: Rig, payments: readonly Payment[]): Promise<Record<string, number>> {
  const states: Record<string, number> = {};
  for (const { id } of payments) {
    const { submission } = await rig.stored(id);
    states[submission] = (states[submission] ?? 0) + 1;
  }
  return states;
}

function createsOf({ gateway }: Rig): number {
  return gateway.calls.filter((call) => call.startsWith("create")).length;
}

/** Konsol answers nothing any more, to nobody. */
function breakKonsol({ gateway }: Rig): void {
  const often = 20_000;
  gateway.next.create.push(...Array.from({ length: often }, () => "lose_before_effect" as const));
  gateway.next.balance.push(...Array.from({ length: often }, () => "timeout" as const));
  gateway.next.list.push(...Array.from({ length: often }, () => "timeout" as const));
}

function mendKonsol({ gateway }: Rig): void {
  Object.values(gateway.next).forEach((behaviours) => behaviours.splice(0));
}

Deno.test("one outage with a hundred queued payments leaves no more in doubt than were on the wire", async () => {
  const rig = openRig();
  const payments = await putMany(rig, 100);
  breakKonsol(rig);
  rig.workers.start();
  await rig.clock.advance(3 * MINUTE);
  const { in_doubt = 0, queued: waiting = 0 } = await statesOf(rig, payments);
  assert.ok(in_doubt <= 32, `${in_doubt} in doubt`);
  assert.equal(in_doubt + waiting, 100);
  mendKonsol(rig);
  await workFor(rig, 4 * MINUTE);
  const after = await statesOf(rig, payments);
  assert.deepEqual([after.submitted, after.queued], [100 - in_doubt, undefined]);
});

Deno.test("an outage of its creates alone costs one doubt for each trial", async () => {
  const rig = openRig();
  const payments = await putMany(rig, 100);
  rig.gateway.next.create.push(...Array.from({ length: 500 }, () => "lose_before_effect" as const));
  await workFor(rig, 3 * MINUTE);
  const { queued: waiting = 0 } = await statesOf(rig, payments);
  assert.ok(waiting >= 60, `${waiting} still queued`);
});

Deno.test("five payments that cannot connect hold the others back, and none is in doubt", async () => {
  const rig = openRig();
  const steps = stepsOf(rig);
  const payments = await putMany(rig, 6);
  const unreached = { notExecuted: "tcp_connect_failed" };
  rig.gateway.next.create.push(...Array.from({ length: 6 }, () => unreached));
  for (const payment of payments) await submitPayment(rig.ports, rig.settings, steps, payment);
  assert.equal(createsOf(rig), 5);
  assert.deepEqual(await statesOf(rig, payments), { queued: 6 });
});

Deno.test("a trial whose claim is lost gives its place to the next payment", async () => {
  const rig = openRig();
  const steps = stepsOf(rig);
  const [first, second, third, taken, next] = await putMany(rig, 5);
  assert.ok(first && second && third && taken && next);
  rig.gateway.next.create.push("lose_before_effect", "lose_before_effect", "lose_before_effect");
  for (const payment of [first, second, third]) {
    await submitPayment(rig.ports, rig.settings, steps, payment);
  }
  await rig.clock.advance(MINUTE);
  const lease = { owner: "another", sendNotAfter: rig.clock.now(), until: rig.clock.now() };
  await rig.overwrite(taken, claimForSending(taken, lease, rig.clock.now()));
  await submitPayment(rig.ports, rig.settings, steps, taken);
  const sent = await submitPayment(rig.ports, rig.settings, steps, next);
  assert.equal(sent.submission, "submitted");
});

Deno.test("a trial whose claim fails gives its place to the next payment", async () => {
  const rig = openRig();
  const steps = stepsOf(rig);
  const [first, second, third, failing, next] = await putMany(rig, 5);
  assert.ok(first && second && third && failing && next);
  rig.gateway.next.create.push("lose_before_effect", "lose_before_effect", "lose_before_effect");
  for (const payment of [first, second, third]) {
    await submitPayment(rig.ports, rig.settings, steps, payment);
  }
  await rig.clock.advance(MINUTE);
  rig.next.payments.save.push("before");
  await assert.rejects(submitPayment(rig.ports, rig.settings, steps, failing));
  const sent = await submitPayment(rig.ports, rig.settings, steps, next);
  assert.equal(sent.submission, "submitted");
});

Deno.test("payments are taken while sending is paused, and sent once it is resumed", async () => {
  const rig = openRig();
  await rig.application.pauseSubmission("anna", "a holiday");
  const payment = await rig.create();
  assert.deepEqual([payment.submission, payment.status], ["queued", "pending"]);
  rig.workers.start();
  await rig.clock.advance(HOUR);
  assert.equal(createsOf(rig), 0);
  await rig.application.resumeSubmission("anna", "back");
  await workFor(rig, MINUTE);
  assert.equal((await rig.stored(payment.id)).submission, "submitted");
});

Deno.test("a pause survives a restart", async () => {
  const rig = openRig();
  await rig.application.pauseSubmission("anna", "a holiday");
  const { application } = anotherInstance(rig);
  const payment = await rig.put(queued());
  await workFor(rig, MINUTE, anotherInstance(rig).workers);
  assert.equal((await rig.stored(payment.id)).submission, "queued");
  await application.resumeSubmission("boris", "back");
  await workFor(rig, MINUTE, anotherInstance(rig).workers);
  assert.equal((await rig.stored(payment.id)).submission, "submitted");
});

Deno.test("a pause holds back what another instance has queued", async () => {
  const rig = openRig();
  await anotherInstance(rig).application.pauseSubmission("anna", "a holiday");
  await rig.create();
  assert.equal(createsOf(rig), 0);
});

for (const httpStatus of [401, 403]) {
  Deno.test(`a ${httpStatus} stops sending for all and fails no payment, until a person resumes`, async () => {
    const rig = openRig();
    rig.gateway.next.create.push({ notExecuted: `konsol_${httpStatus}`, httpStatus });
    const refused = await rig.create();
    assert.deepEqual([refused.submission, refused.maybeSentAt], ["queued", undefined]);
    const others = await putMany(rig, 10);
    rig.workers.start();
    await rig.clock.advance(10 * MINUTE);
    assert.equal(createsOf(rig), 1);
    await rig.application.resumeSubmission("anna", "the token is mended");
    await workFor(rig, MINUTE);
    assert.deepEqual(await statesOf(rig, [refused, ...others]), { submitted: 11 });
  });
}

for (const httpStatus of [404, 405]) {
  Deno.test(`a ${httpStatus} stops sending for all, and its own payment is in doubt`, async () => {
    const rig = openRig();
    rig.gateway.next.create.push({ doubt: `http_${httpStatus}`, httpStatus });
    const doubtful = await rig.create();
    assert.deepEqual([doubtful.submission, doubtful.failure], ["in_doubt", undefined]);
    const others = await putMany(rig, 10);
    await workFor(rig, MINUTE);
    assert.deepEqual(await statesOf(rig, others), { queued: 10 });
    assert.deepEqual(alarmsOf(rig), ["submission_paused"]);
  });
}

Deno.test("a 429 holds all back for as long as Konsol asked, and not longer", async () => {
  const rig = openRig();
  const retryAfterMs = 10 * MINUTE;
  rig.gateway.next.create.push({ notExecuted: "konsol_429", httpStatus: 429, retryAfterMs });
  const first = await rig.create();
  const others = await putMany(rig, 5);
  rig.workers.start();
  await rig.clock.advance(10 * MINUTE - 1);
  assert.equal(createsOf(rig), 1);
  await workFor(rig, MINUTE);
  assert.deepEqual(await statesOf(rig, [first, ...others]), { submitted: 6 });
});

Deno.test("nothing is claimed while the pause cannot be read, and a create is answered all the same", async () => {
  const rig = openRig();
  rig.next.control.get.push("before");
  const payment = await rig.create();
  assert.deepEqual([payment.submission, createsOf(rig)], ["queued", 0]);
  await settle();
  assert.equal(payment.createdAt, NOW);
});
