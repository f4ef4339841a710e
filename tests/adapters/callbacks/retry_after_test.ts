// Laws of adapters/callbacks/retry_after.ts.

import assert from "node:assert/strict";
import { retryAfterMs } from "../../../adapters/callbacks/retry_after.ts";

const NOW = Date.parse("1994-11-06T08:49:00Z");

Deno.test("retryAfterMs() takes seconds", () => {
  const waits = ["0", "120", " 7 ", "999999999"].map((text) => retryAfterMs(text, NOW));
  assert.deepEqual(waits, [0, 120_000, 7_000, 999_999_999_000]);
});

Deno.test("retryAfterMs() takes a date in each of HTTP's three forms, as a wait from now", () => {
  const dates = ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT"];
  for (const date of [...dates, "Sun Nov  6 08:49:37 1994"]) {
    assert.equal(retryAfterMs(date, NOW), 37_000, date);
  }
});

Deno.test("retryAfterMs() makes a date in the past a wait of nothing", () => {
  assert.equal(retryAfterMs("Sun, 06 Nov 1994 08:48:37 GMT", NOW), 0);
});

Deno.test("retryAfterMs() gives undefined for what is neither", () => {
  const words = [
    "",
    "soon",
    "-1",
    "1.5",
    "1e3",
    "0x10",
    "Hello 5",
    "Sun, 99 Nov 1994 08:49:37 GMT",
  ];
  const more = ["1000000000000", "2026-01-01", "Sun", "Mon, tomorrow at 08:49:37", "5, 6"];
  for (const text of [...words, ...more]) assert.equal(retryAfterMs(text, NOW), undefined, text);
  assert.equal(retryAfterMs(undefined, NOW), undefined);
});
