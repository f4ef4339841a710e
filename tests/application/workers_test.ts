// Laws of application/workers.ts and application/check_readiness.ts: what runs by itself.

import assert from "node:assert/strict";
import { openRig, type Rig, webhookBody } from "../support/application_rig.ts";
import { settle } from "../support/fake_clock.ts";
import {
  HOUR,
  inDoubt,
  MINUTE,
  NOW,
  queued,
  settled,
  submitting,
} from "../support/payment_states.ts";

const TICK = 500;

/** A rig whose workers run until the test ends. */
async function withWorkers(test: (rig: Rig) => Promise<void>): Promise<void> {
  const rig = openRig();
  rig.workers.start();
  try {
    await test(rig);
  } finally {
    rig.gateway.release();
    const stopped = rig.workers.stop();
    await rig.clock.advance(MINUTE);
    await stopped;
  }
}

function isSettled(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([promise.then(() => true), settle().then(() => false)]);
}

Deno.test("start() sends what is queued", () =>
  withWorkers(async (rig) => {
    const { id } = await rig.put(queued());
    await rig.clock.advance(TICK);
    assert.equal((await rig.stored(id)).submission, "submitted");
  }));

Deno.test("start() sends nothing before it is due", () =>
  withWorkers(async (rig) => {
    const { id } = await rig.put({ ...queued(), dueAt: NOW + MINUTE });
    await rig.clock.advance(MINUTE - 1);
    assert.equal((await rig.stored(id)).submission, "queued");
    await rig.clock.advance(TICK + 1);
    assert.equal((await rig.stored(id)).submission, "submitted");
  }));

Deno.test("start() sends again what was not executed, until Konsol takes it", () =>
  withWorkers(async (rig) => {
    rig.gateway.next.create.push({ notExecuted: "tcp" }, { notExecuted: "tcp" }, {
      notExecuted: "konsol_429",
      httpStatus: 429,
      retryAfterMs: MINUTE,
    });
    const { id } = await rig.put(queued());
    await rig.clock.advance(5 * MINUTE);
    const { submission, attempt } = await rig.stored(id);
    assert.deepEqual([submission, attempt, rig.konsol.executed], ["submitted", 4, 1]);
  }));

Deno.test("start() follows what is with Konsol until it ends", () =>
  withWorkers(async (rig) => {
    const { id } = await rig.put(queued());
    await rig.clock.advance(HOUR);
    rig.konsol.setStatus("konsol_1", "completed");
    await rig.clock.advance(17 * MINUTE);
    assert.equal((await rig.stored(id)).status, "completed");
  }));

Deno.test("start() expires leases and parks doubts: nothing stays without an owner", () =>
  withWorkers(async (rig) => {
    const { id } = await rig.put(submitting());
    await rig.clock.advance(MINUTE);
    assert.equal((await rig.stored(id)).submission, "in_doubt");
    await rig.clock.advance(HOUR);
    assert.equal((await rig.stored(id)).submission, "review");
    assert.equal(rig.konsol.executed, 0);
  }));

Deno.test("start() adopts what an answer that came too late named", () =>
  withWorkers(async (rig) => {
    rig.gateway.next.create.push("accept_then_hold");
    rig.gateway.next.list.push(...Array.from({ length: 10 }, () => "timeout" as const));
    const { id } = await rig.put(queued());
    await rig.clock.advance(2 * MINUTE);
    assert.equal((await rig.stored(id)).submission, "in_doubt");
    rig.gateway.release();
    await rig.clock.advance(MINUTE);
    assert.equal((await rig.stored(id)).submission, "submitted");
    assert.equal(rig.konsol.executed, 1);
  }));

Deno.test("start() works webhooks off that a process before left", () =>
  withWorkers(async (rig) => {
    const { id } = await rig.put(queued());
    await rig.clock.advance(TICK);
    rig.konsol.setStatus("konsol_1", "completed");
    rig.next.payments.getByKonsolId.push("before");
    await rig.application.receiveWebhook(webhookBody("konsol_1"));
    await rig.clock.advance(2 * TICK);
    assert.equal((await rig.stored(id)).status, "completed");
  }));

Deno.test("start() never has more under way than there are places, and gets through all", () =>
  withWorkers(async (rig) => {
    rig.gateway.next.create.push(...Array.from({ length: 200 }, () => "accept_then_hold" as const));
    for (let count = 0; count < 200; count++) await rig.put(queued());
    await rig.clock.advance(2 * TICK);
    assert.equal(rig.gateway.held, 32);
    for (let round = 0; round < 8; round++) {
      rig.gateway.release();
      await rig.clock.advance(TICK);
    }
    assert.equal(rig.konsol.executed, 200);
  }));

Deno.test("start() does not let one that hangs hold up the others", () =>
  withWorkers(async (rig) => {
    rig.gateway.next.create.push("accept_then_hold");
    await rig.put(queued());
    const { id } = await rig.put({ ...queued(), dueAt: NOW + 1 });
    await rig.clock.advance(2 * TICK);
    assert.equal((await rig.stored(id)).submission, "submitted");
  }));

Deno.test("start() twice runs one loop", () =>
  withWorkers(async (rig) => {
    rig.workers.start();
    await settle();
    assert.equal(rig.clock.sleepers, 1);
  }));

Deno.test("start() goes on after a store that rejects, and logs the outage once", () =>
  withWorkers(async (rig) => {
    rig.next.payments.due.push("before", "before", "before");
    const { id } = await rig.put(queued());
    await rig.clock.advance(5 * TICK);
    assert.equal((await rig.stored(id)).submission, "submitted");
    assert.equal(rig.log.of("worker_failed").length, 1);
  }));

Deno.test("start() goes on after work that throws", () =>
  withWorkers(async (rig) => {
    rig.next.payments.save.push(() => {
      throw new TypeError("a bug");
    });
    const { id } = await rig.put(queued());
    await rig.clock.advance(3 * TICK);
    assert.equal((await rig.stored(id)).submission, "submitted");
    assert.equal(rig.log.of("worker_failed").length, 1);
  }));

Deno.test("stop() waits for what is under way, and its answer is recorded", async () => {
  const rig = openRig();
  rig.workers.start();
  rig.gateway.next.create.push("accept_then_hold");
  const { id } = await rig.put(queued());
  await rig.clock.advance(TICK);
  const stopped = rig.workers.stop();
  assert.equal(await isSettled(stopped), false);
  rig.gateway.release();
  await stopped;
  assert.equal((await rig.stored(id)).submission, "submitted");
});

Deno.test("stop() waits for what a request has under way, too", async () => {
  const rig = openRig();
  rig.gateway.next.create.push("accept_then_hold");
  const asked = rig.create();
  await settle();
  const stopped = rig.workers.stop();
  assert.equal(await isSettled(stopped), false);
  rig.gateway.release();
  await stopped;
  assert.equal((await asked).submission, "submitted");
});

Deno.test("stop() claims nothing afterwards, whatever is due or asked for", async () => {
  const rig = openRig();
  rig.workers.start();
  await settle();
  await rig.workers.stop();
  const { id } = await rig.put(queued());
  const { submission } = await rig.create({ externalId: "order_late" });
  await rig.clock.advance(HOUR);
  assert.deepEqual([submission, (await rig.stored(id)).submission], ["queued", "queued"]);
  assert.deepEqual(rig.gateway.calls, []);
});

Deno.test("stop() in the middle of a round claims nothing of that round", async () => {
  const rig = openRig();
  const { id } = await rig.put(queued());
  let stopped: Promise<void> | undefined;
  rig.next.payments.due.push(() => void (stopped = rig.workers.stop()));
  rig.workers.start();
  await settle();
  await stopped;
  assert.equal((await rig.stored(id)).submission, "queued");
});

Deno.test("stop() leaves nobody sleeping, also when it never ran", async () => {
  const rig = openRig();
  rig.workers.start();
  await settle();
  await rig.workers.stop();
  assert.equal(rig.clock.sleepers, 0);
  await openRig().workers.stop();
});

Deno.test("reasonNotRunning() tells not started, running and stopping", async () => {
  const { workers, clock } = openRig();
  assert.equal(workers.reasonNotRunning(), "not started");
  workers.start();
  await clock.advance(HOUR);
  assert.equal(workers.reasonNotRunning(), undefined);
  await workers.stop();
  assert.equal(workers.reasonNotRunning(), "stopping");
});

Deno.test("reasonNotRunning() tells why due work cannot be read, until it can be again", () =>
  withWorkers(async (rig) => {
    await settle();
    rig.next.webhooks.due.push("before");
    await rig.clock.advance(TICK);
    assert.match(rig.workers.reasonNotRunning() ?? "", /cannot be read: the store is away/);
    await rig.clock.advance(TICK);
    assert.equal(rig.workers.reasonNotRunning(), undefined);
  }));

Deno.test("reasonNotRunning() tells a loop that has not come round for 30 s", async () => {
  const rig = openRig();
  const { promise, resolve } = Promise.withResolvers<void>();
  rig.next.payments.due.push(() => promise);
  rig.workers.start();
  await rig.clock.advance(30_000);
  assert.equal(rig.workers.reasonNotRunning(), undefined);
  await rig.clock.advance(1);
  assert.equal(rig.workers.reasonNotRunning(), "stalled");
  resolve();
  await settle();
  assert.equal(rig.workers.reasonNotRunning(), undefined);
  await rig.workers.stop();
});

Deno.test("checkReadiness() is ready while the store takes writes and the workers run", () =>
  withWorkers(async ({ application }) => {
    await settle();
    const { ready, checks } = await application.checkReadiness();
    assert.equal(ready, true);
    assert.deepEqual(checks.map(({ name, ready }) => [name, ready]), [
      ["store", true],
      ["workers", true],
      ["submission", true],
      ["callbacks", true],
    ]);
  }));

Deno.test("checkReadiness() says which part is not ready, and why", async () => {
  const { application, next } = openRig();
  next.storeHealth.check.push("before");
  assert.deepEqual(await application.checkReadiness(), {
    ready: false,
    checks: [
      { name: "store", ready: false, reason: "the store is away" },
      { name: "workers", ready: false, reason: "not started" },
      { name: "submission", ready: true, reason: undefined },
      { name: "callbacks", ready: true, reason: undefined },
    ],
  });
});

Deno.test("checkReadiness() is ready while nothing is sent, and says why", () =>
  withWorkers(async ({ application }) => {
    await settle();
    await application.pauseSubmission("anna", "the office is closed");
    const { ready, checks } = await application.checkReadiness();
    assert.equal(ready, true);
    assert.deepEqual(checks.find(({ name }) => name === "submission"), {
      name: "submission",
      ready: true,
      reason: "nothing is sent, paused: anna: the office is closed",
    });
  }));

Deno.test("workers leave what a person has in review and what has ended where they are", () =>
  withWorkers(async (rig) => {
    const { id } = await rig.put(inDoubt());
    await rig.clock.advance(HOUR);
    await rig.put(settled());
    await rig.clock.advance(2 * HOUR);
    assert.equal((await rig.stored(id)).submission, "review");
    assert.equal(rig.konsol.executed, 0);
  }));

Deno.test("start() sends what is healthy although many others always fail", () =>
  withWorkers(async (rig) => {
    const poison = await Promise.all(
      Array.from({ length: 70 }, (_, n) => rig.put({ ...queued(), dueAt: NOW - 1_000 + n })),
    );
    const ids = new Set(poison.map(({ id }) => id));
    const { open } = rig.vault;
    Object.assign(rig.vault, {
      open(sealed: string, id: string) {
        if (ids.has(id)) throw new Error("poison");
        return open(sealed, id);
      },
    });
    const { id } = await rig.put(queued());
    await rig.clock.advance(MINUTE);
    assert.equal((await rig.stored(id)).submission, "submitted");
  }));

Deno.test("checkReadiness() is told and not thrown when only the pause cannot be read", async () => {
  const rig = openRig();
  rig.next.control.get.push("before");
  const { checks } = await rig.application.checkReadiness();
  const submission = checks.find(({ name }) => name === "submission");
  assert.match(submission?.reason ?? "", /away/);
});
