// Laws of adapters/callbacks/answer_start.ts.

import assert from "node:assert/strict";
import fc from "fast-check";
import { ANSWER_START_BYTES, answerStart } from "../../../adapters/callbacks/answer_start.ts";

const encoder = new TextEncoder();

function startOf(text: string): string {
  const bytes = encoder.encode(text);
  return answerStart(bytes, bytes.length);
}

Deno.test("answerStart() gives a short answer as it is", () => {
  for (const text of ["", "ok", '{"ok":true}', "принято\n\tспасибо"]) {
    assert.equal(startOf(text), text);
  }
});

Deno.test("answerStart() masks cards, phones and secrets that a receiver echoes", () => {
  const text =
    "card 4111111111111111, phone +79123456789, key whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  assert.equal(startOf(text), "card 411111******1111, phone +7912*****89, key whsec_***");
});

Deno.test("answerStart() masks a number also when control characters part its digits", () => {
  const digits = "4111\u00001111\u200b1111\u00071111";
  assert.equal(startOf(digits), "411111******1111");
});

Deno.test("answerStart() leaves no character that a terminal would obey", () => {
  const shown = startOf("a\u001b[31mb\u0000c\u009bd\u202ee\rf\u2028g");
  assert.equal(shown, "a [31mb c d e f g");
});

Deno.test("answerStart() cuts a long answer so that no half of a number is left", () => {
  const before = "a".repeat(ANSWER_START_BYTES - 8);
  assert.equal(startOf(`${before}4111111111111111`), `${before}…`);
  assert.equal(startOf("4".repeat(10_000)), "…");
});

Deno.test("answerStart() gives text of 4 KiB at most, whatever came", () => {
  const bytes = fc.uint8Array({ maxLength: ANSWER_START_BYTES });
  const text = fc.string({ maxLength: 3_000 }).map((some) => encoder.encode(`${some}ж€😀`));
  const masks = fc.constant(encoder.encode("bearer a ".repeat(500)));
  fc.assert(
    fc.property(fc.oneof(bytes, text, masks), (sent) => {
      const shown = answerStart(sent.subarray(0, ANSWER_START_BYTES), sent.length);
      assert.ok(encoder.encode(shown).length <= ANSWER_START_BYTES);
    }),
    { numRuns: 30 },
  );
});
