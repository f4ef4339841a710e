// A thousand clients with one handle at once: one payment, one create at Konsol, the same answer for all.

import assert from "node:assert/strict";
import { storm } from "./storm.ts";

const CLIENTS = 1_000;

for (const handle of ["idempotency_key", "external_id"] as const) {
  Deno.test(`a storm of ${CLIENTS} clients with one ${handle} makes and pays one payment`, async () => {
    const { paidTwice } = await storm({ clients: CLIENTS, handle });
    assert.equal(paidTwice, 0);
  });
}
