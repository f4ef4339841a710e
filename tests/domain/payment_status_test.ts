// Laws of domain/payment_status.ts.

import assert from "node:assert/strict";
import { furtherStatus, isEnd, isStatus, STATUSES } from "../../domain/payment_status.ts";

Deno.test("STATUSES are the five that clients see, in order of progress", () => {
  assert.deepEqual(STATUSES, ["pending", "processing", "completed", "failed", "cancelled"]);
});

Deno.test("isStatus() knows the five by their exact words only", () => {
  const others = ["", "PENDING", " pending", "paid", "created", "toString", "__proto__"];
  assert.ok(STATUSES.every(isStatus));
  assert.deepEqual(others.filter(isStatus), []);
});

Deno.test("isEnd() holds for completed, failed and cancelled", () => {
  assert.deepEqual(STATUSES.filter(isEnd), ["completed", "failed", "cancelled"]);
});

Deno.test("furtherStatus() goes forward from pending and processing", () => {
  const further = (shown: "pending" | "processing") =>
    STATUSES.map((next) => furtherStatus(shown, next));
  assert.deepEqual(further("pending"), STATUSES);
  assert.deepEqual(further("processing"), [
    "processing",
    "processing",
    "completed",
    "failed",
    "cancelled",
  ]);
});

Deno.test("furtherStatus() never leaves an end, not even for another end", () => {
  for (const end of STATUSES.filter(isEnd)) {
    assert.ok(STATUSES.every((next) => furtherStatus(end, next) === end));
  }
});
