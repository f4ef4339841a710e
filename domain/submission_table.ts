// The table of design.md as data: where a money request can be, and the fourteen moves between those places.

export const SUBMISSIONS = [
  "queued",
  "submitting",
  "in_doubt",
  "submitted",
  "review",
  "settled",
] as const;

/** Where the request for money is. `submitting` and later mean that it may be on the wire or executed. */
export type Submission = (typeof SUBMISSIONS)[number];

interface Move {
  readonly from: readonly Submission[];
  readonly to: readonly Submission[];
}

/** The only moves there are (T1, the insert, starts from nothing). What each requires stands in payment_*.ts. */
export const MOVES = {
  T1: { from: [], to: ["queued"] },
  T2: { from: ["queued"], to: ["settled"] },
  T3: { from: ["queued"], to: ["submitting"] },
  T4: { from: ["submitting"], to: ["queued"] },
  T5: { from: ["submitting"], to: ["submitted"] },
  T6: { from: ["submitting"], to: ["settled"] },
  T7: { from: ["submitting"], to: ["in_doubt"] },
  T8: { from: ["queued", "submitting", "in_doubt", "review"], to: ["submitted"] },
  T9: { from: ["in_doubt"], to: ["queued"] },
  T10: { from: ["in_doubt"], to: ["review"] },
  T11: { from: ["review"], to: ["queued", "settled"] },
  T12: { from: ["submitted"], to: ["settled"] },
  T13: { from: ["submitted"], to: ["review"] },
  T14: { from: ["queued"], to: ["review"] },
} as const satisfies Record<string, Move>;

export type MoveName = keyof typeof MOVES;

/** A move that the table does not have was tried: always a bug, never the caller's mistake. */
export class IllegalMove extends Error {
  override readonly name = "IllegalMove";

  constructor(move: string, from: string, to: string) {
    super(`Cannot make the move ${move} as the table does not allow it: ${from} -> ${to}`);
  }
}

/** Throws IllegalMove unless the table has `move` from `from` to `to`. */
export function assertMove(move: MoveName, from: Submission, to: Submission): void {
  const { from: allowedFrom, to: allowedTo }: Move = MOVES[move];
  if (!allowedFrom.includes(from) || !allowedTo.includes(to)) throw new IllegalMove(move, from, to);
}

/** Whether any move leads from one to the other; staying is always allowed. Stores check this too. */
export function isReachable(from: Submission, to: Submission): boolean {
  if (from === to) return true;
  return Object.values<Move>(MOVES).some((move) =>
    move.from.includes(from) && move.to.includes(to)
  );
}
