// Laws of domain/phone_number.ts.

import assert from "node:assert/strict";
import fc from "fast-check";
import { maskedPhoneNumber, parsePhoneNumber } from "../../domain/phone_number.ts";

const mobile = fc.stringMatching(/^9[0-9]{9}$/);
const prefix = fc.constantFrom("+7", "7", "8", "");
const gap = fc.constantFrom("", "", " ", "-", ".", " (", ") ", "\u00a0", "\u2013", "\u2011");

function codeOf(input: string): string {
  const answer = parsePhoneNumber(input);
  return answer.ok ? answer.value : answer.code;
}

Deno.test("parsePhoneNumber() gives +7 and ten digits for every way that people type it", () => {
  const gaps = fc.array(gap, { minLength: 10, maxLength: 10 });
  fc.assert(fc.property(mobile, prefix, gaps, (digits, start, between) => {
    const typed = start + [...digits].map((digit, index) => between[index] + digit).join("");
    assert.equal(codeOf(typed), "+7" + digits);
  }));
});

Deno.test("parsePhoneNumber() takes the spellings that forms and messengers show", () => {
  const typed = ["+7 (912) 345-67-89", "8 912 345 67 89", " 79123456789\n", "912.345.67.89"];
  assert.deepEqual(typed.map(codeOf), Array(4).fill("+79123456789"));
});

Deno.test("parsePhoneNumber() leaves its own answer as it is", () => {
  fc.assert(fc.property(mobile, (digits) => {
    assert.equal(codeOf("+7" + digits), "+7" + digits);
  }));
});

Deno.test("parsePhoneNumber() refuses a Russian number that is not mobile", () => {
  fc.assert(fc.property(prefix, fc.stringMatching(/^[0-8][0-9]{9}$/), (start, digits) => {
    assert.equal(codeOf(start + digits), "phone_number_not_mobile");
  }));
});

Deno.test("parsePhoneNumber() refuses any other number of digits", () => {
  fc.assert(fc.property(fc.stringMatching(/^[0-9]{0,20}$/), (digits) => {
    fc.pre(digits.length !== 10 && digits.length !== 11);
    assert.equal(codeOf(digits), "phone_number_invalid");
  }));
});

Deno.test("parsePhoneNumber() refuses a plus before anything but 7", () => {
  for (const input of ["+89123456789", "+9123456789", "+19123456789", "+380912345678"]) {
    assert.equal(codeOf(input), "phone_number_invalid", input);
  }
});

Deno.test("parsePhoneNumber() refuses other characters and a plus in the middle", () => {
  for (const input of ["", "+", "++79123456789", "7+9123456789", "+7912345678x", "٩١٢٣٤٥٦٧٨٩"]) {
    assert.equal(codeOf(input), "phone_number_invalid", input);
  }
});

Deno.test("parsePhoneNumber() never says any part of a refused number", () => {
  const input = fc.oneof(fc.string(), fc.stringMatching(/^[+]?[0-9]{8,12}$/));
  fc.assert(fc.property(input, (sent) => {
    const answer = parsePhoneNumber(sent);
    assert.ok(
      answer.ok || !/[0-9]/.test(answer.message.replaceAll("+79XXX", "").replace("+7", "")),
    );
  }));
});

Deno.test("maskedPhoneNumber() shows the operator's code and two digits, hiding five", () => {
  fc.assert(fc.property(mobile, (digits) => {
    const masked = maskedPhoneNumber("+7" + digits);
    assert.equal(masked, `+7${digits.slice(0, 3)}*****${digits.slice(-2)}`);
  }));
});

Deno.test("maskedPhoneNumber() hides all of what is not a normalised number", () => {
  const phones = ["89123456789", "+7 912 345-67-89", "+791234567890", "secret", ""];
  assert.deepEqual(phones.map(maskedPhoneNumber), Array(5).fill("***"));
});
