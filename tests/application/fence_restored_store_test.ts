// Laws of application/fence_restored_store.ts: nothing of a lost tail is paid twice.

import assert from "node:assert/strict";
import { fenceRestoredStore } from "../../application/fence_restored_store.ts";
import { readPause } from "../../application/submission_gate.ts";
import { StoreUnavailable } from "../../application/store_unavailable.ts";
import type { Payment } from "../../domain/payment.ts";
import { parkForReview } from "../../domain/payment_change.ts";
import { cancelQueued } from "../../domain/payment_sending.ts";
import { openRig, type Rig, webhookBody } from "../support/application_rig.ts";
import { settle } from "../support/fake_clock.ts";
import { alarmsOf, anotherInstance, workFor } from "../support/instances.ts";
import {
  BY_POLL,
  BY_REQUEST,
  claimed,
  DAY,
  HOUR,
  inDoubt,
  inReview,
  MINUTE,
  NOW,
  queued,
  settled,
  submitted,
  submitting,
} from "../support/payment_states.ts";

/** The store comes back six hours after the backup that it is. */
async function restored(rig: Rig): Promise<number> {
  await rig.clock.advance(6 * HOUR);
  return await fenceRestoredStore(rig.ports, "restored");
}

const cancelled = (payment: Payment) => cancelQueued(payment, NOW, BY_REQUEST);

/** The payment that Konsol got within the lost tail. */
async function sentInTail(rig: Rig, payment: Payment): Promise<void> {
  await rig.clock.advance(HOUR);
  rig.konsol.create(payment);
}

Deno.test("fenceRestoredStore() puts what was queued or submitting in doubt, with its card kept", async () => {
  const rig = openRig();
  const payments = [await rig.put(queued()), await rig.put(submitting())];
  assert.equal(await restored(rig), 2);
  for (const { id, recipient } of payments) {
    const after = await rig.stored(id);
    assert.deepEqual([after.submission, after.maybeSentAt], ["in_doubt", rig.clock.now()]);
    assert.deepEqual([after.recipient, after.attempt, after.lease], [recipient, 1, undefined]);
    assert.equal(after.history.at(-1)?.move, "T7");
    assert.equal(after.history.at(-1)?.cause.id, "restored from a backup");
  }
});

Deno.test("fenceRestoredStore() leaves what Konsol has and what ended as it was", async () => {
  const rig = openRig();
  const payments = [
    await rig.put(submitted()),
    await rig.put({ ...settled(), konsolId: "konsol_9" }),
    await rig.put({ ...parkForReview(submitted(), "T13", "", NOW, BY_POLL), konsolId: "konsol_8" }),
  ];
  assert.equal(await restored(rig), 0);
  for (const payment of payments) assert.deepEqual(await rig.stored(payment.id), payment);
});

Deno.test("fenceRestoredStore() pauses sending until a person resumes it", async () => {
  const rig = openRig();
  await restored(rig);
  const pause = await readPause(rig.ports);
  assert.deepEqual([pause?.paused, pause?.by], [true, "service"]);
  assert.deepEqual(alarmsOf(rig), ["submission_paused"]);
  assert.equal((await rig.create()).submission, "queued");
});

Deno.test("fenceRestoredStore() fences more than one batch, to the last one", async () => {
  const rig = openRig();
  for (let count = 0; count < 250; count++) await rig.put(queued());
  assert.equal(await restored(rig), 250);
  const states = ["queued", "submitting"] as const;
  assert.deepEqual(await rig.stores.payments.due(states, Number.MAX_SAFE_INTEGER, 1), []);
});

Deno.test("fenceRestoredStore() also fences what was to be sent much later", async () => {
  const rig = openRig();
  const { id } = await rig.put({ ...queued(), dueAt: NOW + 30 * DAY });
  await restored(rig);
  assert.equal((await rig.stored(id)).submission, "in_doubt");
});

Deno.test("fenceRestoredStore() rejects when it cannot fence all: nothing may start then", async () => {
  for (const method of ["save", "due", "list"] as const) {
    const rig = openRig();
    await rig.put(queued());
    rig.next.payments[method].push("before");
    await assert.rejects(restored(rig), StoreUnavailable);
  }
});

Deno.test("fenceRestoredStore() counts the horizon from now: the tail may have sent until now", async () => {
  const rig = openRig();
  const payments = [queued(), submitting(), inDoubt(), inReview()];
  const put = await Promise.all(payments.map((payment) => rig.put(payment)));
  await restored(rig);
  for (const { id } of put) assert.equal((await rig.stored(id)).sendNotAfter, rig.clock.now());
});

Deno.test("fenceRestoredStore() believes no scan of before: the tail may have sent since", async () => {
  for (const payment of [inDoubt(), inReview()]) {
    const rig = openRig();
    const { id } = await rig.put({ ...payment, cleanScans: 5, cleanScanAt: NOW });
    await restored(rig);
    const { cleanScans, cleanScanAt } = await rig.stored(id);
    assert.deepEqual([cleanScans, cleanScanAt], [undefined, undefined]);
  }
});

Deno.test("fenceRestoredStore() lets nobody send again at once what a review thinks unsent", async () => {
  const rig = openRig();
  const { id } = await rig.put(parkForReview(queued(), "T14", "old", NOW, { kind: "timer" }));
  await restored(rig);
  const decision = { attempt: 0, then: "resubmit", reason: "never sent", by: "anna" } as const;
  await assert.rejects(
    rig.application.decideReview(id, { ...decision, decision: "not_paid" }),
    { code: "review_too_early" },
  );
});

for (
  const [what, payment] of [
    ["queued", queued()],
    ["submitting", submitting()],
    ["in doubt", inDoubt()],
    ["in review", inReview()],
    ["in review and never sent", parkForReview(queued(), "T14", "old", NOW, { kind: "timer" })],
  ] as const
) {
  Deno.test(`a payment ${what} that the lost tail sent is found and linked, and not sent again`, async () => {
    const rig = openRig();
    const put = await rig.put(payment);
    await sentInTail(rig, put);
    await restored(rig);
    await workFor(rig, 20 * MINUTE);
    const after = await rig.stored(put.id);
    assert.deepEqual([after.submission, after.konsolId], ["submitted", "konsol_1"]);
    assert.equal(rig.konsol.executed, 1);
  });
}

Deno.test("a restored payment that Konsol does not have waits for a person, unsent", async () => {
  const rig = openRig();
  const { id } = await rig.put(queued());
  await restored(rig);
  await workFor(rig, HOUR);
  assert.equal((await rig.stored(id)).submission, "review");
  assert.equal(rig.konsol.executed, 0);
});

Deno.test("a Konsol payment of the lost tail whose row is lost too raises the alarm", async () => {
  const rig = openRig();
  await sentInTail(rig, queued());
  await restored(rig);
  await rig.application.receiveWebhook(webhookBody("konsol_1"));
  await settle();
  assert.ok(alarmsOf(rig).includes("konsol_payment_without_row"));
});

Deno.test("a restored store sends what is new once a person resumed it", async () => {
  const rig = openRig();
  await rig.put(queued());
  await restored(rig);
  const payment = await rig.create();
  await workFor(rig, 5 * MINUTE);
  await rig.application.resumeSubmission("anna", "the reviews are done");
  await workFor(rig, MINUTE, anotherInstance(rig).workers);
  assert.equal((await rig.stored(payment.id)).submission, "submitted");
});

Deno.test("fenceRestoredStore() leaves what was cancelled while it fenced, and doubts what was claimed", async () => {
  for (const [meanwhile, expected] of [[cancelled, "settled"], [claimed, "in_doubt"]] as const) {
    const rig = openRig();
    const payment = await rig.put(queued());
    rig.next.payments.save.push(() => rig.overwrite(payment, meanwhile(payment)));
    await restored(rig);
    const { submission } = await rig.stored(payment.id);
    assert.equal(submission, expected);
  }
});
