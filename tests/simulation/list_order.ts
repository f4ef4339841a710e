// The order in which the simulated Konsol lists its payments.

import type { ListOrder } from "./provider_plan.ts";
import { hashText, type SeededRandom } from "./seeded_random.ts";

type Json = Readonly<Record<string, unknown>>;

/** `rows`: the newest first. */
export function inOrder(
  order: ListOrder,
  rows: readonly Json[],
  random: SeededRandom,
): readonly Json[] {
  switch (order) {
    case "newest_first":
      return rows;
    case "oldest_first":
      return rows.toReversed();
    case "mixed":
      return rows.toSorted((a, b) => hashText(String(a.id)) - hashText(String(b.id)));
    case "shuffled":
      return random.shuffled(rows);
  }
}
