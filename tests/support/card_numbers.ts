// Random card numbers for property tests, with their check digit made another way than the code under test.

import fc from "fast-check";

const DOUBLED = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];

/** The number whose last digit makes the Luhn check hold. */
export function withCheckDigit(body: string): string {
  const sum = [...body].reverse()
    .map((digit, index) => index % 2 === 0 ? DOUBLED[Number(digit)]! : Number(digit))
    .reduce((total, value) => total + value, 0);
  return body + (10 - sum % 10) % 10;
}

/** 13 to 19 digits that pass the Luhn check, of known brands and of none. */
export const luhnCard: fc.Arbitrary<string> = fc.stringMatching(/^[1-9][0-9]{11,17}$/)
  .map(withCheckDigit);
