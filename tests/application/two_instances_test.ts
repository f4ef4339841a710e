// Laws of two processes on one store, of one that was asleep, and of clocks that jump: sent once, in time or not at all.

import assert from "node:assert/strict";
import { MemoryPaymentGateway } from "../../adapters/memory/memory_payment_gateway.ts";
import { followPayment } from "../../application/follow_payment.ts";
import type { Clock } from "../../application/ports.ts";
import {
  RECORD_MARGIN_MS,
  SEND_WINDOW_MS,
  submitPayment,
} from "../../application/submit_payment.ts";
import { detailOf, type Payment } from "../../domain/payment.ts";
import { resubmit } from "../../domain/payment_review.ts";
import { expireLease } from "../../domain/payment_sending.ts";
import { openRig, type Rig } from "../support/application_rig.ts";
import { settle } from "../support/fake_clock.ts";
import {
  alarmsOf,
  anotherInstance,
  resolverOf,
  stepsOf,
  witness,
  workFor,
} from "../support/instances.ts";
import { DAY, HOUR, inDoubt, inReview, MINUTE, NOW, queued } from "../support/payment_states.ts";

function submit(rig: Rig, payment: Payment): Promise<Payment> {
  return submitPayment(rig.ports, rig.settings, stepsOf(rig), payment);
}

function createsOf({ gateway }: Rig): number {
  return gateway.calls.filter((call) => call.startsWith("create")).length;
}

/** Runs the workers of both for so long. */
async function runBoth(rig: Rig, ms: number): Promise<void> {
  const other = anotherInstance(rig);
  other.workers.start();
  await workFor(rig, ms);
  const stopped = other.workers.stop();
  await rig.clock.advance(MINUTE);
  await stopped;
}

Deno.test("two instances send a hundred queued payments once each", async () => {
  const rig = openRig();
  const payments = await Promise.all(Array.from({ length: 100 }, () => rig.put(queued())));
  await runBoth(rig, MINUTE);
  assert.deepEqual([createsOf(rig), rig.konsol.executed], [100, 100]);
  for (const { id } of payments) assert.equal((await rig.stored(id)).attempt, 1);
});

Deno.test("two instances that see the same queued payment at once claim it once", async () => {
  const rig = openRig();
  const payment = await rig.put(queued());
  const steps = [stepsOf(rig), stepsOf(rig)];
  await Promise.all(
    steps.map((own) => submitPayment(rig.ports, rig.settings, own, payment)),
  );
  assert.equal(rig.konsol.executed, 1);
});

Deno.test("two instances expire a lease that nobody answered for once", async () => {
  const rig = openRig();
  rig.gateway.next.create.push("accept_then_hold");
  const { id } = await rig.put(queued());
  void submit(rig, await rig.stored(id));
  await settle();
  await runBoth(rig, 3 * MINUTE);
  const moves = (await rig.stored(id)).history.map(({ move }) => move);
  assert.deepEqual(moves, ["T1", "T3", "T7", "T8"]);
  assert.equal(rig.konsol.executed, 1);
});

Deno.test("two instances park what stays in doubt once, with one alarm", async () => {
  const rig = openRig();
  const { id } = await rig.put(inDoubt());
  await runBoth(rig, 35 * MINUTE);
  const moves = (await rig.stored(id)).history.map(({ move }) => move);
  assert.deepEqual(moves, ["T1", "T3", "T7", "T10"]);
});

Deno.test("two instances that queue again what a person decided send it once", async () => {
  const rig = openRig();
  const { id } = await rig.put(inReview());
  const words = { attempt: 1, reason: "letter 7", by: "anna", konsolConfirmation: "7" } as const;
  await rig.application.decideReview(id, { ...words, decision: "not_paid", then: "resubmit" });
  await rig.clock.advance(6_000);
  await witness(rig);
  await runBoth(rig, 10 * MINUTE);
  const { submission, attempt } = await rig.stored(id);
  assert.deepEqual([submission, attempt, createsOf(rig)], ["submitted", 2, 1]);
});

Deno.test("a process that wakes after its lease expired does not send any more", async () => {
  const rig = openRig();
  const { id } = await rig.put(queued());
  const asleep = 10 * MINUTE;
  rig.next.payments.save.push(async () => {
    await rig.clock.advance(asleep);
  });
  await submit(rig, await rig.stored(id));
  assert.equal(createsOf(rig), 0);
});

Deno.test("a process that slept over its claim finds it in doubt, and sends nothing", async () => {
  const rig = openRig();
  const { id } = await rig.put(queued());
  const { promise: asleep, resolve: wake } = Promise.withResolvers<void>();
  const { createPayment } = rig.gateway;
  const gateway = Object.assign(Object.create(rig.gateway), {
    async createPayment(...args: Parameters<typeof createPayment>) {
      await asleep;
      return await createPayment.apply(rig.gateway, args);
    },
  });
  const sleeper = submitPayment(
    { ...rig.ports, gateway },
    rig.settings,
    stepsOf(rig),
    await rig.stored(id),
  );
  await settle();
  await workFor(rig, 2 * MINUTE, anotherInstance(rig).workers);
  assert.equal((await rig.stored(id)).submission, "in_doubt");
  wake();
  await sleeper;
  const after = await rig.stored(id);
  assert.deepEqual([after.submission, after.attempt, rig.konsol.executed], ["in_doubt", 1, 0]);
});

for (
  const [what, change] of [
    ["forward", (clock: Rig["clock"]) => clock.jump(SEND_WINDOW_MS + 1)],
    ["forward by a day", (clock: Rig["clock"]) => clock.jump(DAY)],
    ["back while time passes", async (clock: Rig["clock"]) => {
      await clock.advance(SEND_WINDOW_MS + 1);
      clock.jump(-HOUR);
    }],
  ] as const
) {
  Deno.test(`a wall clock that jumps ${what} between claim and send sends nothing past the window`, async () => {
    const rig = openRig();
    const payment = await rig.put(queued());
    rig.next.payments.save.push(() => change(rig.clock));
    const after = await submit(rig, payment);
    assert.deepEqual([after.submission, after.history.at(-1)?.note], [
      "queued",
      "send_window_passed",
    ]);
    assert.equal(createsOf(rig), 0);
  });
}

Deno.test("a machine that slept between claim and send sends nothing: its monotonic clock stood still", async () => {
  const rig = openRig();
  const clock: Clock = {
    now: () => rig.clock.now(),
    monotonic: () => 0,
    sleep: (ms, signal) => rig.clock.sleep(ms, signal),
  };
  const payment = await rig.put(queued());
  rig.next.payments.save.push(() => rig.clock.jump(HOUR));
  const ports = { ...rig.ports, clock };
  const after = await submitPayment(ports, rig.settings, stepsOf(rig), payment);
  assert.deepEqual([after.submission, createsOf(rig)], ["queued", 0]);
});

Deno.test("a wall clock that went back sends nothing twice, and goes on", async () => {
  const rig = openRig();
  rig.workers.start();
  const { id } = await rig.put(queued());
  await rig.clock.advance(MINUTE);
  rig.clock.jump(-HOUR);
  await rig.clock.advance(MINUTE);
  const later = await rig.put({ ...queued(), dueAt: rig.clock.now() });
  await workFor(rig, MINUTE);
  assert.equal((await rig.stored(id)).attempt, 1);
  assert.equal((await rig.stored(later.id)).submission, "submitted");
});

Deno.test("a lease outlasts the window, Konsol's whole time and the record of its answer", async () => {
  const rig = openRig();
  rig.gateway.next.create.push("hold_then_accept");
  const { id } = await rig.put(queued());
  void submit(rig, await rig.stored(id));
  await settle();
  const { lease } = await rig.stored(id);
  const wanted = NOW + SEND_WINDOW_MS + rig.settings.konsolTimeoutMs + RECORD_MARGIN_MS;
  assert.equal(lease?.until, wanted);
});

/** The first attempt's answer is held while a second attempt is on the wire, from another process. */
async function twoOnTheWire() {
  const rig = openRig();
  const { id } = await rig.put(queued());
  rig.gateway.next.create.push("accept_then_hold");
  const first = submit(rig, await rig.stored(id));
  await settle();
  const sent = await rig.stored(id);
  const doubtful = await rig.overwrite(sent, expireLease(sent, NOW, NOW));
  const again = await rig.overwrite(doubtful, resubmit(doubtful, NOW));
  const clean = await rig.overwrite(again, { ...again, cleanScanAt: NOW });
  const gateway = new MemoryPaymentGateway({ konsol: rig.konsol, clock: rig.clock });
  gateway.next.create.push("accept_then_hold");
  const second = submitPayment({ ...rig.ports, gateway }, rig.settings, stepsOf(rig), clean);
  await settle();
  assert.equal(rig.konsol.executed, 2);
  const answerFirst = async () => (rig.gateway.release(), await first);
  const answerSecond = async () => (gateway.release(), await second);
  return { rig, id, answerFirst, answerSecond };
}

Deno.test("a first answer that comes while the second attempt is on the wire is kept, asked for and flagged", async () => {
  const { rig, id, answerFirst, answerSecond } = await twoOnTheWire();
  const noted = await answerFirst();
  assert.deepEqual([noted.submission, noted.candidateKonsolId], ["submitting", "konsol_1"]);
  const linked = await answerSecond();
  assert.deepEqual([linked.konsolId, linked.candidateKonsolId], ["konsol_2", "konsol_1"]);
  assert.equal(linked.history.at(-1)?.move, "T5");
  const after = await followPayment(rig.ports, resolverOf(rig), linked);
  assert.deepEqual([after.konsolId, detailOf(after)], ["konsol_2", "provider_disagrees"]);
  assert.match(after.history.at(-1)?.note ?? "", /second payment for it: konsol_1/);
  assert.deepEqual(alarmsOf(rig), ["konsol_payment_does_not_fit"]);
  assert.equal((await rig.stored(id)).candidateKonsolId, undefined);
});

Deno.test("a first answer that comes after the second one is flagged at once", async () => {
  const { rig, answerFirst, answerSecond } = await twoOnTheWire();
  assert.equal((await answerSecond()).konsolId, "konsol_2");
  assert.equal(detailOf(await answerFirst()), "provider_disagrees");
  assert.deepEqual(alarmsOf(rig), ["second_konsol_payment"]);
});
