// Laws of application/submission_gate.ts: what stops sending, and what lets it go on.

import assert from "node:assert/strict";
import { createSubmissionGate, type Pass, readPause } from "../../application/submission_gate.ts";
import type { PaymentGateway } from "../../application/provider_ports.ts";
import { StoreUnavailable } from "../../application/store_unavailable.ts";
import type { CreateOutcome } from "../../domain/provider_payment.ts";
import { openRig, type Rig } from "../support/application_rig.ts";
import { alarmsOf } from "../support/instances.ts";
import { MINUTE, reportOf, submitting } from "../support/payment_states.ts";

const DOUBT: CreateOutcome = { kind: "unknown", reason: "timeout" };
const ACCEPTED: CreateOutcome = { kind: "accepted", payment: reportOf(submitting()) };
const NOT_BEGUN: CreateOutcome = {
  kind: "not_executed",
  because: "not_begun",
  reason: "send_window_passed",
};
const OPEN_MS = 20_000;

function answered(httpStatus: number, retryAfterMs?: number): CreateOutcome {
  const reason = `konsol_${httpStatus}`;
  return { kind: "not_executed", because: "konsol_answered", reason, httpStatus, retryAfterMs };
}

async function entered(gate: ReturnType<typeof createSubmissionGate>): Promise<Pass> {
  return await gate.enter() ?? assert.fail("nothing may be sent now");
}

function openGate(rig: Rig = openRig()) {
  const gate = createSubmissionGate(rig.ports);
  return { ...rig, rig, gate, pass: () => entered(gate) };
}

/** Three doubts, and their time over: half-open. */
async function halfOpenGate() {
  const opened = openGate();
  for (let count = 0; count < 3; count++) await (await opened.pass()).report(DOUBT);
  await opened.clock.advance(OPEN_MS);
  return opened;
}

Deno.test("enter() lets through, asking Konsol nothing, while all is well", async () => {
  const { gate, gateway, pass } = openGate();
  await (await pass()).report(ACCEPTED);
  assert.equal(await gate.hold(), undefined);
  assert.deepEqual(gateway.calls, []);
});

Deno.test("enter() lets nothing through while it is open, with one alarm for it", async () => {
  const { rig, gate, pass } = openGate();
  const passes = [await pass(), await pass(), await pass(), await pass()];
  for (const one of passes) await one.report(DOUBT);
  assert.equal(await gate.enter(), undefined);
  assert.deepEqual(await gate.hold(), { kind: "circuit_open", reason: "Konsol does not answer" });
  assert.deepEqual(alarmsOf(rig), ["circuit_opened"]);
});

Deno.test("enter() asks for the balance, then lets one through", async () => {
  const { gate, gateway, pass } = await halfOpenGate();
  await pass();
  assert.equal(await gate.enter(), undefined);
  assert.deepEqual(gateway.calls, ["balance"]);
});

Deno.test("enter() lets nothing through when the balance is not answered, and waits longer", async () => {
  const { gate, gateway, clock } = await halfOpenGate();
  gateway.next.balance.push("timeout");
  assert.equal(await gate.enter(), undefined);
  assert.equal((await gate.hold())?.kind, "circuit_open");
  await clock.advance(2 * OPEN_MS);
  assert.notEqual(await gate.enter(), undefined);
});

Deno.test("enter() lets one through when the balance is refused: the create has to show what that means", async () => {
  for (const httpStatus of [200, 403, 404]) {
    const { gate, gateway } = await halfOpenGate();
    gateway.getBalance = () =>
      Promise.resolve({ kind: "unavailable", reason: "failed", httpStatus });
    assert.notEqual(await gate.enter(), undefined);
  }
  const { gate, gateway } = await halfOpenGate();
  gateway.getBalance = () =>
    Promise.resolve({ kind: "unavailable", reason: "failed", httpStatus: 502 });
  assert.equal(await gate.enter(), undefined);
});

Deno.test("enter() asks for the balance once, however many come at once", async () => {
  const { gate, gateway } = await halfOpenGate();
  const passes = await Promise.all(Array.from({ length: 32 }, () => gate.enter()));
  assert.equal(passes.filter((pass) => pass !== undefined).length, 1);
  assert.deepEqual(gateway.calls, ["balance"]);
});

Deno.test("enter() lets all through again once a trial was answered", async () => {
  const { gate, pass } = await halfOpenGate();
  await (await pass()).report(ACCEPTED);
  const passes = await Promise.all(Array.from({ length: 32 }, () => gate.enter()));
  assert.ok(passes.every((one) => one !== undefined));
});

Deno.test("leave() of a trial that sent nothing gives its place back", async () => {
  const { gate, pass } = await halfOpenGate();
  (await pass()).leave();
  assert.notEqual(await gate.enter(), undefined);
});

Deno.test("leave() after a report that sent nothing gives no other's place back", async () => {
  const { gate, pass } = await halfOpenGate();
  const first = await pass();
  await first.report(NOT_BEGUN);
  await pass();
  first.leave();
  assert.equal(await gate.enter(), undefined);
});

Deno.test("leave() of a pass that is no trial does nothing", async () => {
  const { gate, pass } = openGate();
  (await pass()).leave();
  assert.equal(await gate.hold(), undefined);
});

for (const httpStatus of [401, 403, 404, 405]) {
  Deno.test(`report() of a ${httpStatus} pauses for all, durably and with an alarm`, async () => {
    const { rig, gate, pass } = openGate();
    const outcome = httpStatus < 404 ? answered(httpStatus) : { ...DOUBT, httpStatus } as const;
    await (await pass()).report(outcome);
    assert.equal(await gate.enter(), undefined);
    const another = await createSubmissionGate(rig.ports).hold();
    assert.equal(another?.kind, "paused");
    assert.match(another?.reason ?? "", new RegExp(`^service: Konsol answered ${httpStatus} `));
    assert.deepEqual(alarmsOf(rig), ["submission_paused"]);
  });
}

Deno.test("report() of many 401 at once pauses once", async () => {
  const { rig, pass } = openGate();
  const passes = [await pass(), await pass(), await pass()];
  for (const one of passes) await one.report(answered(401));
  assert.deepEqual(alarmsOf(rig), ["submission_paused"]);
});

Deno.test("report() of other errors pauses nothing", async () => {
  const { gate, pass } = openGate();
  for (const httpStatus of [400, 408, 409, 422, 500]) {
    await (await pass()).report({ kind: "unknown", reason: "http", httpStatus });
    await (await pass()).report(ACCEPTED);
  }
  assert.equal(await gate.hold(), undefined);
});

Deno.test("report() of a pause that cannot be stored stops this instance all the same", async () => {
  const { rig, gate, next, pass } = openGate();
  const one = await pass();
  next.control.put.push("before");
  await one.report(answered(401));
  assert.equal(await gate.enter(), undefined);
  assert.equal((await gate.hold())?.kind, "paused");
  assert.equal(await createSubmissionGate(rig.ports).hold(), undefined);
  assert.deepEqual(alarmsOf(rig), ["pause_not_stored"]);
});

Deno.test("hold() of a stop that was not stored ends when a person resumes", async () => {
  const { gate, next, clock, application, pass } = openGate();
  const one = await pass();
  next.control.put.push("before");
  await one.report(answered(401));
  clock.jump(-60_000);
  await application.resumeSubmission("anna", "the token is mended");
  assert.equal(await gate.hold(), undefined, "whatever the clock says");
});

Deno.test("hold() of a stop that was not stored outlasts a resume of before", async () => {
  const { gate, next, clock, application, pass } = openGate();
  await application.resumeSubmission("anna", "long ago");
  await clock.advance(1);
  const one = await pass();
  next.control.put.push("before");
  await one.report(answered(401));
  assert.equal((await gate.hold())?.kind, "paused");
});

Deno.test("hold() of a stop that was not stored outlasts a resume while the create was under way", async () => {
  const { gate, next, application, pass } = openGate();
  const one = await pass();
  await application.resumeSubmission("anna", "before Konsol answered");
  next.control.put.push("before");
  await one.report(answered(401));
  assert.equal((await gate.hold())?.kind, "paused");
  await application.resumeSubmission("anna", "after it");
  assert.equal(await gate.hold(), undefined);
});

Deno.test("report() that is stored later takes the stop of this instance with it", async () => {
  const { rig, gate, next, pass } = openGate();
  const [first, second] = [await pass(), await pass()];
  next.control.put.push("before");
  await first.report(answered(401));
  await second.report(answered(401));
  assert.equal((await readPause(rig.ports))?.paused, true);
  await rig.application.resumeSubmission("anna", "mended");
  assert.equal(await gate.hold(), undefined);
});

Deno.test("enter() rejects, and lets nothing through, when the pause cannot be read", async () => {
  const { gate, next } = openGate();
  next.control.get.push("before");
  await assert.rejects(gate.enter(), StoreUnavailable);
});

Deno.test("report() of a 429 holds all for as long as Konsol asked", async () => {
  const { gate, clock, pass } = openGate();
  const [first, second] = [await pass(), await pass()];
  await first.report(answered(429, 2 * MINUTE));
  await second.report(answered(429, MINUTE));
  await clock.advance(2 * MINUTE - 1);
  assert.equal((await gate.hold())?.kind, "rate_limited");
  assert.equal(await gate.enter(), undefined);
  await clock.advance(1);
  assert.equal(await gate.hold(), undefined);
});

Deno.test("report() of a 429 that names no time holds nobody else", async () => {
  const { gate, pass } = openGate();
  await (await pass()).report(answered(429));
  assert.equal(await gate.hold(), undefined);
});

Deno.test("report() of a 429 without Konsol's own body is a doubt like any other", async () => {
  const { gate, pass } = openGate();
  await (await pass()).report({ ...DOUBT, httpStatus: 429 });
  assert.equal(await gate.hold(), undefined);
});

Deno.test("setPause() of one of many at once is kept whole", async () => {
  const { application, ports } = openRig();
  await Promise.all(["anna", "boris", "vera"].map((by) => application.pauseSubmission(by, by)));
  const pause = await readPause(ports);
  assert.equal(pause?.by, pause?.reason);
});

Deno.test("setPause() gives up when the races do not end", async () => {
  const { application, next, stores } = openRig();
  let version: number | undefined;
  const race = async () => {
    await stores.control.put("submission_pause", version, { by: "another" });
    version = (version ?? 0) + 1;
  };
  next.control.put.push(...Array.from({ length: 10 }, () => race));
  await assert.rejects(application.pauseSubmission("anna", "x"), /others keep changing it/);
});

Deno.test("setPause() tells who and why, in its answer and in an alarm", async () => {
  const { application, log, clock } = openRig();
  const pause = await application.pauseSubmission("anna", "a holiday");
  assert.deepEqual(pause, { paused: true, by: "anna", reason: "a holiday", at: clock.now() });
  await application.resumeSubmission("boris", "a working day");
  assert.deepEqual(log.of("alarm"), [
    { alarm: "submission_paused", by: "anna", reason: "a holiday" },
    { alarm: "submission_resumed", by: "boris", reason: "a working day" },
  ]);
});

Deno.test("enter() tries again in time though the wall clock is set back during its question", async () => {
  const rig = openRig();
  let isBack = false;
  const getBalance: PaymentGateway["getBalance"] = () => {
    if (isBack) return rig.gateway.getBalance();
    rig.clock.jump(-60 * MINUTE);
    return Promise.resolve({ kind: "unavailable", reason: "timeout" });
  };
  const gateway = { getBalance } as PaymentGateway;
  const gate = createSubmissionGate({ ...rig.ports, gateway });
  for (let count = 0; count < 3; count++) await (await entered(gate)).report(DOUBT);
  await rig.clock.advance(OPEN_MS);
  assert.equal(await gate.enter(), undefined);
  isBack = true;
  await rig.clock.advance(5 * MINUTE);
  await entered(gate);
});
