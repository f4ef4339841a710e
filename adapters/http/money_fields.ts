// The amount of a request: its own field, but right only together with its currency and the limit.

import { z } from "zod";
import { currencyExponent, parseAmount } from "../../domain/money.ts";
import { type Checked, checkedAs, problemsOf, wrong } from "./checked.ts";

export const amount = z.union([z.number(), z.string()], {
  error: "Send a JSON number or a decimal string.",
});

/** The most decimals that any currency has: refuses only what no currency allows. */
const ANY_CURRENCY = "CLF";

/** Minor units. `amountLimit`: decimal text, in major units of whichever currency it is. */
export function checkAmount(
  given: Checked<number | string>,
  currency: Checked<string>,
  amountLimit: string,
): Checked<number> {
  if (!given.ok) return given;
  const inCurrency = currency.ok ? currency.value : ANY_CURRENCY;
  const checked = checkedAs("amount", parseAmount(given.value, inCurrency));
  if (!checked.ok || !currency.ok) return problemsOf(checked);
  if (checked.value <= limitMinor(amountLimit, currency.value)) return checked;
  return wrong("amount", "amount_over_limit", `Send an amount of at most ${amountLimit}.`);
}

/** Rounded down to the currency's decimals; a limit that cannot be read lets nothing through. */
function limitMinor(amountLimit: string, currency: string): number {
  const [whole = "", fraction = ""] = amountLimit.split(".");
  const kept = fraction.slice(0, currencyExponent(currency));
  const limit = parseAmount(kept === "" ? whole : `${whole}.${kept}`, currency);
  if (limit.ok) return limit.value;
  return limit.code === "amount_too_large" ? Number.MAX_SAFE_INTEGER : 0;
}
