// Laws of application/ask_budget.ts.

import assert from "node:assert/strict";
import fc from "fast-check";
import { type AskBudget, createAskBudget } from "../../application/ask_budget.ts";
import { NOW } from "../support/payment_states.ts";

const EVERY_MS = 10_000;

/** Whether an ask is taken at each of these times after NOW. */
function takenAt(budget: AskBudget, times: readonly number[], konsolId = "konsol_1"): boolean[] {
  return times.map((after) => budget.take(konsolId, NOW + after).kind === "taken");
}

Deno.test("take() gives a payment a burst of 3, then one in 10 s", () => {
  const taken = takenAt(createAskBudget(), [0, 0, 0, 0, 9_999, 10_000, 10_001, 20_000]);
  assert.deepEqual(taken, [true, true, true, false, false, true, false, true]);
});

Deno.test("take() that must wait says until when, and there is one then", () => {
  const budget = createAskBudget();
  takenAt(budget, [0, 0, 0]);
  const asks = budget.take("konsol_1", NOW + 4_000);
  assert.deepEqual(asks, { kind: "wait", until: NOW + EVERY_MS });
  assert.deepEqual(budget.take("konsol_1", NOW + EVERY_MS), { kind: "taken" });
});

Deno.test("take() always has one at the time that it named", () => {
  fc.assert(fc.property(fc.array(fc.nat(15_000), { maxLength: 40 }), (steps) => {
    const budget = createAskBudget();
    let now = NOW;
    for (const step of steps) {
      now += step;
      const asks = budget.take("konsol_1", now);
      if (asks.kind === "taken") continue;
      assert.ok(asks.until > now && asks.until <= now + EVERY_MS + 1);
      now = asks.until;
      const again = budget.take("konsol_1", now);
      assert.ok(again.kind === "taken" || again.until <= now + 1);
    }
  }));
});

Deno.test("take() never gives one payment more than its burst and its pace", () => {
  fc.assert(fc.property(fc.array(fc.nat(5_000), { maxLength: 100 }), (steps) => {
    const budget = createAskBudget();
    let passed = 0;
    const taken = steps.filter((step) => {
      passed += step;
      return budget.take("konsol_1", NOW + passed).kind === "taken";
    });
    assert.ok(taken.length <= 3 + Math.floor(passed / EVERY_MS) + 1e-9);
  }));
});

Deno.test("take() that waits costs nothing", () => {
  const budget = createAskBudget();
  takenAt(budget, [0, 0, 0, ...Array.from({ length: 50 }, () => 5_000)]);
  assert.deepEqual(takenAt(budget, [10_000]), [true]);
});

Deno.test("take() saves up no more than the burst", () => {
  const budget = createAskBudget();
  takenAt(budget, [0]);
  const later = 1_000_000;
  assert.deepEqual(takenAt(budget, [later, later, later, later]), [true, true, true, false]);
});

Deno.test("take() counts each payment for itself", () => {
  const budget = createAskBudget();
  takenAt(budget, [0, 0, 0]);
  assert.deepEqual(takenAt(budget, [0, 0, 0, 0], "konsol_2"), [true, true, true, false]);
});

Deno.test("take() gives all payments together 40 at once, then 20 a second", () => {
  const budget = createAskBudget();
  const at = (after: number, count: number) =>
    Array.from({ length: count }, (_, n) => takenAt(budget, [after], `konsol_${after}_${n}`)[0])
      .filter((taken) => taken).length;
  assert.deepEqual([at(0, 100), at(1_000, 100), at(1_025, 100), at(1_050, 100)], [40, 20, 0, 1]);
});

Deno.test("take() gives nothing for a clock that went back", () => {
  const budget = createAskBudget();
  takenAt(budget, [0, 0, 0]);
  assert.deepEqual(takenAt(budget, [-60_000, -50_001]), [false, false]);
});

Deno.test("take() remembers the latest 10,000 payments, and no more", () => {
  const budget = createAskBudget();
  takenAt(budget, [0, 0, 0], "old");
  for (let other = 0; other < 9_999; other++) takenAt(budget, [other * 50], `konsol_${other}`);
  assert.deepEqual(takenAt(budget, [1], "old"), [false]);
  takenAt(budget, [500_000], "one_more");
  assert.deepEqual(takenAt(budget, [500_001], "old"), [true]);
});

Deno.test("answeredSince() holds for an ask that began after the wish and was answered", () => {
  const budget = createAskBudget();
  budget.answered("konsol_1", NOW);
  assert.ok(budget.answeredSince("konsol_1", NOW - 1));
  assert.ok(!budget.answeredSince("konsol_1", NOW));
  assert.ok(!budget.answeredSince("konsol_2", NOW - 1));
});

Deno.test("answeredSince() does not hold for an ask that was only taken", () => {
  const budget = createAskBudget();
  budget.take("konsol_1", NOW);
  assert.ok(!budget.answeredSince("konsol_1", NOW - 1));
});

Deno.test("answered() of an earlier ask takes no later one back", () => {
  const budget = createAskBudget();
  budget.answered("konsol_1", NOW);
  budget.answered("konsol_1", NOW - 5_000);
  assert.ok(budget.answeredSince("konsol_1", NOW - 1));
});
