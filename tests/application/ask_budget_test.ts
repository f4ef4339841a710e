// Laws of application/ask_budget.ts.

import assert from "node:assert/strict";
import fc from "fast-check";
import { type AskBudget, createAskBudget } from "../../application/ask_budget.ts";
import { NOW } from "../support/payment_states.ts";

const EVERY_MS = 10_000;

/** Whether an ask is taken at each of these times after NOW. */
function takenAt(budget: AskBudget, times: readonly number[], konsolId = "konsol_1"): boolean[] {
  return times.map((after) => budget.take(konsolId, true, NOW + after).kind === "taken");
}

/** How many of a hundred ids, each new, are taken at this time after NOW. */
function takenOfMany(budget: AskBudget, isKnown: boolean, after: number): number {
  const ids = Array.from({ length: 100 }, (_, n) => `${isKnown}_${after}_${n}`);
  return ids.filter((id) => budget.take(id, isKnown, NOW + after).kind === "taken").length;
}

Deno.test("take() gives a payment a burst of 3, then one in 10 s", () => {
  const taken = takenAt(createAskBudget(), [0, 0, 0, 0, 9_999, 10_000, 10_001, 20_000]);
  assert.deepEqual(taken, [true, true, true, false, false, true, false, true]);
});

Deno.test("take() that must wait says until when, and there is one then", () => {
  const budget = createAskBudget();
  takenAt(budget, [0, 0, 0]);
  const asks = budget.take("konsol_1", true, NOW + 4_000);
  assert.deepEqual(asks, { kind: "wait", until: NOW + EVERY_MS });
  assert.deepEqual(budget.take("konsol_1", true, NOW + EVERY_MS), { kind: "taken" });
});

Deno.test("take() always has one at the time that it named", () => {
  fc.assert(fc.property(fc.array(fc.nat(15_000), { maxLength: 40 }), (steps) => {
    const budget = createAskBudget();
    let now = NOW;
    for (const step of steps) {
      now += step;
      const asks = budget.take("konsol_1", true, now);
      if (asks.kind === "taken") continue;
      assert.ok(asks.until > now && asks.until <= now + EVERY_MS + 1);
      now = asks.until;
      const again = budget.take("konsol_1", true, now);
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
      return budget.take("konsol_1", true, NOW + passed).kind === "taken";
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
  const at = (after: number) => takenOfMany(budget, true, after);
  assert.deepEqual([at(0), at(1_000), at(1_025), at(1_050)], [40, 20, 0, 1]);
});

Deno.test("take() gives ids that no payment has 10 at once, then 2 a second", () => {
  const budget = createAskBudget();
  const at = (after: number) => takenOfMany(budget, false, after);
  assert.deepEqual([at(0), at(1_000), at(1_499), at(1_500)], [10, 2, 0, 1]);
});

Deno.test("take() leaves payments that we have three quarters of the budget in a flood of others", () => {
  const budget = createAskBudget();
  takenOfMany(budget, false, 0);
  assert.equal(takenOfMany(budget, true, 0), 30);
});

Deno.test("take() of an id that no payment has says from when there is one", () => {
  const budget = createAskBudget();
  takenOfMany(budget, false, 0);
  assert.deepEqual(budget.take("made_up", false, NOW), { kind: "wait", until: NOW + 500 });
  assert.equal(budget.take("made_up", false, NOW + 500).kind, "taken");
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
  budget.take("konsol_1", true, NOW);
  assert.ok(!budget.answeredSince("konsol_1", NOW - 1));
});

Deno.test("answered() of an earlier ask takes no later one back", () => {
  const budget = createAskBudget();
  budget.answered("konsol_1", NOW);
  budget.answered("konsol_1", NOW - 5_000);
  assert.ok(budget.answeredSince("konsol_1", NOW - 1));
});
