// Laws of T9 in application/resolve_doubt.ts, resubmit_budget.ts and submit_payment.ts: RESUBMIT=after_horizon.

import assert from "node:assert/strict";
import type { Settings } from "../../application/ports.ts";
import { CLEAN_SCANS_MIN } from "../../application/resolve_doubt.ts";
import { takeResubmit } from "../../application/resubmit_budget.ts";
import { submitPayment } from "../../application/submit_payment.ts";
import type { Payment } from "../../domain/payment.ts";
import { flagDisagreement } from "../../domain/payment_change.ts";
import { noteCandidate } from "../../domain/payment_following.ts";
import { resubmit } from "../../domain/payment_review.ts";
import { SCANS_APART_MS } from "../../domain/scan.ts";
import { openRig, type Rig, webhookBody } from "../support/application_rig.ts";
import { settle } from "../support/fake_clock.ts";
import { alarmsOf, scanTwice, stepsOf, witness, workFor } from "../support/instances.ts";
import {
  BY_POLL,
  claimed,
  DAY,
  HOUR,
  inDoubt,
  MINUTE,
  NOW,
  PHONE_REQUEST,
  settled,
} from "../support/payment_states.ts";

const HORIZON = NOW + 5_000 + DAY;

/** A payment in doubt that Konsol does not have, and the rule that may send it again. */
async function openDoubt(from: Payment = inDoubt(), settings: Partial<Settings> = {}) {
  const rig = openRig({ settings: { resubmit: "after_horizon", ...settings } });
  const { id } = await rig.put(from);
  const steps = stepsOf(rig);
  const { resolve } = steps;
  const look = async () => await resolve(await rig.stored(id));
  const submit = async () =>
    await submitPayment(rig.ports, rig.settings, steps, await rig.stored(id));
  return { rig, id, steps, look, submit };
}

type Opened = Awaited<ReturnType<typeof openDoubt>>;

/** So many scans are without it, the last one just before its horizon. */
async function absent({ rig, id, steps, look }: Opened, scans = CLEAN_SCANS_MIN) {
  await rig.clock.advance(HORIZON - NOW - HOUR);
  let after = await scanTwice(rig, steps.resolve, id);
  for (let count = 1; count < scans; count++) {
    await rig.clock.advance(SCANS_APART_MS);
    after = await look();
  }
  assert.equal(after.cleanScans, scans);
  return after;
}

/** Just past it, and Konsol's list has come as far. */
async function toHorizon({ rig }: Opened): Promise<void> {
  await rig.clock.advance(HORIZON + 1 - rig.clock.now());
  await witness(rig);
}

/** Absent scan after scan, and looked at once more at its horizon. */
async function overHorizon(opened: Opened): Promise<Payment> {
  await absent(opened);
  await toHorizon(opened);
  return await opened.look();
}

function movesOf({ history }: Payment): unknown[] {
  return history.map(({ move }) => move);
}

Deno.test("resolveDoubt() queues again past the horizon what scan after scan was without (T9)", async () => {
  const again = await overHorizon(await openDoubt());
  assert.deepEqual([again.submission, movesOf(again).at(-1)], ["queued", "T9"]);
  assert.equal(again.dueAt, HORIZON + 1);
});

Deno.test("resolveDoubt() queues nothing again before the horizon, however many scans were clean", async () => {
  const opened = await openDoubt();
  const waiting = await absent(opened, 10);
  assert.equal(waiting.submission, "in_doubt");
  await opened.rig.clock.advance(HORIZON - opened.rig.clock.now() - 1);
  assert.equal((await opened.look()).submission, "in_doubt");
});

Deno.test("resolveDoubt() queues nothing again before the list shows what was sent after the horizon", async () => {
  const opened = await openDoubt();
  await absent(opened);
  const { rig } = opened;
  await rig.clock.advance(HORIZON + 2 - rig.clock.now());
  assert.equal((await opened.look()).submission, "in_doubt");
  await witness(rig);
  await rig.clock.advance(SCANS_APART_MS);
  assert.equal((await opened.look()).submission, "queued");
});

Deno.test("resolveDoubt() queues nothing again with fewer than three clean scans", async () => {
  const opened = await openDoubt();
  await absent(opened, 1);
  await toHorizon(opened);
  assert.equal((await opened.look()).submission, "in_doubt");
  await opened.rig.clock.advance(SCANS_APART_MS);
  assert.equal((await opened.look()).submission, "queued");
});

Deno.test("resolveDoubt() with RESUBMIT=never queues nothing again, though all else of the rule holds", async () => {
  const late = { ...inDoubt(), submissionSince: HORIZON, cleanScans: 5 };
  const { rig, id, steps } = await openDoubt(late, { resubmit: "never" });
  await rig.clock.advance(HORIZON - NOW);
  const after = await scanTwice(rig, steps.resolve, id);
  assert.deepEqual([after.submission, after.cleanScans], ["in_doubt", 6]);
});

Deno.test("resolveDoubt() keeps what is absent out of the review before the horizon", async () => {
  const opened = await openDoubt();
  assert.equal((await absent(opened)).submission, "in_doubt");
  assert.deepEqual(alarmsOf(opened.rig), []);
});

Deno.test("resolveDoubt() queues nothing again a second time: two doubts are for a person", async () => {
  const twice = inDoubt();
  const opened = await openDoubt({ ...twice, history: [...twice.history, ...twice.history] });
  assert.equal((await overHorizon(opened)).submission, "in_doubt");
});

for (
  const [what, spoil] of [
    ["that Konsol contradicts", (one: Payment) => flagDisagreement(one, "two", NOW, BY_POLL)],
    ["whose card number is gone", (one: Payment) => ({ ...one, recipient: settled().recipient })],
  ] as const
) {
  Deno.test(`resolveDoubt() queues nothing again ${what}`, async () => {
    const opened = await openDoubt(spoil(inDoubt()));
    assert.equal((await overHorizon(opened)).submission, "in_doubt");
  });
}

Deno.test("resolveDoubt() queues nothing again with a candidate to ask for", async () => {
  const opened = await openDoubt();
  const before = await absent(opened);
  await opened.rig.overwrite(before, noteCandidate(before, "konsol_9", NOW));
  await toHorizon(opened);
  assert.equal((await opened.look()).submission, "in_doubt");
});

Deno.test("resolveDoubt() queues a payment by phone again: it has no number to lose", async () => {
  assert.equal((await overHorizon(await openDoubt(inDoubt(PHONE_REQUEST)))).submission, "queued");
});

Deno.test("resolveDoubt() queues nothing again while a webhook that may be its is not worked off", async () => {
  const opened = await openDoubt();
  opened.rig.gateway.next.get.push("timeout");
  await opened.rig.application.receiveWebhook(webhookBody("konsol_77"));
  await settle();
  assert.equal((await overHorizon(opened)).submission, "in_doubt");
});

Deno.test("resolveDoubt() queues again no more than the day's budget, in all instances", async () => {
  const opened = await openDoubt(inDoubt(), { resubmitDailyMax: 1 });
  await absent(opened);
  await toHorizon(opened);
  assert.equal(await takeResubmit(opened.rig.ports, 1, HORIZON), true);
  assert.equal((await opened.look()).submission, "in_doubt");
});

Deno.test("resolveDoubt() parks an hour after the horizon what the rule could not send again", async () => {
  const opened = await openDoubt(inDoubt(), { resubmitDailyMax: 0 });
  await overHorizon(opened);
  await opened.rig.clock.advance(HOUR - 2);
  assert.equal((await opened.look()).submission, "in_doubt");
  await opened.rig.clock.advance(SCANS_APART_MS);
  const parked = await opened.look();
  assert.deepEqual([parked.submission, movesOf(parked).at(-1)], ["review", "T10"]);
});

Deno.test("resolveDoubt() queues nothing again that was linked at that very moment", async () => {
  const opened = await openDoubt();
  await absent(opened);
  await toHorizon(opened);
  const { rig, id } = opened;
  const link = async () => {
    const current = await rig.stored(id);
    await rig.overwrite(current, { ...current, submission: "submitted", konsolId: "konsol_9" });
  };
  rig.next.control.put.push(link);
  assert.equal((await opened.look()).submission, "submitted");
});

Deno.test("resolveDoubt() queues nothing again that another instance sent and doubted meanwhile", async () => {
  const opened = await openDoubt();
  await absent(opened);
  await toHorizon(opened);
  const { rig, id } = opened;
  const sendToo = async () => {
    const current = await rig.stored(id);
    await rig.overwrite(current, { ...current, attempt: 2, sendNotAfter: rig.clock.now() });
  };
  rig.next.control.put.push(sendToo);
  const after = await opened.look();
  assert.deepEqual([after.submission, after.attempt], ["in_doubt", 2]);
});

Deno.test("resolveDoubt() queues no attempt again that its scans were not made for", async () => {
  const opened = await openDoubt();
  const before = await absent(opened);
  await toHorizon(opened);
  const { rig, id } = opened;
  const next = { ...before, attempt: 2, cleanScans: undefined, cleanScanAt: undefined };
  rig.next.payments.save.push(() => rig.overwrite(before, next));
  await opened.look();
  const { submission, attempt } = await rig.stored(id);
  assert.deepEqual([submission, attempt], ["in_doubt", 2]);
});

Deno.test("takeResubmit() gives so many a day, and as many the next day", async () => {
  const { ports } = openRig();
  const taken = [];
  for (const now of [NOW, NOW, NOW, NOW + DAY, NOW + DAY, NOW + DAY]) {
    taken.push(await takeResubmit(ports, 2, now));
  }
  assert.deepEqual(taken, [true, true, false, true, true, false]);
});

Deno.test("takeResubmit() gives nothing back to a clock that is behind about midnight, or was set back", async () => {
  const { ports } = openRig();
  const midnight = Math.ceil(NOW / DAY) * DAY;
  const taken: boolean[] = [];
  for (const now of [midnight + 1, midnight - 1, midnight + 1, midnight - DAY]) {
    taken.push(await takeResubmit(ports, 2, now));
  }
  assert.deepEqual(taken, [true, true, false, false]);
});

Deno.test("takeResubmit() counts what all instances take at once", async () => {
  const { ports } = openRig();
  const taken = await Promise.all(Array.from({ length: 9 }, () => takeResubmit(ports, 4, NOW)));
  assert.equal(taken.filter((one) => one).length, 4);
});

Deno.test("takeResubmit() gives nothing when it cannot be said for sure", async () => {
  const { ports, next, stores } = openRig();
  let version: number | undefined;
  const race = async () => {
    await stores.control.put("resubmit_budget", version, { day: 0, count: 0 });
    version = (version ?? 0) + 1;
  };
  next.control.put.push(...Array.from({ length: 10 }, () => race));
  assert.equal(await takeResubmit(ports, 100, NOW), false);
});

Deno.test("submitPayment() claims what was queued again only after a clean scan begun since", async () => {
  const opened = await openDoubt();
  await overHorizon(opened);
  const waiting = await opened.submit();
  assert.deepEqual([waiting.submission, waiting.attempt], ["queued", 1]);
  assert.equal(opened.rig.konsol.record("konsol_3"), undefined);
  await opened.rig.clock.advance(SCANS_APART_MS);
  await opened.submit();
  const sent = await opened.submit();
  assert.deepEqual([sent.submission, sent.attempt], ["submitted", 2]);
  assert.deepEqual(movesOf(sent), ["T1", "T3", "T7", "T9", "T3", "T5"]);
});

Deno.test("submitPayment() links what was queued again and found meanwhile, and never sends it", async () => {
  const opened = await openDoubt();
  const queuedAgain = await overHorizon(opened);
  const { rig } = opened;
  rig.konsol.create(queuedAgain);
  await rig.clock.advance(SCANS_APART_MS);
  const found = await opened.submit();
  assert.deepEqual([found.submission, found.attempt, found.konsolId], ["submitted", 1, "konsol_3"]);
  assert.equal(found.history.at(-1)?.move, "T8");
  assert.deepEqual(rig.gateway.calls.filter((call) => call.startsWith("create")), []);
});

Deno.test("submitPayment() sends nothing again while a webhook that may be its is not worked off", async () => {
  const opened = await openDoubt();
  await overHorizon(opened);
  const { rig } = opened;
  await rig.clock.advance(SCANS_APART_MS);
  await opened.submit();
  rig.gateway.next.get.push("timeout");
  await rig.application.receiveWebhook(webhookBody("konsol_77"));
  await settle();
  const waiting = await opened.submit();
  assert.equal(waiting.submission, "queued");
  assert.ok((waiting.dueAt ?? 0) > rig.clock.now(), "looked at again later, not at once");
});

Deno.test("submitPayment() needs another scan after an attempt that was not executed", async () => {
  const opened = await openDoubt();
  await overHorizon(opened);
  const { rig } = opened;
  await rig.clock.advance(SCANS_APART_MS);
  await opened.submit();
  rig.gateway.next.create.push({ notExecuted: "tcp_connect_failed" });
  const requeued = await opened.submit();
  assert.deepEqual([requeued.submission, requeued.attempt], ["queued", 2]);
  await rig.clock.advance(MINUTE / 2);
  assert.deepEqual([(await opened.submit()).attempt, rig.konsol.executed], [2, 2]);
});

Deno.test("submitPayment() of what was queued again is in doubt a second time at most", async () => {
  const opened = await openDoubt();
  await overHorizon(opened);
  const { rig } = opened;
  await rig.clock.advance(SCANS_APART_MS);
  await opened.submit();
  rig.gateway.next.create.push("lose_before_effect");
  let after = await opened.submit();
  assert.deepEqual([after.submission, after.attempt], ["in_doubt", 2]);
  while (after.submission === "in_doubt") {
    await rig.clock.advance((after.dueAt ?? 0) - rig.clock.now());
    after = await opened.look();
  }
  assert.deepEqual([after.submission, after.attempt], ["review", 2]);
});

Deno.test("resubmit() of a payment that two instances queue again is one claim", async () => {
  const opened = await openDoubt();
  const before = await absent(opened);
  const { rig } = opened;
  const again = await rig.overwrite(before, resubmit(before, rig.clock.now()));
  const clean = await rig.overwrite(again, { ...again, cleanScanAt: rig.clock.now() });
  const saved = await Promise.all(
    [1, 2].map(() => rig.stores.payments.save(clean, claimed(clean, rig.clock.now()))),
  );
  assert.deepEqual(saved.map(({ kind }) => kind).sort(), ["saved", "stale"]);
});

function createsOf({ gateway }: Rig): string[] {
  return gateway.calls.filter((call) => call.startsWith("create"));
}

Deno.test("the workers send again by the rule once, and follow it to its end", async () => {
  const opened = await openDoubt();
  await absent(opened);
  await toHorizon(opened);
  const { rig, id } = opened;
  rig.workers.start();
  await rig.clock.advance(20 * MINUTE);
  const { konsolId = "" } = await rig.stored(id);
  rig.konsol.setStatus(konsolId, "completed");
  await workFor(rig, 20 * MINUTE);
  assert.equal((await rig.stored(id)).status, "completed");
  assert.equal(createsOf(rig).length, 1);
});
