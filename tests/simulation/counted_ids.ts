// Ids of a simulation: counted, so that a seed gives the same ones each time.

import type { Ids } from "../../application/ports.ts";

/** Events are counted apart: there is no telling how many of them a payment has. */
export function countedIds(): Ids {
  const counts = { records: 0, events: 0 };
  return {
    next(prefix) {
      const count = ++counts[prefix === "evt" ? "events" : "records"];
      return `${prefix}_${String(count).padStart(3, "0")}`;
    },
  };
}
