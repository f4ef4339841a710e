// Russian mobile phone numbers: what people type, how they are kept, and how they may be shown.

import { type Parsed, parsed, unparsed } from "./parsed.ts";

const PHONE_TEXT = /^(\+?)([0-9\s().\p{Pd}]+)$/u;
const CANONICAL = /^\+7[0-9]{10}$/;

/**
 * A Russian mobile number as `+79XXXXXXXXX`, from `+7…`, `7…`, `8…` or ten digits, with any spaces,
 * dashes, brackets and dots. SBP pays to mobiles only (konsol-api.md), so a number whose code does
 * not begin with 9 is refused. Codes: `phone_number_invalid`, `phone_number_not_mobile`.
 */
export function parsePhoneNumber(input: string): Parsed<string> {
  const national = nationalDigits(input.trim());
  if (national === undefined) {
    return unparsed(
      "phone_number_invalid",
      "Send the phone number as +79XXXXXXXXX: a Russian number, ten digits after +7.",
    );
  }
  if (!national.startsWith("9")) {
    return unparsed(
      "phone_number_not_mobile",
      "Send a Russian mobile number, +79XXXXXXXXX: payments by phone go to mobiles only.",
    );
  }
  return parsed("+7" + national);
}

/**
 * The ten digits after the country code; `8` stands for +7 inside the country only, so never after
 * a plus.
 */
function nationalDigits(text: string): string | undefined {
  const [, plus, rest = ""] = PHONE_TEXT.exec(text) ?? [];
  const digits = rest.replace(/[^0-9]/g, "");
  if (digits.length === 10 && plus === "") return digits;
  if (digits.length !== 11) return undefined;
  const isRussian = digits.startsWith("7") || (digits.startsWith("8") && plus === "");
  return isRussian ? digits.slice(1) : undefined;
}

/**
 * How a phone is shown everywhere: country, operator code and the last two digits, as banks do,
 * with the five between hidden: +79123456789 -> "+7912*****89". Three hidden digits would be a
 * thousand guesses. Anything that parsePhoneNumber() did not make is hidden altogether: "***".
 */
export function maskedPhoneNumber(phone: string): string {
  return CANONICAL.test(phone) ? `${phone.slice(0, 5)}*****${phone.slice(-2)}` : "***";
}
