// Laws of application/circuit_breaker.ts.

import assert from "node:assert/strict";
import { type CircuitBreaker, createCircuitBreaker } from "../../application/circuit_breaker.ts";
import type { CreateOutcome } from "../../domain/provider_payment.ts";
import { NOW, reportOf, submitting } from "../support/payment_states.ts";

const DOUBT: CreateOutcome = { kind: "unknown", reason: "timeout" };
const ACCEPTED: CreateOutcome = { kind: "accepted", payment: reportOf(submitting()) };
const REFUSED: CreateOutcome = { kind: "refused", code: "no", message: "no" };
const NOT_CONNECTED = notExecuted("not_connected");
const NOT_BEGUN = notExecuted("not_begun");
const HELD_OFF = notExecuted("konsol_answered");

const FIRST_MS = 15_000;
const LAST_MS = 5 * 60_000;

function notExecuted(
  because: Extract<CreateOutcome, { kind: "not_executed" }>["because"],
): CreateOutcome {
  return { kind: "not_executed", because, reason: because };
}

/** A breaker without jitter that was told these at NOW. */
function after(...outcomes: readonly (CreateOutcome | "no_answer")[]): CircuitBreaker {
  const breaker = createCircuitBreaker(() => 0);
  outcomes.forEach((outcome) => breaker.report(outcome, NOW));
  return breaker;
}

/** Opened by three doubts, and half-open now. */
function halfOpen(): CircuitBreaker {
  return after(DOUBT, DOUBT, DOUBT);
}

const HALF_OPEN_AT = NOW + FIRST_MS;

function kindAt(breaker: CircuitBreaker, now = NOW): string {
  return breaker.state(now).kind;
}

Deno.test("state() is closed at first", () => {
  assert.deepEqual(after().state(NOW), { kind: "closed" });
});

Deno.test("report() of three doubts in a row opens it for 15 s", () => {
  assert.equal(kindAt(after(DOUBT, DOUBT)), "closed");
  assert.deepEqual(halfOpen().state(NOW), { kind: "open", until: HALF_OPEN_AT });
});

Deno.test("report() of five failed connections in a row opens it", () => {
  const failed = Array.from({ length: 5 }, () => NOT_CONNECTED);
  assert.equal(kindAt(after(...failed.slice(1))), "closed");
  assert.equal(kindAt(after(...failed)), "open");
});

Deno.test("report() of any answer of Konsol's begins the row anew", () => {
  for (const answer of [ACCEPTED, REFUSED, HELD_OFF]) {
    assert.equal(kindAt(after(DOUBT, DOUBT, answer, DOUBT, DOUBT)), "closed");
  }
});

Deno.test("report() counts doubts and failed connections each for itself", () => {
  assert.equal(kindAt(after(DOUBT, DOUBT, NOT_CONNECTED, DOUBT, DOUBT)), "closed");
  const failed = Array.from({ length: 4 }, () => NOT_CONNECTED);
  assert.equal(kindAt(after(...failed, DOUBT, ...failed)), "closed");
});

Deno.test("report() of what never reached the wire says nothing of Konsol", () => {
  assert.equal(kindAt(after(DOUBT, DOUBT, NOT_BEGUN, DOUBT)), "open");
  assert.equal(kindAt(after(...Array.from({ length: 50 }, () => NOT_BEGUN))), "closed");
});

Deno.test("state() is half-open once the time is over", () => {
  assert.equal(kindAt(halfOpen(), HALF_OPEN_AT - 1), "open");
  assert.equal(kindAt(halfOpen(), HALF_OPEN_AT), "half_open");
});

Deno.test("takeTrial() gives the one place of a half-open breaker", () => {
  const breaker = halfOpen();
  const taken = [breaker.takeTrial(HALF_OPEN_AT), breaker.takeTrial(HALF_OPEN_AT)];
  assert.deepEqual(taken, [true, false]);
});

Deno.test("takeTrial() gives nothing while it is open or closed", () => {
  assert.equal(halfOpen().takeTrial(HALF_OPEN_AT - 1), false);
  assert.equal(after().takeTrial(NOW), false);
});

Deno.test("leaveTrial() gives the place back", () => {
  const breaker = halfOpen();
  breaker.takeTrial(HALF_OPEN_AT);
  breaker.leaveTrial();
  assert.equal(breaker.takeTrial(HALF_OPEN_AT), true);
});

Deno.test("report() of a trial that was answered closes it, with the rows begun anew", () => {
  const breaker = halfOpen();
  breaker.takeTrial(HALF_OPEN_AT);
  breaker.report(ACCEPTED, HALF_OPEN_AT);
  breaker.report(DOUBT, HALF_OPEN_AT);
  breaker.report(DOUBT, HALF_OPEN_AT);
  assert.equal(kindAt(breaker, HALF_OPEN_AT), "closed");
});

Deno.test("report() of a trial that was not answered opens it at once, twice as long", () => {
  for (const outcome of [DOUBT, NOT_CONNECTED, "no_answer"] as const) {
    const breaker = halfOpen();
    breaker.takeTrial(HALF_OPEN_AT);
    breaker.report(outcome, HALF_OPEN_AT);
    const until = HALF_OPEN_AT + 2 * FIRST_MS;
    assert.deepEqual(breaker.state(HALF_OPEN_AT), { kind: "open", until });
    assert.equal(breaker.takeTrial(until), true);
  }
});

Deno.test("report() of a trial that never reached the wire gives its place back", () => {
  const breaker = halfOpen();
  breaker.takeTrial(HALF_OPEN_AT);
  breaker.report(NOT_BEGUN, HALF_OPEN_AT);
  assert.equal(kindAt(breaker, HALF_OPEN_AT), "half_open");
  assert.equal(breaker.takeTrial(HALF_OPEN_AT), true);
});

Deno.test("report() of what was sent before it opened opens it no longer", () => {
  const breaker = halfOpen();
  for (let late = 0; late < 29; late++) breaker.report(DOUBT, NOW + 1_000);
  assert.deepEqual(breaker.state(NOW + 1_000), { kind: "open", until: HALF_OPEN_AT });
});

Deno.test("report() opens it longer each time, 5 min at most, and 15 s again after an answer", () => {
  const breaker = after();
  const lengths: number[] = [];
  let now = NOW;
  const fail = () => {
    breaker.report("no_answer", now);
    const state = breaker.state(now);
    if (state.kind !== "open") return;
    lengths.push(state.until - now);
    now = state.until;
  };
  for (let count = 0; count < 50; count++) fail();
  assert.deepEqual(lengths.slice(0, 6), [15_000, 30_000, 60_000, 120_000, 240_000, LAST_MS]);
  assert.equal(lengths.at(-1), LAST_MS);
  breaker.report(ACCEPTED, now);
  for (let count = 0; count < 5; count++) fail();
  assert.equal(lengths.at(-1), FIRST_MS);
});

Deno.test("report() opens it up to a quarter longer, so that instances do not come back as one", () => {
  const breaker = createCircuitBreaker(() => 0.999);
  for (let count = 0; count < 3; count++) breaker.report(DOUBT, NOW);
  const state = breaker.state(NOW);
  assert.ok(state.kind === "open");
  const length = state.until - NOW;
  assert.ok(length > FIRST_MS * 1.2 && length <= FIRST_MS * 1.25, `${length} ms`);
});
