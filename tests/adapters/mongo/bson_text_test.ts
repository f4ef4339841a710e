// Every text becomes a BSON string and comes back as it was; no two become the same one.

import assert from "node:assert/strict";
import fc from "fast-check";
import { BSON } from "mongodb";
import { fromBsonText, toBsonText } from "../../../adapters/mongo/bson_text.ts";
import { STRANGE_TEXTS } from "../../contracts/stores.ts";

/** Code units from the corners: letters, halves of pairs, the mark itself and what it is followed by. */
const strange = fc.array(
  fc.constantFrom("a", "d", "8", "0", "f", "\u0000", "\ud800", "\udc00", "\udbff", "\uffff", "ж"),
).map((units) => units.join(""));
const text = fc.oneof(strange, fc.string({ unit: "binary" }));

const throughBson = (text: string): string =>
  BSON.deserialize(BSON.serialize({ text: toBsonText(text) })).text;

Deno.test("fromBsonText() gives back what toBsonText() was given, through BSON", () => {
  for (const text of STRANGE_TEXTS) assert.equal(fromBsonText(throughBson(text)), text);
  fc.assert(fc.property(text, (text) => assert.equal(fromBsonText(throughBson(text)), text)), {
    numRuns: 2_000,
  });
});

Deno.test("toBsonText() makes different texts of different ones", () => {
  fc.assert(
    fc.property(text, text, (one, other) => {
      assert.equal(toBsonText(one) === toBsonText(other), one === other);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("toBsonText() leaves what has no strange parts as it is", () => {
  for (const text of ["", "order-1", "Платёж №1 — ₽", "👩‍👩‍👧‍👦", "a\u0000b", "\ufffd"]) {
    assert.equal(toBsonText(text), text);
  }
});
