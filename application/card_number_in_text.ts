// Finds the texts of a request that hold its whole card number: texts are kept, told and sent on as they came.

import { type CardNumber, holdsCardNumber } from "../domain/card_number.ts";
import type { Metadata } from "../domain/payment.ts";
import { type FieldProblem, Refusal } from "../domain/refusal.ts";

/** Texts by their wire names; gives the names of those that hold it. */
export function textsWithCardNumber(
  card: Pick<CardNumber, "first6" | "last4" | "length">,
  texts: Readonly<Record<string, string | Metadata | undefined>>,
): string[] {
  return Object.entries(texts)
    .filter(([, text]) => text !== undefined && holdsCardNumber(JSON.stringify(text), card))
    .map(([name]) => name);
}

export function cardNumberInText(names: readonly string[]): Refusal {
  return new Refusal(
    "card_number_in_text",
    `Cannot take the payment's fields as its whole card number stands in: ${names.join(", ")}`,
    { fields: names.map(misplaced) },
  );
}

function misplaced(field: string): FieldProblem {
  return {
    field,
    code: "card_number_in_text",
    message: "Leave the card number out here, or mask it: card_number alone is sealed.",
  };
}
