// Laws of application/submit_payment.ts.

import assert from "node:assert/strict";
import { SEND_WINDOW_MS, submitPayment } from "../../application/submit_payment.ts";
import { StoreUnavailable } from "../../application/store_unavailable.ts";
import type { Payment } from "../../domain/payment.ts";
import { flagDisagreement } from "../../domain/payment_change.ts";
import { noteCandidate } from "../../domain/payment_following.ts";
import { cancelQueued, claimForSending } from "../../domain/payment_sending.ts";
import { openRig, type Rig } from "../support/application_rig.ts";
import { settle } from "../support/fake_clock.ts";
import { alarmsOf, stepsOf } from "../support/instances.ts";
import {
  BY_REQUEST,
  DAY,
  HOUR,
  inDoubt,
  inReview,
  NOW,
  PHONE_REQUEST,
  queued,
  settled,
  submitted,
  submitting,
} from "../support/payment_states.ts";

function submit(rig: Rig, payment: Payment, steps = stepsOf(rig)): Promise<Payment> {
  return submitPayment(rig.ports, rig.settings, steps, payment);
}

function lastNote(payment: Payment): string | undefined {
  return payment.history.at(-1)?.note;
}

Deno.test("submitPayment() claims, sends once and records what Konsol answered", async () => {
  const rig = openRig();
  const payment = await submit(rig, await rig.put(queued()));
  assert.deepEqual(payment.history.map(({ move }) => move), ["T1", "T3", "T5"]);
  assert.deepEqual(payment, await rig.stored(payment.id));
  assert.equal(rig.konsol.executed, 1);
});

Deno.test("submitPayment() stores the claim before the request is begun", async () => {
  const rig = openRig();
  const { id } = await rig.put(queued());
  let atSave: readonly string[] = [];
  rig.next.payments.save.push(() => atSave = [...rig.gateway.calls]);
  rig.gateway.next.create.push("hold_then_accept");
  void submit(rig, await rig.stored(id));
  await settle();
  const { submission, attempt, lease } = await rig.stored(id);
  assert.deepEqual([submission, attempt, lease?.owner], ["submitting", 1, "test"]);
  assert.deepEqual([atSave, rig.gateway.calls], [[], [`create ${id}`]]);
});

Deno.test("submitPayment() leases for the window, Konsol's timeout and the record of it", async () => {
  const rig = openRig();
  rig.gateway.next.create.push("hold_then_accept");
  const { id } = await rig.put(queued());
  void submit(rig, await rig.stored(id));
  await settle();
  const { lease, dueAt } = await rig.stored(id);
  assert.equal(lease?.sendNotAfter, NOW + SEND_WINDOW_MS);
  assert.ok((lease?.until ?? 0) > NOW + SEND_WINDOW_MS + rig.settings.konsolTimeoutMs);
  assert.equal(dueAt, lease?.until);
});

Deno.test("submitPayment() sends the card number in clear to the gateway alone", async () => {
  const rig = openRig();
  let sent: string | undefined;
  const createPayment: typeof rig.gateway.createPayment = (request, window) => {
    sent = request.cardNumber;
    return rig.gateway.createPayment(request, window);
  };
  const ports = {
    ...rig.ports,
    gateway: { ...rig.ports.gateway, createPayment } as Rig["gateway"],
  };
  await submitPayment(ports, rig.settings, stepsOf(rig), await rig.put(queued()));
  assert.equal(sent, "2200120000003456");
  assert.ok(!JSON.stringify(rig.log.entries).includes("2200120000003456"));
});

Deno.test("submitPayment() sends a payment by phone without any card number", async () => {
  const rig = openRig();
  const payment = await submit(rig, await rig.put(queued(PHONE_REQUEST)));
  assert.equal(payment.submission, "submitted");
});

Deno.test("submitPayment() leaves what is not queued as it is and sends nothing", async () => {
  const rig = openRig();
  for (const payment of [submitting(), inDoubt(), inReview(), submitted(), settled()]) {
    const put = await rig.put({ ...payment, konsolId: undefined });
    assert.equal(await submit(rig, put), put);
  }
  assert.deepEqual(rig.gateway.calls, []);
});

Deno.test("submitPayment() leaves what is not due yet", async () => {
  const rig = openRig();
  const later = await rig.put({ ...queued(), dueAt: NOW + 1 });
  assert.equal(await submit(rig, later), later);
  assert.deepEqual(rig.gateway.calls, []);
});

Deno.test("submitPayment() sends nothing when another process claimed it first", async () => {
  const rig = openRig();
  const payment = await rig.put(queued());
  const lease = { owner: "other", sendNotAfter: NOW + 1, until: NOW + 2 };
  rig.next.payments.save.push(() => rig.overwrite(payment, claimForSending(payment, lease, NOW)));
  const after = await submit(rig, payment);
  assert.deepEqual([after.lease?.owner, after.attempt], ["other", 1]);
  assert.deepEqual(rig.gateway.calls, []);
});

Deno.test("submitPayment() sends nothing when the client cancelled it first", async () => {
  const rig = openRig();
  const payment = await rig.put(queued());
  rig.next.payments.save.push(() => rig.overwrite(payment, cancelQueued(payment, NOW, BY_REQUEST)));
  assert.equal((await submit(rig, payment)).status, "cancelled");
  assert.deepEqual(rig.gateway.calls, []);
});

Deno.test("submitPayment() sends nothing when the store rejects the claim", async () => {
  const rig = openRig();
  rig.next.payments.save.push("before");
  const payment = await rig.put(queued());
  await assert.rejects(submit(rig, payment), StoreUnavailable);
  assert.deepEqual(rig.gateway.calls, []);
  assert.equal((await rig.stored(payment.id)).submission, "queued");
});

Deno.test("submitPayment() sends nothing when it cannot know that the claim was stored", async () => {
  const rig = openRig();
  rig.next.payments.save.push("after");
  const payment = await rig.put(queued());
  await assert.rejects(submit(rig, payment), StoreUnavailable);
  assert.deepEqual(rig.gateway.calls, []);
  assert.equal((await rig.stored(payment.id)).submission, "submitting");
});

Deno.test("submitPayment() of one payment many times at once sends once", async () => {
  const rig = openRig();
  const payment = await rig.put(queued());
  await Promise.all(Array.from({ length: 20 }, () => submit(rig, payment)));
  assert.equal(rig.konsol.executed, 1);
});

for (
  const [clockName, pass] of [
    ["the wall clock", (rig: Rig) => rig.clock.jump(SEND_WINDOW_MS + 1)],
    ["the monotonic clock", async (rig: Rig) => {
      await rig.clock.advance(SEND_WINDOW_MS + 1);
      rig.clock.jump(-SEND_WINDOW_MS - 1);
    }],
  ] as const
) {
  Deno.test(`submitPayment() is too late to send past the window on ${clockName}`, async () => {
    const rig = openRig();
    const payment = await rig.put(queued());
    rig.next.payments.save.push(() => pass(rig));
    const after = await submit(rig, payment);
    assert.deepEqual([after.submission, lastNote(after)], ["queued", "send_window_passed"]);
    assert.equal(after.maybeSentAt, undefined);
    assert.deepEqual(rig.gateway.calls, []);
  });
}

Deno.test("submitPayment() sends again what was not executed, as another attempt", async () => {
  const rig = openRig();
  rig.gateway.next.create.push({ notExecuted: "tcp_connect_failed" });
  const first = await submit(rig, await rig.put(queued()));
  await rig.clock.advance((first.dueAt ?? 0) - rig.clock.now());
  const second = await submit(rig, first);
  assert.deepEqual([second.submission, second.attempt], ["submitted", 2]);
});

Deno.test("submitPayment() parks a card that cannot be read (T14), with an alarm", async () => {
  const rig = openRig();
  const { recipient } = queued();
  const sealed = rig.vault.seal("2200120000003456", "pay_of_another");
  const payment = await rig.put(queued());
  const unreadable = { ...payment, recipient: { ...recipient, sealedNumber: sealed } } as Payment;
  const after = await submit(rig, await rig.overwrite(payment, unreadable));
  assert.deepEqual([after.submission, after.history.at(-1)?.move], ["review", "T14"]);
  assert.match(lastNote(after) ?? "", /card number cannot be read/);
  assert.deepEqual(rig.gateway.calls, []);
  assert.deepEqual(rig.log.of("alarm").map(({ alarm }) => alarm), ["payment_cannot_be_sent"]);
});

Deno.test("submitPayment() parks a card whose number is gone (T14)", async () => {
  const rig = openRig();
  const { recipient } = settled();
  const after = await submit(rig, await rig.put({ ...queued(), recipient }));
  assert.equal(after.submission, "review");
});

Deno.test("submitPayment() parks what is unsent for QUEUE_MAX_AGE (T14), not a moment before", async () => {
  const rig = openRig();
  const at = (age: number) => rig.put({ ...queued(), unsentSince: NOW - age });
  const [young, old] = [await at(DAY - 1), await at(DAY)];
  assert.equal((await submit(rig, young)).submission, "submitted");
  const parked = await submit(rig, old);
  assert.deepEqual([parked.submission, lastNote(parked)], ["review", "unsent for QUEUE_MAX_AGE"]);
  assert.equal(rig.konsol.executed, 1);
});

Deno.test("submitPayment() measures the age over all attempts that were not executed", async () => {
  const rig = openRig();
  let payment = await rig.put(queued());
  for (let attempt = 0; attempt < 30; attempt++) {
    rig.gateway.next.create.push({
      notExecuted: "konsol_429",
      httpStatus: 429,
      retryAfterMs: HOUR,
    });
    payment = await submit(rig, payment);
    await rig.clock.advance((payment.dueAt ?? Infinity) - rig.clock.now());
    if (payment.submission !== "queued") break;
  }
  assert.deepEqual([payment.submission, payment.attempt], ["review", 24]);
});

Deno.test("submitPayment() parks nothing that was cancelled meanwhile", async () => {
  const rig = openRig();
  const payment = await rig.put({ ...queued(), unsentSince: NOW - DAY });
  rig.next.payments.save.push(() => rig.overwrite(payment, cancelQueued(payment, NOW, BY_REQUEST)));
  assert.equal((await submit(rig, payment)).status, "cancelled");
});

for (
  const [what, spoil] of [
    ["Konsol contradicts", (one: Payment) => flagDisagreement(one, "two", NOW, BY_REQUEST)],
    ["has a candidate to ask for at once", (one: Payment) => noteCandidate(one, "konsol_9", NOW)],
  ] as const
) {
  Deno.test(`submitPayment() never sends what ${what}: it is parked for a person`, async () => {
    const rig = openRig();
    const after = await submit(rig, await rig.put(spoil(queued())));
    assert.deepEqual(rig.gateway.calls, []);
    const dueAt = after.candidateKonsolId && rig.clock.now();
    assert.deepEqual([after.submission, after.dueAt], ["review", dueAt]);
  });
}

Deno.test("submitPayment() sends nothing that was maybe sent before a scan was without it", async () => {
  const rig = openRig();
  const again = await rig.put({ ...queued(), firstClaimedAt: NOW - HOUR, maybeSentAt: NOW - HOUR });
  const after = await submit(rig, again);
  assert.deepEqual([after.submission, after.attempt], ["queued", 0]);
  assert.deepEqual(rig.gateway.calls, ["list 1 100"]);
  assert.ok((after.dueAt ?? 0) > NOW, "looked for again later");
});

Deno.test("submitPayment() logs each state change once", async () => {
  const rig = openRig();
  await submit(rig, await rig.put(queued()));
  const changes = rig.log.of("state_change").map(({ move, from, to }) => `${move} ${from} ${to}`);
  assert.deepEqual(changes, ["T3 queued submitting", "T5 submitting submitted"]);
});

Deno.test("submitPayment() sends no more after three answers in a row that are not the payment's", async () => {
  const rig = openRig();
  const steps = stepsOf(rig);
  const notEchoed = { tell: { paymentId: undefined } };
  rig.gateway.next.create.push(notEchoed, notEchoed, "accept", ...Array(6).fill(notEchoed));
  const after = [];
  for (let count = 0; count < 8; count++) {
    after.push(await submit(rig, await rig.put(queued()), steps));
  }
  assert.deepEqual(after.map(({ submission }) => submission), [
    ...["in_doubt", "in_doubt", "submitted"],
    ...["in_doubt", "in_doubt", "in_doubt"],
    ...["queued", "queued"],
  ]);
  const [opened] = rig.log.of("alarm");
  assert.deepEqual([opened?.alarm, opened?.reason], [
    "circuit_opened",
    "metadata.payment_id is missing",
  ]);
});

Deno.test("submitPayment() of a trial whose answer is not the payment's keeps the breaker open", async () => {
  const rig = openRig();
  const steps = stepsOf(rig);
  rig.gateway.next.create.push(...Array(4).fill({ tell: { amountMinor: 1 } }));
  for (let count = 0; count < 3; count++) await submit(rig, await rig.put(queued()), steps);
  await rig.clock.advance(steps.gate.openFor() ?? 0);
  assert.equal((await submit(rig, await rig.put(queued()), steps)).submission, "in_doubt");
  assert.ok((steps.gate.openFor() ?? 0) > 15_000, "longer than the first time");
});

Deno.test("submitPayment() takes an answer that is another's for no second payment of one that is linked by then", async () => {
  const rig = openRig();
  rig.gateway.next.create.push({ tell: { konsolId: "konsol_7", paymentId: "pay_of_another" } });
  const { id } = await rig.put(queued());
  rig.next.payments.save.push(() => {}, async () => {
    const claimed = await rig.stored(id);
    const { submission, konsolId, recipient, dueAt } = submitted();
    const linked = { submission, konsolId, recipient, dueAt, lease: undefined };
    await rig.overwrite(claimed, { ...claimed, ...linked });
  });
  const payment = await submit(rig, await rig.stored(id));
  assert.equal(payment.submission, "submitted");
  assert.equal(payment.providerDisagrees, undefined);
  assert.deepEqual(alarmsOf(rig), []);
});
