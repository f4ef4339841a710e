// Bank card numbers: what is one, whose brand it is, and how it may be shown.

import { type Parsed, parsed, unparsed } from "./parsed.ts";

/** Who runs the card's network; "unknown" is a number that no known prefix claims. */
export type CardBrand = "mir" | "mastercard" | "visa" | "unionpay" | "maestro" | "unknown";

/** A card number that passed its checks. `digits` is secret; the rest may stay with a payment. */
export type CardNumber = {
  /** 13 to 19 digits and nothing else. Never logged, stored unsealed or answered. */
  readonly digits: string;
  readonly brand: CardBrand;
  readonly first6: string;
  readonly last4: string;
  /** How many digits there are. */
  readonly length: number;
};

/** The card of the seed's examples; it fails the Luhn check, so it works in a sandbox only. */
export const SANDBOX_TEST_CARD = "1234567890123456";

const MASK_LENGTH_DEFAULT = 16;
const BETWEEN_DIGITS = /(?<=[0-9])[\p{Zs}\p{Pd}]+(?=[0-9])/gu;
const CARD_TEXT = /^[0-9](?:[\p{Zs}\p{Pd}]*[0-9])*$/u;

const FROM_14_TO_19 = [14, 15, 16, 17, 18, 19];
const FROM_13_TO_19 = [13, ...FROM_14_TO_19];

type BrandRange = readonly [from: number, to: number, brand: CardBrand, lengths: readonly number[]];

/**
 * Ranges of the first four digits with the lengths they come in (konsol-api.md, "Amounts, phones,
 * cards"); no two overlap. A Maestro of 12 digits exists, but no number under 13 is taken here.
 */
const BRAND_RANGES: readonly BrandRange[] = [
  [2200, 2204, "mir", [16, 17, 18, 19]],
  [2221, 2720, "mastercard", [16]],
  [5100, 5599, "mastercard", [16]],
  [4000, 4999, "visa", [13, 16, 18, 19]],
  [6200, 6299, "unionpay", FROM_14_TO_19],
  [8100, 8199, "unionpay", FROM_14_TO_19],
  [5000, 5099, "maestro", FROM_13_TO_19],
  [5600, 6199, "maestro", FROM_13_TO_19],
  [6300, 6999, "maestro", FROM_13_TO_19],
];

/**
 * A card number from 13 to 19 digits with any spaces and dashes between them. Its length must be
 * one that its brand has and its Luhn check must hold, but for UnionPay, where real cards fail it
 * (konsol-api.md). A prefix of no known brand is taken as "unknown". SANDBOX_TEST_CARD passes only
 * with `allowTestCard`. Codes: `card_number_invalid`, `card_number_length`, `card_number_checksum`.
 */
export function parseCardNumber(
  input: string,
  options: { readonly allowTestCard?: boolean } = {},
): Parsed<CardNumber> {
  if (!CARD_TEXT.test(input)) {
    return unparsed(
      "card_number_invalid",
      "Send the card number as digits, with nothing but spaces or dashes between them.",
    );
  }
  const digits = input.replace(/[^0-9]/g, "");
  const [, , brand, lengths] = brandRange(digits);
  if (!lengths.includes(digits.length)) {
    return unparsed(
      "card_number_length",
      "Check the card number and send all its digits: no card of its kind is this long.",
    );
  }
  const isAllowedTestCard = options.allowTestCard === true && digits === SANDBOX_TEST_CARD;
  if (brand !== "unionpay" && !isAllowedTestCard && !passesLuhn(digits)) {
    return unparsed(
      "card_number_checksum",
      "Check the card number for a mistyped digit and send it again: its check digit is wrong.",
    );
  }
  return parsed({
    digits,
    brand,
    first6: digits.slice(0, 6),
    last4: digits.slice(-4),
    length: digits.length,
  });
}

/**
 * How a card is shown everywhere: its first 6 digits, a star for each hidden one, its last 4. Where
 * the length was not kept, as many stars as a card of 16 digits has.
 */
export function maskedCardNumber(
  card: { readonly first6: string; readonly last4: string; readonly length?: number },
): string {
  const hidden = (card.length ?? MASK_LENGTH_DEFAULT) - card.first6.length - card.last4.length;
  return card.first6 + "*".repeat(hidden) + card.last4;
}

/** Whether the whole number of that card stands in a text, with spaces or dashes between its digits or none. */
export function holdsCardNumber(
  text: string,
  { first6, last4, length }: Pick<CardNumber, "first6" | "last4" | "length">,
): boolean {
  const hidden = length - first6.length - last4.length;
  const joined = text.replace(BETWEEN_DIGITS, "");
  return new RegExp(`${first6}[0-9]{${hidden}}${last4}`).test(joined);
}

function brandRange(digits: string): BrandRange {
  const prefix = Number(digits.slice(0, 4));
  const found = BRAND_RANGES.find(([from, to]) => from <= prefix && prefix <= to);
  return found ?? [prefix, prefix, "unknown", FROM_13_TO_19];
}

/** ISO/IEC 7812-1, annex B: every second digit from the right counts double, by its digit sum. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place]);
    const doubled = digit * 2;
    sum += place % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
