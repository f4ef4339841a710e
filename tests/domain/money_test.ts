// Laws of domain/money.ts.

import assert from "node:assert/strict";
import fc from "fast-check";
import { amountNumber, amountText, currencyExponent, parseAmount } from "../../domain/money.ts";

const currency = fc.constantFrom("RUB", "USD", "JPY", "KWD", "CLF");
const minor = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

function codeOf(input: number | string, currencyCode = "RUB"): string {
  const answer = parseAmount(input, currencyCode);
  return answer.ok ? `parsed ${answer.value}` : answer.code;
}

function exponentOf(code: string): number {
  return currencyExponent(code) ?? assert.fail(`${code} has no exponent`);
}

Deno.test("currencyExponent() knows the decimals of currencies with 0, 2, 3 and 4", () => {
  const codes = ["JPY", "VND", "RUB", "USD", "EUR", "MRU", "ZWG", "XCG", "KWD", "TND", "CLF"];
  assert.deepEqual(codes.map(currencyExponent), [0, 0, 2, 2, 2, 2, 2, 2, 3, 3, 4]);
});

Deno.test("currencyExponent() knows none of a code that left ISO 4217 or has no minor unit", () => {
  const codes = ["BGN", "HRK", "ANG", "CUC", "ZWL", "SLL", "RUR", "XAU", "XDR", "XTS", "XXX"];
  assert.deepEqual(codes.filter((code) => currencyExponent(code) !== undefined), []);
});

Deno.test("currencyExponent() knows exactly the 165 active codes with a minor unit", () => {
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  const codes = letters.flatMap((a) => letters.flatMap((b) => letters.map((c) => a + b + c)));
  assert.equal(codes.filter((code) => currencyExponent(code) !== undefined).length, 165);
});

Deno.test("currencyExponent() takes a code in upper case only", () => {
  assert.deepEqual(["rub", "Rub", " RUB", "", "constructor"].map(currencyExponent), [
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("parseAmount() gives minor units of the seed's amount in each of its spellings", () => {
  for (const input of [1000, 1000.00, "1000", "1000.0", "1000.00"]) {
    assert.deepEqual(parseAmount(input, "RUB"), { ok: true, value: 100000 });
  }
});

Deno.test("parseAmount() does not lose a kopeck where float arithmetic does", () => {
  assert.deepEqual([1000.10, 0.07, 1.15, 8.2, "4.35", "0.29"].map((input) => codeOf(input)), [
    "parsed 100010",
    "parsed 7",
    "parsed 115",
    "parsed 820",
    "parsed 435",
    "parsed 29",
  ]);
});

Deno.test("parseAmount() reads back what amountText() wrote", () => {
  fc.assert(fc.property(minor, currency, (amountMinor, code) => {
    assert.deepEqual(parseAmount(amountText(amountMinor, code), code), {
      ok: true,
      value: amountMinor,
    });
  }));
});

Deno.test("parseAmount() reads back what amountNumber() gave, up to 10^15 minor units", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 10 ** 15 }), currency, (amountMinor, code) => {
    const sent = JSON.parse(JSON.stringify(amountNumber(amountMinor, code)));
    assert.deepEqual(parseAmount(sent, code), { ok: true, value: amountMinor });
  }));
});

Deno.test("parseAmount() agrees with BigInt arithmetic on every decimal string", () => {
  const part = fc.bigInt({ min: 1n, max: 10n ** 18n });
  fc.assert(fc.property(part, fc.stringMatching(/^[0-9]{2}$/), (whole, fraction) => {
    const expected = whole * 100n + BigInt(fraction);
    const isSafe = expected <= BigInt(Number.MAX_SAFE_INTEGER);
    assert.equal(
      codeOf(`${whole}.${fraction}`),
      isSafe ? `parsed ${expected}` : "amount_too_large",
    );
  }));
});

Deno.test("parseAmount() refuses more decimals than the currency has, even zeros", () => {
  fc.assert(
    fc.property(currency, fc.nat(), fc.stringMatching(/^[0-9]{1,9}$/), (code, whole, more) => {
      const fraction = "0".repeat(exponentOf(code)) + more;
      assert.equal(codeOf(`${whole}.${fraction}`, code), "amount_too_precise");
    }),
  );
});

Deno.test("parseAmount() refuses the float sum of a tenth and two tenths as too precise", () => {
  assert.equal(codeOf(0.1 + 0.2), "amount_too_precise");
});

Deno.test("parseAmount() refuses any decimals of a currency that has none", () => {
  assert.equal(codeOf("500.0", "JPY"), "amount_too_precise");
});

Deno.test("parseAmount() refuses zero and less in any spelling", () => {
  for (const input of [0, -0, "0", "0.00", -1, -0.01, "-5", "-5.00"]) {
    assert.equal(codeOf(input), "amount_not_positive", String(input));
  }
});

Deno.test("parseAmount() refuses numbers that JSON cannot carry or that need an exponent", () => {
  for (const input of [NaN, Infinity, -Infinity, 1e21, 1e-7]) {
    assert.equal(codeOf(input), "amount_invalid", String(input));
  }
});

Deno.test("parseAmount() refuses text that is not a plain decimal", () => {
  const texts = ["", " ", "1 000", " 1", "1\n", "+1", "1e3", "0x10", "01.00", "00", ".5", "5."];
  for (const input of [...texts, "1,00", "1.0.0", "١٢", "--1", "Infinity", "1_000"]) {
    assert.equal(codeOf(input), "amount_invalid", JSON.stringify(input));
  }
});

Deno.test("parseAmount() takes the largest safe integer as text and nothing above it", () => {
  const inputs = ["90071992547409.91", "90071992547409.92", "9".repeat(400)];
  assert.deepEqual(inputs.map((input) => codeOf(input)), [
    "parsed 9007199254740991",
    "amount_too_large",
    "amount_too_large",
  ]);
});

Deno.test("parseAmount() refuses a JSON number that a double may have changed on the way", () => {
  assert.equal(codeOf(JSON.parse("90071992547409.91")), "amount_too_large");
});

Deno.test("parseAmount() refuses a currency that is not active", () => {
  assert.equal(codeOf("1.00", "rub"), "currency_unknown");
});

Deno.test("parseAmount() never throws and gives positive safe integers only", () => {
  const input = fc.oneof(fc.string(), fc.double(), fc.integer(), fc.stringMatching(/^[-0-9.e+]*$/));
  fc.assert(fc.property(input, currency, (sent, code) => {
    const answer = parseAmount(sent, code);
    assert.ok(!answer.ok || (Number.isSafeInteger(answer.value) && answer.value > 0));
  }));
});

Deno.test("amountText() writes exactly as many decimals as the currency has", () => {
  fc.assert(fc.property(minor, currency, (amountMinor, code) => {
    const [, fraction = ""] = amountText(amountMinor, code).split(".");
    assert.equal(fraction.length, exponentOf(code));
  }));
});

Deno.test("amountText() pads small amounts and writes zero and less, as a balance may be", () => {
  const texts = [5, 0, -5, -123456].map((amountMinor) => amountText(amountMinor, "RUB"));
  assert.deepEqual([...texts, amountText(7, "JPY"), amountText(7, "CLF")], [
    "0.05",
    "0.00",
    "-0.05",
    "-1234.56",
    "7",
    "0.0007",
  ]);
});

Deno.test("amountText() throws where its caller made a mistake", () => {
  for (const amountMinor of [0.5, NaN, 2 ** 53]) {
    assert.throws(() => amountText(amountMinor, "RUB"), RangeError);
  }
  assert.throws(() => amountText(1, "rub"), RangeError);
});

Deno.test("amountNumber() is the JSON number of the amount", () => {
  assert.equal(JSON.stringify([amountNumber(100010, "RUB"), amountNumber(7, "JPY")]), "[1000.1,7]");
});
