// Ids that are the same in every run, shaped as the real ones and in order.

import type { Ids } from "../../application/ports.ts";

/** pay_01900000-0000-7000-8000-000000000001 and on; the prefixes share one count. */
export function fakeIds(): Ids {
  let count = 0;
  return {
    next(prefix) {
      count++;
      return `${prefix}_01900000-0000-7000-8000-${count.toString(16).padStart(12, "0")}`;
    },
  };
}
