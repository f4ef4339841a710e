// Refuses a request that names its card in a text too: texts are kept, told and sent on as they came.

import { type CardNumber, holdsCardNumber } from "../domain/card_number.ts";
import type { Metadata } from "../domain/payment.ts";
import { type FieldProblem, Refusal } from "../domain/refusal.ts";

/** `card` is undefined for a phone; `texts` go by their wire names. */
export function assertNoCardNumber(
  card: Pick<CardNumber, "first6" | "last4" | "length"> | undefined,
  texts: Readonly<Record<string, string | Metadata | undefined>>,
): void {
  if (card === undefined) return;
  const holders = Object.entries(texts)
    .filter(([, text]) => text !== undefined && holdsCardNumber(JSON.stringify(text), card))
    .map(([name]) => name);
  if (holders.length === 0) return;
  throw new Refusal(
    "card_number_in_text",
    `Cannot take the payment's fields as its whole card number stands in: ${holders.join(", ")}`,
    { fields: holders.map(misplaced) },
  );
}

function misplaced(field: string): FieldProblem {
  return {
    field,
    code: "card_number_in_text",
    message: "Leave the card number out here, or mask it: card_number alone is sealed.",
  };
}
