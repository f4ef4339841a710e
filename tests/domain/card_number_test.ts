// Laws of domain/card_number.ts.

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type CardBrand,
  holdsCardNumber,
  maskedCardNumber,
  parseCardNumber,
  SANDBOX_TEST_CARD,
} from "../../domain/card_number.ts";

/** First and last prefix of each range and the lengths it comes in, from konsol-api.md. */
const BRANDS: readonly (readonly [CardBrand, readonly string[], readonly number[]])[] = [
  ["mir", ["2200", "2204"], [16, 17, 18, 19]],
  ["mastercard", ["51", "55", "2221", "2720"], [16]],
  ["visa", ["4"], [13, 16, 18, 19]],
  ["unionpay", ["62", "81"], [14, 15, 16, 17, 18, 19]],
  ["maestro", ["50", "56", "59", "60", "63", "69"], [13, 14, 15, 16, 17, 18, 19]],
  ["unknown", ["1", "30", "2205", "2220", "2721", "82"], [13, 14, 15, 16, 17, 18, 19]],
];

/** The check digit by a table of doubled digits: not how the code under test does it. */
function withCheckDigit(body: string): string {
  const doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
  const sum = [...body].reverse()
    .map((digit, index) => index % 2 === 0 ? doubled[Number(digit)]! : Number(digit))
    .reduce((total, value) => total + value, 0);
  return body + (10 - sum % 10) % 10;
}

const filler = fc.stringMatching(/^[0-9]{18}$/);
const brandAndLength = fc.constantFrom(...BRANDS).chain(([brand, prefixes, lengths]) =>
  fc.record({
    brand: fc.constant(brand),
    prefix: fc.constantFrom(...prefixes),
    length: fc.constantFrom(...lengths),
    filler,
  })
);

const card = brandAndLength.map(({ brand, prefix, length, filler }) => ({
  brand,
  digits: withCheckDigit((prefix + filler).slice(0, length - 1)),
}));

function codeOf(input: string): string {
  const answer = parseCardNumber(input);
  return answer.ok ? `parsed ${answer.value.brand}` : answer.code;
}

Deno.test("parseCardNumber() takes every length of every brand and names the brand", () => {
  fc.assert(fc.property(card, ({ brand, digits }) => {
    assert.equal(codeOf(digits), `parsed ${brand}`);
  }));
});

Deno.test("parseCardNumber() gives the digits, their first 6, last 4 and length", () => {
  assert.deepEqual(parseCardNumber("2200 7001-2345 6781"), {
    ok: true,
    value: {
      digits: "2200700123456781",
      brand: "mir",
      first6: "220070",
      last4: "6781",
      length: 16,
    },
  });
});

Deno.test("parseCardNumber() does not mind spaces and dashes between the digits", () => {
  const gap = fc.constantFrom("", " ", "-", " - ", "\u00a0", "\u2013");
  fc.assert(fc.property(card, fc.array(gap, { minLength: 19 }), ({ digits }, gaps) => {
    const spaced = [...digits].map((digit, index) => (index > 0 ? gaps[index] : "") + digit);
    assert.deepEqual(parseCardNumber(spaced.join("")), parseCardNumber(digits));
  }));
});

Deno.test("parseCardNumber() refuses a length that its brand does not have", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...BRANDS),
      fc.integer({ min: 4, max: 30 }),
      ([, [prefix = ""], lengths], length) => {
        fc.pre(!lengths.includes(length));
        const digits = withCheckDigit(prefix.padEnd(length - 1, "0"));
        assert.equal(codeOf(digits), "card_number_length");
      },
    ),
  );
});

Deno.test("parseCardNumber() refuses one mistyped digit where the brand has a check digit", () => {
  const place = fc.integer({ min: 4, max: 12 });
  fc.assert(fc.property(card, place, fc.integer({ min: 1, max: 9 }), (sent, index, more) => {
    fc.pre(sent.brand !== "unionpay");
    const wrong = (Number(sent.digits[index]) + more) % 10;
    const typed = sent.digits.slice(0, index) + wrong + sent.digits.slice(index + 1);
    assert.equal(codeOf(typed), "card_number_checksum");
  }));
});

Deno.test("parseCardNumber() takes a UnionPay card that fails the Luhn check", () => {
  assert.equal(codeOf("6200000000000000"), "parsed unionpay");
});

Deno.test("parseCardNumber() refuses characters that are no digits, spaces or dashes", () => {
  const texts = ["", " ", "-", "4111.1111.1111.1111", "4111 1111 1111 111x", "+4111111111111111"];
  const edges = [" 4111111111111111", "4111111111111111 ", "-4111111111111111"];
  for (const input of [...texts, ...edges, "4111111111111111\n", "٤١١١١١١١١١١١١١١١"]) {
    assert.equal(codeOf(input), "card_number_invalid", JSON.stringify(input));
  }
});

Deno.test("parseCardNumber() refuses the sandbox's test card by default", () => {
  assert.equal(codeOf(SANDBOX_TEST_CARD), "card_number_checksum");
});

Deno.test("parseCardNumber() takes the sandbox's test card with allowTestCard", () => {
  const answer = parseCardNumber("1234 5678 9012 3456", { allowTestCard: true });
  assert.ok(answer.ok && answer.value.digits === SANDBOX_TEST_CARD);
  assert.equal(answer.value.brand, "unknown");
});

Deno.test("parseCardNumber() checks every other card as before with allowTestCard", () => {
  const answer = parseCardNumber("1234567890123457", { allowTestCard: true });
  assert.ok(!answer.ok && answer.code === "card_number_checksum");
});

Deno.test("parseCardNumber() never says any part of a refused number", () => {
  const input = fc.oneof(fc.string(), fc.stringMatching(/^[0-9]{1,30}$/));
  fc.assert(fc.property(input, (sent) => {
    const answer = parseCardNumber(sent);
    assert.ok(answer.ok || !/[0-9]/.test(answer.message));
  }));
});

Deno.test("maskedCardNumber() shows the first 6, the last 4 and a star for each other", () => {
  fc.assert(fc.property(card, ({ digits }) => {
    const answer = parseCardNumber(digits);
    assert.ok(answer.ok);
    const stars = "*".repeat(digits.length - 10);
    assert.equal(maskedCardNumber(answer.value), digits.slice(0, 6) + stars + digits.slice(-4));
  }));
});

Deno.test("maskedCardNumber() shows a card of 16 digits where the length was not kept", () => {
  assert.equal(maskedCardNumber({ first6: "220070", last4: "6781" }), "220070******6781");
});

Deno.test("holdsCardNumber() finds the number in any text, however its digits are set apart", () => {
  const words = fc.string({ unit: "grapheme" });
  const gap = fc.constantFrom("", " ", "-", "\u00a0", " - ");
  fc.assert(fc.property(card, words, words, gap, ({ digits }, before, after, between) => {
    const answer = parseCardNumber(digits);
    assert.ok(answer.ok);
    const text = before + [...digits].join(between) + after;
    assert.ok(holdsCardNumber(text, answer.value), text);
  }));
});

Deno.test("holdsCardNumber() takes no other number, masked card or order id for it", () => {
  const own = { first6: "220070", last4: "6781", length: 16 };
  for (
    const text of ["220070******6781", "2200700123456782", "220070012346781", "1, 2200-70", ""]
  ) {
    assert.equal(holdsCardNumber(text, own), false, text);
  }
});
