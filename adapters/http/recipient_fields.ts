// The recipient of a request: a card, or a phone and its bank, as its kind of payment wants it.

import { z } from "zod";
import type { NamedRecipient } from "../../application/create_payment.ts";
import { type Bank, parseBank } from "../../domain/bank.ts";
import { type CardNumber, parseCardNumber } from "../../domain/card_number.ts";
import { parsePhoneNumber } from "../../domain/phone_number.ts";
import type { Recipient } from "../../domain/recipient.ts";
import { type Checked, FINE, isGiven, problemsOf, right, together, wrong } from "./checked.ts";
import { via } from "./fields.ts";

interface RecipientFields {
  readonly card_number: Checked<CardNumber | undefined>;
  readonly phone_number: Checked<string | undefined>;
  readonly bank: Checked<Bank | undefined>;
}

export function recipientTable(rules: { readonly allowTestCard: boolean }) {
  const parseCard = (text: string) => parseCardNumber(text, rules);
  return {
    card_number: z.string().transform(via(parseCard)).optional(),
    phone_number: z.string().transform(via((text: string) => parsePhoneNumber(text))).optional(),
    bank: z.string().transform(via((text: string) => parseBank(text))).optional(),
  };
}

/** All that the kind wants and nothing of the other; of an unknown kind, each field by itself. */
export function checkRecipient(
  kind: Checked<Recipient["kind"]>,
  fields: RecipientFields,
): Checked<NamedRecipient> {
  const { card_number, phone_number, bank } = fields;
  if (!kind.ok) return problemsOf(kind, card_number, phone_number, bank);
  if (kind.value === "card") {
    const others = [leftOut("phone_number", phone_number), leftOut("bank", bank)];
    const card = required("card_number", card_number);
    return together({ kind: right("card" as const), card }, ...others);
  }
  return together({
    kind: right("phone" as const),
    phoneNumber: required("phone_number", phone_number),
    bank: required("bank", bank),
  }, leftOut("card_number", card_number));
}

function required<T>(name: string, field: Checked<T | undefined>): Checked<T> {
  if (!field.ok) return field;
  if (field.value !== undefined) return right(field.value);
  return wrong(name, "required", "Send this field: it is required for this kind of payment.");
}

function leftOut(name: string, field: Checked<unknown>): Checked<unknown> {
  if (!isGiven(field)) return FINE;
  return wrong(name, "not_for_this_kind", "Leave this out: this kind of payment does not use it.");
}
