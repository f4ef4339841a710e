// Laws of application/follow_payment.ts: polls, leases, candidates; doubts are resolve_doubt_test.ts's.

import assert from "node:assert/strict";
import { followPayment } from "../../application/follow_payment.ts";
import { DOUBT_MAX_MS } from "../../application/resolve_doubt.ts";
import { reported } from "../../adapters/memory/memory_konsol.ts";
import { detailOf, type Payment } from "../../domain/payment.ts";
import { parkForReview } from "../../domain/payment_change.ts";
import { applyReport, linkKonsol, noteCandidate } from "../../domain/payment_following.ts";
import type { ProviderPayment } from "../../domain/provider_payment.ts";
import { openRig, type Rig } from "../support/application_rig.ts";
import { alarmsOf, calledNotPaid, resolverOf } from "../support/instances.ts";
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
  submitting,
} from "../support/payment_states.ts";

function follow(rig: Rig, payment: Payment, resolve = resolverOf(rig)): Promise<Payment> {
  return followPayment(rig.ports, resolve, payment);
}

/** Follows the payment whenever it is due, as the worker does, until `until`. */
async function followFor(rig: Rig, id: string, ms: number): Promise<Payment> {
  const end = rig.clock.now() + ms;
  const resolve = resolverOf(rig);
  for (let looks = 0; looks < 1_000; looks++) {
    const { dueAt = Infinity } = await rig.stored(id);
    if (dueAt > end) {
      await rig.clock.advance(end - rig.clock.now());
      return await rig.stored(id);
    }
    await rig.clock.advance(Math.max(0, dueAt - rig.clock.now()));
    await follow(rig, await rig.stored(id), resolve);
  }
  return assert.fail("it never stops being due");
}

/** In doubt since now, with a Konsol payment `konsol_1` that may be it. */
async function doubtful(
  rig: Rig,
  from: Payment = inDoubt(),
  konsol: Partial<ProviderPayment> = {},
): Promise<Payment> {
  const payment = await rig.put(from);
  const record = rig.konsol.create(payment);
  if (record !== undefined) rig.konsol.plant({ ...record, ...konsol } as typeof record);
  return await rig.overwrite(payment, noteCandidate(payment, "konsol_1", NOW));
}

function getsOf({ gateway }: Rig): string[] {
  return gateway.calls.filter((call) => call.startsWith("get"));
}

/** Completed at Konsol and here, and due for its first late look. */
async function completed(rig: Rig): Promise<Payment> {
  const payment = await rig.create();
  rig.konsol.setStatus("konsol_1", "completed");
  return await follow(rig, payment);
}

Deno.test("followPayment() completes a payment once a GET says so", async () => {
  const rig = openRig();
  const payment = await rig.create();
  rig.konsol.setStatus("konsol_1", "completed");
  const after = await follow(rig, payment);
  assert.deepEqual([after.submission, after.status], ["settled", "completed"]);
  assert.deepEqual(after.history.at(-1)?.cause, { kind: "poll" });
});

Deno.test("followPayment() backs off: 10 s, doubling to 15 min", async () => {
  const rig = openRig();
  let payment = await rig.create();
  const waits = [(payment.dueAt ?? 0) - rig.clock.now()];
  for (let look = 0; look < 9; look++) {
    await rig.clock.advance((payment.dueAt ?? 0) - rig.clock.now());
    payment = await follow(rig, payment);
    waits.push((payment.dueAt ?? 0) - rig.clock.now());
  }
  const seconds = [10, 20, 40, 80, 160, 320, 640, 900, 900, 900];
  assert.deepEqual(waits, seconds.map((wait) => wait * 1_050));
});

Deno.test("followPayment() backs off the same while Konsol cannot be asked", async () => {
  const rig = openRig();
  let payment = await rig.create();
  for (const [reason, wait] of [["timeout", 21_000], ["circuit_open", 42_000]] as const) {
    rig.gateway.next.get.push(reason);
    payment = await follow(rig, payment);
    assert.equal((payment.dueAt ?? 0) - rig.clock.now(), wait);
  }
  assert.deepEqual([payment.submission, payment.status], ["submitted", "processing"]);
});

Deno.test("followPayment() polls for days, and ends once Konsol does", async () => {
  const rig = openRig();
  const { id } = await rig.create();
  assert.equal((await followFor(rig, id, 3 * 24 * 60 * MINUTE)).status, "processing");
  rig.konsol.setStatus("konsol_1", "cancelled");
  assert.equal((await followFor(rig, id, 16 * MINUTE)).status, "cancelled");
});

Deno.test("followPayment() parks a payment that Konsol denies for two hours, with an alarm", async () => {
  const rig = openRig();
  const { id } = await rig.create();
  rig.gateway.next.get.push(...Array.from({ length: 100 }, () => "not_found" as const));
  assert.equal((await followFor(rig, id, 119 * MINUTE)).submission, "submitted");
  const parked = await followFor(rig, id, 60 * MINUTE);
  assert.deepEqual([parked.submission, parked.history.at(-1)?.move], ["review", "T13"]);
  assert.deepEqual(alarmsOf(rig), ["payment_needs_review"]);
});

Deno.test("followPayment() leaves a lease that has not expired", async () => {
  const rig = openRig();
  const payment = await rig.put(submitting());
  await rig.clock.advance((payment.lease?.until ?? 0) - NOW - 1);
  assert.equal(await follow(rig, payment), payment);
});

Deno.test("followPayment() of an expired lease is in doubt, never queued, and nothing is sent", async () => {
  const rig = openRig();
  const payment = await rig.put(submitting());
  await rig.clock.advance((payment.lease?.until ?? 0) - NOW);
  const after = await follow(rig, payment);
  assert.deepEqual([after.submission, after.history.at(-1)?.move], ["in_doubt", "T7"]);
  assert.equal(after.maybeSentAt, rig.clock.now());
  assert.deepEqual(rig.gateway.calls, []);
});

Deno.test("followPayment() expires no lease of a later attempt", async () => {
  const rig = openRig();
  const put = await rig.put(queued());
  const first = await rig.overwrite(put, claimed(put));
  const requeued = await rig.overwrite(first, {
    ...first,
    submission: "queued",
    lease: undefined,
  });
  await rig.clock.advance((first.lease?.until ?? 0) - NOW);
  const second = await rig.overwrite(requeued, claimed(requeued, rig.clock.now()));
  assert.deepEqual(await follow(rig, first), second);
});

Deno.test("followPayment() parks what is in doubt for 30 min (T10), with an alarm", async () => {
  const rig = openRig();
  const { id } = await rig.put(inDoubt());
  assert.equal((await followFor(rig, id, DOUBT_MAX_MS - 1)).submission, "in_doubt");
  const parked = await followFor(rig, id, 1);
  assert.deepEqual([parked.submission, parked.history.at(-1)?.move], ["review", "T10"]);
  assert.deepEqual([parked.status, parked.dueAt], ["processing", rig.clock.now() + 15 * MINUTE]);
  assert.deepEqual(alarmsOf(rig), ["payment_needs_review"]);
});

Deno.test("followPayment() never sends what is in doubt", async () => {
  const rig = openRig();
  const { id } = await rig.put(inDoubt());
  await followFor(rig, id, 24 * 60 * MINUTE);
  assert.deepEqual(rig.gateway.calls.filter((call) => !call.startsWith("list")), []);
});

Deno.test("followPayment() looks every 15 min for what a person has in review, and may be at Konsol", async () => {
  const rig = openRig();
  const { id } = await rig.put(inReview());
  await followFor(rig, id, 2 * HOUR);
  assert.deepEqual(rig.gateway.calls, Array(8).fill("list 1 100"));
});

Deno.test("followPayment() parks nothing that was found meanwhile, and raises no alarm", async () => {
  const rig = openRig();
  const payment = await rig.put(inDoubt());
  await rig.clock.advance(DOUBT_MAX_MS);
  const konsolId = "konsol_1";
  rig.next.payments.save.push(() =>
    rig.overwrite(payment, { ...payment, submission: "submitted", konsolId })
  );
  assert.equal((await follow(rig, payment)).submission, "submitted");
  assert.deepEqual(alarmsOf(rig), []);
});

Deno.test("followPayment() adopts the candidate that a GET shows to be ours (T8)", async () => {
  for (const from of [inDoubt(), inReview()]) {
    const rig = openRig();
    const after = await follow(rig, await doubtful(rig, from));
    assert.deepEqual([after.submission, after.konsolId], ["submitted", "konsol_1"]);
    assert.equal(after.history.at(-1)?.move, "T8");
    assert.deepEqual(alarmsOf(rig), []);
  }
});

Deno.test("followPayment() looks at once again where the candidate has ended already", async () => {
  const rig = openRig();
  const payment = await doubtful(rig, inDoubt(), { status: "completed" });
  const adopted = await follow(rig, payment);
  assert.deepEqual([adopted.status, adopted.dueAt], ["processing", NOW]);
  assert.equal((await follow(rig, adopted)).status, "completed");
});

Deno.test("followPayment() asks for the candidate again while Konsol cannot be asked", async () => {
  const rig = openRig();
  const payment = await doubtful(rig);
  rig.gateway.next.get.push("timeout", "timeout");
  const waiting = await follow(rig, payment);
  assert.deepEqual([waiting.candidateKonsolId, waiting.submission], ["konsol_1", "in_doubt"]);
  assert.ok((waiting.dueAt ?? 0) > NOW);
  assert.equal((await follow(rig, waiting)).submission, "submitted");
});

for (
  const [what, konsol] of [
    ["another's", { metadata: { payment_id: "pay_of_another" } }],
    ["nobody's", { metadata: {} }],
  ] as const
) {
  Deno.test(`followPayment() drops a candidate that is ${what}, with an alarm`, async () => {
    const rig = openRig();
    const after = await follow(rig, await doubtful(rig, inDoubt(), konsol as object));
    assert.deepEqual([after.submission, after.candidateKonsolId], ["in_doubt", undefined]);
    assert.deepEqual(alarmsOf(rig), ["candidate_is_not_ours"]);
    assert.equal((await followFor(rig, after.id, DOUBT_MAX_MS)).submission, "review");
  });
}

Deno.test("followPayment() goes on with a candidate that a GET denies and the list shows", async () => {
  const rig = openRig();
  const payment = await doubtful(rig, inReview());
  rig.gateway.next.get.push("not_found", "not_found");
  const after = await follow(rig, payment);
  assert.equal(after.candidateKonsolId, "konsol_1");
  assert.ok((after.dueAt ?? 0) > rig.clock.now());
  assert.equal((await follow(rig, after)).submission, "submitted");
});

Deno.test("followPayment() parks a candidate that names us and differs (T10), with an alarm", async () => {
  const rig = openRig();
  const after = await follow(rig, await doubtful(rig, inDoubt(), { amountMinor: 1 }));
  assert.deepEqual([after.submission, after.konsolId], ["review", undefined]);
  assert.match(after.history.at(-1)?.note ?? "", /amount differs/);
  assert.deepEqual(alarmsOf(rig), ["konsol_payment_does_not_fit"]);
});

Deno.test("followPayment() asks once for a candidate that differs, not for ever", async () => {
  for (const from of [inDoubt(), inReview()]) {
    const rig = openRig();
    const { id } = await doubtful(rig, from, { amountMinor: 1 });
    const after = await followFor(rig, id, DOUBT_MAX_MS);
    assert.equal(after.submission, "review");
    assert.deepEqual(getsOf(rig), ["get konsol_1"]);
  }
});

Deno.test("followPayment() does not ask for ever for a candidate that is another payment's", async () => {
  const rig = openRig();
  const { id } = await doubtful(rig);
  await rig.put({ ...settled(), konsolId: "konsol_1" });
  const after = await followFor(rig, id, DOUBT_MAX_MS);
  assert.equal(after.submission, "review");
  assert.ok(getsOf(rig).length <= 4, "as a candidate, as the list shows it, and as a review");
});

Deno.test("followPayment() leaves what a person has in review and nobody may have sent", async () => {
  const rig = openRig();
  const parked = parkForReview(queued(), "T14", "the card cannot be read", NOW, { kind: "timer" });
  const payment = await rig.put(parked);
  assert.equal(await follow(rig, payment), payment);
  assert.deepEqual(rig.gateway.calls, []);
});

Deno.test("followPayment() asks for a completed payment after 1 h, 1 d and 7 d, and no more", async () => {
  const rig = openRig();
  const { id } = await completed(rig);
  const asked = [];
  for (const time of [HOUR, DAY, 7 * DAY, 30 * DAY]) {
    await followFor(rig, id, NOW + time - 1 - rig.clock.now());
    asked.push(getsOf(rig).length);
    await followFor(rig, id, 1);
  }
  assert.deepEqual([...asked, getsOf(rig).length], [1, 2, 3, 4, 4]);
});

Deno.test("followPayment() flags money that came back, with an alarm, as a review to be seen", async () => {
  const rig = openRig();
  const { id } = await completed(rig);
  rig.konsol.setStatus("konsol_1", "failed");
  const flagged = await followFor(rig, id, HOUR);
  assert.deepEqual([flagged.status, detailOf(flagged)], ["completed", "provider_disagrees"]);
  assert.deepEqual(alarmsOf(rig), ["provider_disagrees"]);
  const { items } = await rig.application.listReviews({ perPage: 10, page: 1 });
  assert.deepEqual(items.map(({ payment }) => payment.id), [id]);
});

Deno.test("followPayment() counts no late look that Konsol did not answer", async () => {
  const rig = openRig();
  const { id } = await completed(rig);
  rig.gateway.next.get.push("timeout", "failed", "circuit_open");
  await followFor(rig, id, HOUR);
  await followFor(rig, id, HOUR);
  const { looks, dueAt } = await rig.stored(id);
  assert.deepEqual([looks, dueAt], [1, NOW + DAY]);
});

Deno.test("followPayment() takes a denial after the end for a look, not for a contradiction", async () => {
  const rig = openRig();
  const { id } = await completed(rig);
  rig.gateway.next.get.push("not_found");
  const after = await followFor(rig, id, HOUR);
  assert.deepEqual([after.looks, detailOf(after)], [1, undefined]);
});

Deno.test("followPayment() asks for another candidate at once after the end, and keeps its late looks", async () => {
  const rig = openRig();
  const payment = await rig.put(submitting());
  const [first, second] = [rig.konsol.create(payment), rig.konsol.create(payment)];
  assert.ok(first && second);
  const noted = noteCandidate(payment, second.konsolId, NOW);
  const linked = linkKonsol(noted, reported(first), NOW + HOUR, NOW, BY_POLL);
  const ended = { ...reported(first), status: "completed" as const };
  const settledOne = applyReport(linked, ended, undefined, NOW, BY_REQUEST);
  assert.equal(settledOne.dueAt, NOW);
  const stored = await rig.overwrite(await rig.overwrite(payment, linked), settledOne);
  const after = await follow(rig, stored);
  assert.deepEqual([after.konsolId, detailOf(after)], [first.konsolId, "provider_disagrees"]);
  assert.deepEqual([after.candidateKonsolId, after.dueAt], [undefined, NOW + HOUR]);
});

Deno.test("followPayment() asks for the candidate of one that a person called not paid", async () => {
  const rig = openRig();
  const payment = await doubtful(rig, inReview());
  const failed = await calledNotPaid(rig, payment);
  assert.deepEqual([failed.status, failed.dueAt], ["failed", NOW]);
  const after = await follow(rig, failed);
  assert.deepEqual([detailOf(after), after.dueAt], ["provider_disagrees", NOW + HOUR]);
});
