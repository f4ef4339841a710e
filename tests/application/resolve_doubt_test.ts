// Laws of application/resolve_doubt.ts: found, contradicted or absent, and T10 with RESUBMIT=never.

import assert from "node:assert/strict";
import { adoptKonsolPayment } from "../../application/adopt_konsol_payment.ts";
import { DOUBT_MAX_MS } from "../../application/resolve_doubt.ts";
import type { Payment } from "../../domain/payment.ts";
import { NO_CLEAN_SCANS, parkForReview } from "../../domain/payment_change.ts";
import { noteCandidate } from "../../domain/payment_following.ts";
import { isUnaccounted } from "../../domain/payment_review.ts";
import type { ProviderPayment } from "../../domain/provider_payment.ts";
import { SCANS_APART_MS } from "../../domain/scan.ts";
import { openRig, type Rig } from "../support/application_rig.ts";
import { alarmsOf, resolverOf, scanTwice, witness } from "../support/instances.ts";
import {
  HOUR,
  inDoubt,
  inReview,
  MINUTE,
  NOW,
  queued,
  settled,
} from "../support/payment_states.ts";

/** In doubt; Konsol has nothing of it. */
async function openDoubt(from: Payment = inDoubt()) {
  const rig = openRig();
  const payment = await rig.put(from);
  return { ...rig, rig, payment, resolve: resolverOf(rig) };
}

/** In doubt, and Konsol executed it. */
async function openExecuted(from: Payment = inDoubt(), told: Partial<ProviderPayment> = {}) {
  const opened = await openDoubt(from);
  const record = opened.konsol.create(opened.payment);
  if (record !== undefined) opened.konsol.plant({ ...record, ...told } as typeof record);
  return opened;
}

/** Queued after a doubt, as T9 and T11 leave it. */
function queuedAgain(): Payment {
  return { ...queued(), attempt: 1, firstClaimedAt: NOW, sendNotAfter: NOW, maybeSentAt: NOW };
}

function lastOf({ history }: Payment) {
  const { move, note } = history.at(-1) ?? {};
  return [move, note];
}

function callsOf({ gateway }: Rig, kind: string): string[] {
  return gateway.calls.filter((call) => call.startsWith(kind));
}

Deno.test("resolveDoubt() finds it in the list, asks for it and links it (T8)", async () => {
  for (const from of [inDoubt(), inReview(), queuedAgain()]) {
    const { rig, payment, resolve } = await openExecuted(from);
    const after = await resolve(payment);
    assert.deepEqual([after.submission, after.konsolId], ["submitted", "konsol_1"]);
    assert.equal(after.history.at(-1)?.move, "T8");
    assert.deepEqual(rig.gateway.calls, ["list 1 100", "list 2 99", "get konsol_1"]);
    assert.deepEqual(alarmsOf(rig), []);
  }
});

Deno.test("resolveDoubt() believes no row without a GET of it, and tries again", async () => {
  const { rig, payment, resolve } = await openExecuted();
  rig.gateway.next.get.push("timeout", "not_found");
  for (let tries = 0; tries < 2; tries++) {
    const waiting = await resolve(await rig.stored(payment.id));
    assert.deepEqual([waiting.submission, waiting.konsolId], ["in_doubt", undefined]);
    assert.ok((waiting.dueAt ?? 0) > rig.clock.now());
  }
  assert.equal((await resolve(await rig.stored(payment.id))).submission, "submitted");
});

Deno.test("resolveDoubt() parks after 30 min what the list shows and no GET does", async () => {
  const { rig, payment, resolve } = await openExecuted();
  rig.gateway.next.get.push("not_found");
  await rig.clock.advance(DOUBT_MAX_MS);
  assert.deepEqual(lastOf(await resolve(payment)), ["T10", "found, but no GET of it"]);
});

Deno.test("resolveDoubt() takes two Konsol payments for one to a person (T10), with an alarm", async () => {
  const { rig, payment, resolve } = await openExecuted();
  rig.konsol.create(payment);
  const parked = await resolve(payment);
  const [move, note] = lastOf(parked);
  assert.deepEqual([parked.submission, move], ["review", "T10"]);
  assert.match(note ?? "", /^Konsol has 2 payments for it: konsol_\d, konsol_\d$/);
  assert.deepEqual(alarmsOf(rig), ["payment_needs_review"]);
});

Deno.test("resolveDoubt() takes a contradiction about a queued payment to a person (T14), unsent", async () => {
  const { rig, payment, resolve } = await openExecuted(queuedAgain(), { amountMinor: 1 });
  const parked = await resolve(payment);
  assert.deepEqual(lastOf(parked), ["T14", "Konsol's konsol_1 names it, but amount differs"]);
  assert.deepEqual(alarmsOf(rig), ["payment_needs_review"]);
});

Deno.test("resolveDoubt() flags once a contradiction of what a person has already, and looks again", async () => {
  const { rig, payment, resolve } = await openExecuted(inReview(), { amountMinor: 1 });
  const after = await resolve(payment);
  assert.deepEqual([after.submission, after.dueAt], ["review", NOW + 15 * MINUTE]);
  assert.deepEqual(lastOf(after), [undefined, "Konsol's konsol_1 names it, but amount differs"]);
  assert.equal(after.providerDisagrees, true);
  await rig.clock.advance(15 * MINUTE);
  assert.equal((await resolve(after)).history.length, after.history.length);
  assert.deepEqual(alarmsOf(rig), ["payment_needs_review"]);
});

Deno.test("resolveDoubt() of two Konsol payments is told for good, whichever a person links", async () => {
  const { rig, payment, resolve } = await openExecuted();
  rig.konsol.create(payment);
  const { attempt } = await resolve(payment);
  const words = { attempt, reason: "the first of them", by: "anna" };
  const paid = { ...words, decision: "paid", konsolId: "konsol_1" } as const;
  const linked = await rig.application.decideReview(payment.id, paid);
  assert.deepEqual([linked.submission, linked.providerDisagrees], ["submitted", true]);
});

Deno.test("resolveDoubt() links neither of two by itself later, though one alone is left to be seen", async () => {
  const { rig, payment, resolve } = await openExecuted();
  rig.konsol.create(payment);
  const parked = await resolve(payment);
  const seen = await rig.ports.gateway.getPayment("konsol_1");
  assert.ok(seen.kind === "found");
  const after = await adoptKonsolPayment(rig.ports, parked, seen.payment, { kind: "poll" });
  assert.deepEqual([after.submission, after.konsolId], ["review", undefined]);
  const paid = { attempt: 1, reason: "the first", by: "anna", konsolId: "konsol_1" };
  const linked = await rig.application.decideReview(payment.id, { ...paid, decision: "paid" });
  assert.equal(linked.konsolId, "konsol_1");
});

Deno.test("resolveDoubt() tells two Konsol payments also of one that was linked meanwhile", async () => {
  const { rig, payment, resolve } = await openExecuted();
  rig.konsol.create(payment);
  const seen = await rig.ports.gateway.getPayment("konsol_1");
  assert.ok(seen.kind === "found");
  await adoptKonsolPayment(rig.ports, payment, seen.payment, { kind: "webhook" });
  const after = await resolve(payment);
  assert.deepEqual([after.submission, after.konsolId], ["submitted", "konsol_1"]);
  assert.deepEqual(lastOf(after), [undefined, "Konsol has 2 payments for it: konsol_1, konsol_2"]);
  assert.deepEqual(alarmsOf(rig), ["payment_needs_review"]);
});

Deno.test("adoptKonsolPayment() raises one alarm for one that does not fit, however often it is shown", async () => {
  const { rig, payment } = await openExecuted(inReview(), { amountMinor: 1 });
  const seen = await rig.ports.gateway.getPayment("konsol_1");
  assert.ok(seen.kind === "found");
  const adopt = (current: Payment) =>
    adoptKonsolPayment(rig.ports, current, seen.payment, { kind: "poll" });
  await adopt(await adopt(payment));
  assert.deepEqual(alarmsOf(rig), ["konsol_payment_does_not_fit"]);
});

Deno.test("resolveDoubt() links no row whose GET does not name the payment", async () => {
  const { rig, payment, resolve } = await openExecuted();
  rig.gateway.next.get.push({ tell: { paymentId: undefined } });
  const waiting = await resolve(payment);
  assert.deepEqual([waiting.submission, waiting.providerDisagrees], ["in_doubt", undefined]);
});

Deno.test("resolveDoubt() forgets the scans that were without it once one shows it", async () => {
  const scanned = { cleanScans: 3, cleanScanAt: NOW - MINUTE };
  for (const told of [{ amountMinor: 1 }, {}]) {
    for (const from of [inDoubt(), inReview(), queuedAgain()]) {
      const { rig, payment, resolve } = await openExecuted({ ...from, ...scanned }, told);
      rig.gateway.next.get.push("timeout");
      await resolve(payment);
      const { cleanScans, cleanScanAt, ...stored } = await rig.stored(payment.id);
      assert.deepEqual([cleanScans, cleanScanAt, stored.konsolId], Array(3).fill(undefined));
      assert.notEqual(stored.candidateKonsolId ?? stored.providerDisagrees, undefined);
    }
  }
});

Deno.test("resolveDoubt() parks what its GET shows to differ from its row", async () => {
  const { rig, payment, resolve } = await openExecuted();
  rig.gateway.next.get.push({ tell: { amountMinor: 1 } });
  assert.equal((await resolve(payment)).submission, "review");
  assert.deepEqual(alarmsOf(rig), ["konsol_payment_does_not_fit"]);
});

Deno.test("resolveDoubt() takes a row whose id is another payment's to a person, and asks no more", async () => {
  const { rig, payment, resolve } = await openExecuted();
  await rig.put({ ...settled(), konsolId: "konsol_1" });
  const parked = await resolve(payment);
  assert.deepEqual(lastOf(parked), ["T10", "Konsol's konsol_1 is not linked"]);
  assert.equal(parked.dueAt, NOW + 15 * MINUTE);
});

Deno.test("resolveDoubt() looks slowly for a review that its row fits and its GET does not", async () => {
  const { rig, payment, resolve } = await openExecuted(inReview());
  rig.gateway.next.get.push({ tell: { amountMinor: 1 } });
  const after = await resolve(payment);
  assert.deepEqual([after.submission, after.providerDisagrees], ["review", true]);
  assert.equal(after.dueAt, NOW + 15 * MINUTE);
});

Deno.test("resolveDoubt() waits while Konsol cannot be asked, and parks after 30 min", async () => {
  const { rig, payment, resolve } = await openDoubt();
  rig.gateway.next.list.push("timeout", "failed");
  const waiting = await resolve(payment);
  assert.equal(waiting.submission, "in_doubt");
  assert.ok((waiting.dueAt ?? 0) > NOW);
  await rig.clock.advance(DOUBT_MAX_MS);
  assert.deepEqual(lastOf(await resolve(waiting)), ["T10", "Konsol could not be asked"]);
  assert.deepEqual(alarmsOf(rig), ["payment_needs_review"]);
});

Deno.test("resolveDoubt() looks no later than the time at which it parks", async () => {
  const { rig, payment, resolve } = await openDoubt();
  await rig.clock.advance(DOUBT_MAX_MS - 1_000);
  assert.equal((await resolve({ ...payment, looks: 20 })).dueAt, NOW + DOUBT_MAX_MS);
});

Deno.test("resolveDoubt() parks what stays unclear, saying why", async () => {
  const { rig, payment, resolve } = await openDoubt();
  await rig.clock.advance(DOUBT_MAX_MS);
  const [move, note] = lastOf(await resolve(payment));
  assert.deepEqual([move, note], [
    "T10",
    "the list shows no payment of ours that was sent after it",
  ]);
});

Deno.test("resolveDoubt() counts a scan that was without it, once however often it asks", async () => {
  const { rig, payment, resolve } = await openDoubt();
  const once = await scanTwice(rig, resolve, payment.id);
  assert.deepEqual([once.submission, once.cleanScans], ["in_doubt", 1]);
  const again = await resolve(once);
  assert.deepEqual([again.cleanScans, again.cleanScanAt], [1, once.cleanScanAt]);
  assert.ok((again.dueAt ?? 0) > rig.clock.now());
  await rig.clock.advance(SCANS_APART_MS);
  assert.equal((await resolve(again)).cleanScans, 2);
});

Deno.test("resolveDoubt() counts no look twice", async () => {
  const { rig, payment, resolve } = await openDoubt();
  assert.equal((await scanTwice(rig, resolve, payment.id)).looks, payment.looks + 2);
});

Deno.test("resolveDoubt() with RESUBMIT=never parks what is absent after 30 min and never queues it", async () => {
  const { rig, payment, resolve } = await openDoubt();
  let after = await scanTwice(rig, resolve, payment.id);
  while (after.submission === "in_doubt") {
    await rig.clock.advance((after.dueAt ?? 0) - rig.clock.now());
    after = await resolve(after);
  }
  assert.deepEqual(lastOf(after), ["T10", "not found at Konsol"]);
  assert.equal(after.submissionSince, NOW + DOUBT_MAX_MS);
  assert.ok((after.cleanScans ?? 0) > 3, "though scan after scan was clean");
  assert.deepEqual(alarmsOf(rig), ["payment_needs_review"]);
});

Deno.test("resolveDoubt() counts scans for a review too: a decision may rest on them", async () => {
  const { rig, payment, resolve } = await openDoubt(inReview());
  const once = await scanTwice(rig, resolve, payment.id);
  assert.deepEqual([once.submission, once.cleanScans], ["review", 1]);
  assert.equal(once.dueAt, rig.clock.now() + 15 * MINUTE);
});

Deno.test("resolveDoubt() makes a queued payment due at once when a scan begun since is clean", async () => {
  const { rig, payment, resolve } = await openDoubt(queuedAgain());
  const once = await scanTwice(rig, resolve, payment.id);
  assert.deepEqual([once.submission, once.dueAt], ["queued", rig.clock.now()]);
  assert.ok((once.cleanScanAt ?? 0) >= once.submissionSince);
});

Deno.test("resolveDoubt() counts no scan for a queued payment that was begun before it was queued", async () => {
  const { rig, payment, resolve } = await openDoubt();
  const once = await scanTwice(rig, resolve, payment.id);
  await rig.clock.advance(1);
  const requeued = { ...once, submission: "queued" as const, submissionSince: rig.clock.now() };
  const again = { ...requeued, cleanScans: undefined, cleanScanAt: undefined };
  const after = await resolve(await rig.overwrite(once, again));
  assert.equal(after.cleanScanAt, undefined);
  assert.ok((after.dueAt ?? 0) > rig.clock.now());
});

Deno.test("resolveDoubt() counts no scan beside a payment that another instance has seen meanwhile", async () => {
  const { rig, payment, resolve } = await openDoubt(inReview());
  await scanTwice(rig, resolve, payment.id);
  await rig.clock.advance(SCANS_APART_MS);
  rig.next.payments.save.push(async () => {
    const current = await rig.stored(payment.id);
    const seen = { ...noteCandidate(current, "konsol_9", NOW), ...NO_CLEAN_SCANS };
    await rig.overwrite(current, seen);
  });
  const after = await resolve(await rig.stored(payment.id));
  assert.deepEqual([after.cleanScans, after.candidateKonsolId], [undefined, "konsol_9"]);
});

Deno.test("resolveDoubt() counts no scan for another attempt than it was made for", async () => {
  const { rig, payment, resolve } = await openDoubt();
  await scanTwice(rig, resolve, payment.id);
  await rig.clock.advance(SCANS_APART_MS);
  const before = await rig.stored(payment.id);
  const next = { ...before, attempt: 2, cleanScans: undefined, cleanScanAt: undefined };
  rig.next.payments.save.push(() => rig.overwrite(before, next));
  assert.equal((await resolve(before)).cleanScans, undefined);
});

Deno.test("resolveDoubt() leaves what was linked while it scanned", async () => {
  for (const reason of ["timeout", "answer"] as const) {
    const { rig, payment, resolve } = await openDoubt();
    rig.gateway.next.list.push(reason);
    const linked = { ...payment, submission: "submitted", konsolId: "konsol_9" } as const;
    rig.next.payments.save.push(() => rig.overwrite(payment, linked));
    const after = await resolve(payment);
    assert.deepEqual([after.submission, after.konsolId], ["submitted", "konsol_9"]);
    assert.deepEqual(alarmsOf(rig), []);
  }
});

Deno.test("resolveDoubt() parks nothing that was linked while it scanned, and raises no alarm about that one", async () => {
  const { rig, payment, resolve } = await openExecuted(inDoubt(), { amountMinor: 1 });
  const linked = { ...payment, submission: "submitted", konsolId: "konsol_1" } as const;
  rig.next.payments.save.push(() => rig.overwrite(payment, linked));
  assert.equal((await resolve(payment)).submission, "submitted");
  assert.deepEqual(alarmsOf(rig), []);
});

Deno.test("resolveDoubt() does not park what another sent back to the queue while it judged", async () => {
  for (const reason of ["timeout", "answer"] as const) {
    const { rig, payment, resolve } = await openDoubt();
    await rig.clock.advance(DOUBT_MAX_MS);
    rig.gateway.next.list.push(reason);
    const again = { ...payment, submission: "queued", dueAt: rig.clock.now() + HOUR } as const;
    rig.next.payments.save.push(() => rig.overwrite(payment, again));
    assert.equal((await resolve(payment)).submission, "queued");
    assert.deepEqual(alarmsOf(rig), []);
  }
});

Deno.test("resolveDoubt() counts no scan for what was linked while it scanned", async () => {
  const { rig, payment, resolve } = await openDoubt();
  const before = await scanTwice(rig, resolve, payment.id);
  await rig.clock.advance(SCANS_APART_MS);
  const linked = { ...before, submission: "submitted", konsolId: "konsol_9" } as const;
  rig.next.payments.save.push(() => rig.overwrite(before, linked));
  const after = await resolve(before);
  assert.deepEqual([after.submission, after.cleanScans], ["submitted", 1]);
});

Deno.test("resolveDoubt() looks for a payment that has no claim in its record since its creation", async () => {
  const { rig, payment, resolve } = await openDoubt({ ...inDoubt(), firstClaimedAt: undefined });
  await witness(rig);
  await resolve(payment);
  assert.equal(isUnaccounted(await rig.stored(payment.id)), true);
  assert.ok(callsOf(rig, "list").length > 0);
});

Deno.test("resolveDoubt() scans once for all that are in doubt", async () => {
  const { rig, payment, resolve } = await openDoubt();
  const others = [await rig.put(inDoubt()), await rig.put(inReview())];
  await Promise.all([payment, ...others].map(resolve));
  assert.deepEqual(rig.gateway.calls, ["list 1 100"]);
});

Deno.test("resolveDoubt() of an old review reads the list back to its first claim", async () => {
  const old = parkForReview(inDoubt(), "T10", "not found", NOW, { kind: "timer" });
  const { rig, payment, resolve } = await openExecuted(old);
  await rig.clock.advance(30 * 24 * HOUR);
  for (let count = 0; count < 250; count++) await witness(rig);
  assert.equal((await resolve(payment)).konsolId, "konsol_1");
  assert.equal(callsOf(rig, "list").length, 4);
});
