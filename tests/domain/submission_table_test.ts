// Laws of domain/submission_table.ts.

import assert from "node:assert/strict";
import {
  assertMove,
  IllegalMove,
  isReachable,
  type MoveName,
  MOVES,
  type Submission,
  SUBMISSIONS,
} from "../../domain/submission_table.ts";

/** design.md, "Payment", T1-T14, written down a second time. */
const DESIGN: Readonly<Record<MoveName, string>> = {
  T1: " -> queued",
  T2: "queued -> settled",
  T3: "queued -> submitting",
  T4: "submitting -> queued",
  T5: "submitting -> submitted",
  T6: "submitting -> settled",
  T7: "submitting -> in_doubt",
  T8: "queued, submitting, in_doubt, review -> submitted",
  T9: "in_doubt -> queued",
  T10: "in_doubt -> review",
  T11: "review -> queued, settled",
  T12: "submitted -> settled",
  T13: "submitted -> review",
  T14: "queued -> review",
};

/** Every pair of different states that some move joins. */
const JOINED = new Set([
  "queued -> settled",
  "queued -> submitting",
  "queued -> submitted",
  "queued -> review",
  "submitting -> queued",
  "submitting -> submitted",
  "submitting -> settled",
  "submitting -> in_doubt",
  "in_doubt -> submitted",
  "in_doubt -> queued",
  "in_doubt -> review",
  "review -> submitted",
  "review -> queued",
  "review -> settled",
  "submitted -> settled",
  "submitted -> review",
]);

const PAIRS = SUBMISSIONS.flatMap((from) => SUBMISSIONS.map((to) => [from, to] as const));

function isAllowed(move: MoveName, from: Submission, to: Submission): boolean {
  try {
    assertMove(move, from, to);
    return true;
  } catch (error) {
    assert.ok(error instanceof IllegalMove);
    return false;
  }
}

Deno.test("MOVES is the table of design.md, move by move", () => {
  const written = Object.entries(MOVES).map(([name, { from, to }]) => [
    name,
    `${from.join(", ")} -> ${to.join(", ")}`,
  ]);
  assert.deepEqual(Object.fromEntries(written), DESIGN);
});

Deno.test("isReachable() joins the pairs of the table and no other", () => {
  const reached = PAIRS.filter(([from, to]) => from !== to && isReachable(from, to));
  assert.deepEqual(new Set(reached.map(([from, to]) => `${from} -> ${to}`)), JOINED);
});

Deno.test("isReachable() lets every state stay as it is", () => {
  assert.ok(SUBMISSIONS.every((state) => isReachable(state, state)));
});

Deno.test("isReachable() leads nowhere from settled", () => {
  const left = SUBMISSIONS.filter((to) => to !== "settled" && isReachable("settled", to));
  assert.deepEqual(left, []);
});

Deno.test("assertMove() allows each move between its own states and no others", () => {
  for (const name of Object.keys(MOVES) as MoveName[]) {
    const [from = "", to = ""] = DESIGN[name].split(" -> ");
    const allowed = PAIRS.filter(([a, b]) => isAllowed(name, a, b));
    const wanted = PAIRS.filter(([a, b]) =>
      from.split(", ").includes(a) && to.split(", ").includes(b)
    );
    assert.deepEqual(allowed, wanted, name);
  }
});

Deno.test("assertMove() says which move was tried and between what", () => {
  assert.throws(() => assertMove("T3", "settled", "submitting"), {
    name: "IllegalMove",
    message: /^Cannot make the move T3 .*: settled -> submitting$/,
  });
});
