// Money as safe-integer minor units of an ISO 4217 currency, to and from decimal text, exactly.

import { type Parsed, parsed, unparsed } from "./parsed.ts";

/**
 * Active codes by their number of decimals: ISO 4217 list one up to amendment 180 (BGN left it on
 * 2026-01-01). Metals, test codes and others without a minor unit are left out: they cannot be
 * paid.
 */
const CODES_BY_EXPONENT: readonly (readonly [exponent: number, codes: string])[] = [
  [0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"],
  [
    2,
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD " +
    "CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP " +
    "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK " +
    "LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO " +
    "NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS " +
    "SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST " +
    "XAD XCD XCG YER ZAR ZMW ZWG",
  ],
  [3, "BHD IQD JOD KWD LYD OMR TND"],
  [4, "CLF UYW"],
];

const EXPONENTS: ReadonlyMap<string, number> = new Map(
  CODES_BY_EXPONENT.flatMap(([exponent, codes]) =>
    codes.split(" ").map((code) => [code, exponent] as const)
  ),
);

const DECIMAL = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?$/;

/** A double keeps any 15 significant digits: up to here a JSON number is what its sender wrote. */
const NUMBER_MINOR_MAX = 10 ** 15;

const MINOR_DIGITS_MAX = String(Number.MAX_SAFE_INTEGER).length;

/**
 * The decimals of a currency: 0, 2, 3 or 4; undefined for what is not an active ISO 4217 code.
 * Codes are upper-case: `rub` is not one.
 */
export function currencyExponent(code: string): number | undefined {
  return EXPONENTS.get(code);
}

/**
 * A positive amount in minor units (a safe integer) from a JSON number or from a plain decimal
 * string: no sign, exponent, spaces or needless leading zeros, and no more decimals than the
 * currency has, not even zeros. Nothing is rounded. A JSON number above 10^15 minor units is
 * refused, since a double may no longer be what its sender wrote; a string may go up to the largest
 * safe integer. Codes: `currency_unknown`, `amount_invalid`, `amount_too_precise`,
 * `amount_not_positive`, `amount_too_large`.
 */
export function parseAmount(input: number | string, currency: string): Parsed<number> {
  const exponent = currencyExponent(currency);
  if (exponent === undefined) {
    return unparsed(
      "currency_unknown",
      "Send the currency as an active upper-case ISO 4217 code, such as RUB.",
    );
  }
  const [, sign, whole, fraction = ""] = DECIMAL.exec(String(input)) ?? [];
  if (whole === undefined) {
    return unparsed(
      "amount_invalid",
      'Send the amount as a JSON number or as a decimal string, such as "1000.00".',
    );
  }
  if (fraction.length > exponent) {
    return unparsed(
      "amount_too_precise",
      `Send the amount with no more decimals than the currency has: ${currency} has ${exponent}.`,
    );
  }
  const digits = (whole + fraction.padEnd(exponent, "0")).replace(/^0+/, "");
  if (sign === "-" || digits === "") {
    return unparsed("amount_not_positive", "Send an amount that is more than zero.");
  }
  return safeMinor(digits, typeof input === "number");
}

/**
 * Minor units from their digits; `Number` is exact here as it only sees safe integers or refuses.
 */
function safeMinor(digits: string, sentAsNumber: boolean): Parsed<number> {
  const amountMinor = digits.length > MINOR_DIGITS_MAX ? Infinity : Number(digits);
  if (!Number.isSafeInteger(amountMinor)) {
    return unparsed("amount_too_large", "Send a smaller amount: this one cannot be kept exactly.");
  }
  if (sentAsNumber && amountMinor > NUMBER_MINOR_MAX) {
    return unparsed(
      "amount_too_large",
      "Send an amount this large as a decimal string: a JSON number cannot carry it exactly.",
    );
  }
  return parsed(amountMinor);
}

/**
 * The amount as decimal text with exactly the currency's decimals: 100000, RUB -> "1000.00". Takes
 * any safe integer, also zero and less (a balance may be); throws a RangeError for anything else
 * and for a currency that is not active, as both are bugs of the caller.
 */
export function amountText(amountMinor: number, currency: string): string {
  const exponent = currencyExponent(currency);
  if (exponent === undefined) {
    throw new RangeError("Cannot write an amount as its currency is unknown");
  }
  if (!Number.isSafeInteger(amountMinor)) {
    throw new RangeError("Cannot write an amount as its minor units are not a safe integer");
  }
  const sign = amountMinor < 0 ? "-" : "";
  const digits = String(Math.abs(amountMinor)).padStart(exponent + 1, "0");
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/**
 * The JSON number nearest to the amount: 100010, RUB -> 1000.1. It stands for exactly that amount
 * up to 10^15 minor units. For answers only: never compute with it. Throws as amountText() does.
 */
export function amountNumber(amountMinor: number, currency: string): number {
  return Number(amountText(amountMinor, currency));
}
