// What Konsol's answers look like in the dialect `payments`: strict where money hangs on it, else lenient.

import { z } from "zod";
import { readKonsolId } from "./konsol_id.ts";

const AMOUNT_LENGTH_MAX = 40;
const TEXT_LENGTH_MAX = 255;

const idSchema = z.unknown().transform((value, context) => {
  const id = readKonsolId(value);
  if (id !== undefined) return id;
  context.addIssue({ code: "custom", message: "not an id" });
  return z.NEVER;
});

const amountSchema = z.union([z.number(), z.string().trim().min(1).max(AMOUNT_LENGTH_MAX)]);
const currencySchema = z.string().trim().max(TEXT_LENGTH_MAX).toUpperCase();

/** For what is only shown: anything but a text counts as not there. */
const lenientText = z.string().optional().catch(undefined);

/**
 * One payment. A correlating field that is there and cannot be read makes the whole answer unreadable:
 * it must not pass for one that Konsol did not send.
 */
export const wirePaymentSchema = z.object({
  id: idSchema,
  status: z.string().min(1),
  amount: amountSchema.nullish(),
  currency: currencySchema.nullish(),
  external_id: z.union([z.string().max(TEXT_LENGTH_MAX), z.int().transform(String)]).nullish(),
  metadata: z.object({ payment_id: lenientText }).optional().catch(undefined),
  payment_method: lenientText,
  card_number: lenientText,
  phone_number: lenientText,
  payment_url: lenientText,
  created_at: lenientText,
  paid_at: lenientText,
  error: z.unknown().optional(),
  error_message: z.unknown().optional(),
  failure_reason: z.unknown().optional(),
  failure: z.unknown().optional(),
});
export type WirePayment = z.output<typeof wirePaymentSchema>;

/** The rows are read one by one, so that one that cannot be read hides no other. */
const rowsSchema = z.array(z.unknown());
export const wirePaymentListSchema = z.union([
  rowsSchema,
  z.object({ items: rowsSchema }).transform(({ items }) => items),
]);

export const wireBalanceSchema = z.looseObject({
  balance: amountSchema.nullish(),
  amount: amountSchema.nullish(),
  currency: currencySchema.nullish(),
});
