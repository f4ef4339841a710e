// The bodies and queries that the sandbox takes, checked by its own schemas with Konsol-like Russian errors.
import { z } from "zod";
import { minorOf } from "./roubles.ts";
import { statuses } from "./status.ts";

const perPageMax = 100;

const amountSchema = z.union([z.number(), z.string()], { error: "Не указана сумма" })
  .transform((roubles, context) => {
    const minor = minorOf(roubles);
    if (minor !== undefined) return minor;
    context.addIssue({ code: "custom", message: "Неверная сумма" });
    return z.NEVER;
  });

const metadataSchema = z.record(z.string(), z.unknown(), { error: "Неверное поле metadata" });

const commonFields = {
  amount: amountSchema,
  currency: z.literal("RUB", { error: "Валюта не поддерживается" }),
  description: z.string({ error: "Неверное описание" }).nullish(),
  user_id: z.union([z.int(), z.string()], { error: "Неверный user_id" }).nullish(),
  external_id: z.string({ error: "Неверный external_id" }).max(255, {
    error: "Слишком длинный external_id",
  }).nullish(),
  callback_url: z.url({ protocol: /^https?$/, error: "Неверный callback_url" }).nullish(),
  metadata: metadataSchema.nullish(),
};

const cardSchema = z.object({
  ...commonFields,
  payment_method: z.literal("card"),
  // No Luhn check: the seed's 1234567890123456 fails it, as do some real UnionPay cards.
  card_number: z.string({ error: "Не указан номер карты" })
    .regex(/^\d{12,19}$/, { error: "Неверный номер карты" })
    .transform((digits) => maskCard(digits)),
});

const phoneSchema = z.object({
  ...commonFields,
  payment_method: z.literal("phone"),
  phone_number: z.string({ error: "Не указан номер телефона" })
    .regex(/^\+7\d{10}$/, { error: "Неверный номер телефона" }),
  bank: z.string({ error: "Не указан банк" }).min(1, { error: "Не указан банк" }),
});

export const createRequestSchema = z
  .discriminatedUnion("payment_method", [cardSchema, phoneSchema], {
    error: "Неверный способ выплаты",
  })
  .transform(({ amount, ...rest }) => ({ amount_minor: amount, ...rest }));
export type CreateRequest = z.output<typeof createRequestSchema>;

export const updateRequestSchema = z.object({
  status: z.enum(statuses, { error: "Неизвестный статус" }).optional(),
  description: z.string({ error: "Неверное описание" }).optional(),
  metadata: metadataSchema.optional(),
}, { error: "Неверное тело запроса" });
export type UpdateRequest = z.output<typeof updateRequestSchema>;

export const listQuerySchema = z.object({
  status: z.string().optional(),
  currency: z.string().optional(),
  payment_method: z.string().optional(),
  user_id: z.string().optional(),
  page: countSchema("Неверный номер страницы").default(1),
  per_page: countSchema("Неверный размер страницы")
    .transform((size) => Math.min(size, perPageMax)).default(20),
});
export type ListQuery = z.output<typeof listQuerySchema>;

/** First 6 and last 4 digits, stars between: the full number is not even kept. */
function maskCard(digits: string): string {
  return digits.slice(0, 6) + "*".repeat(digits.length - 10) + digits.slice(-4);
}

function countSchema(error: string) {
  return z.coerce.number({ error }).int({ error }).min(1, { error });
}
