// Bugs to plant in what is said to Konsol and read from it.

import type { PlantedBug } from "./planted_bug.ts";

const DIALECT = "adapters/konsol/payments_dialect.ts";

export const WIRE_BUGS: readonly PlantedBug[] = [
  {
    name: "the external_id changes with the attempt",
    file: DIALECT,
    from: "external_id: konsolExternalId(payment),",
    to:
      'external_id: konsolExternalId(payment) + (payment.attempt > 1 ? `_${payment.attempt}` : ""),',
  },
  {
    name: "the client's metadata replaces our reference",
    file: "domain/provider_payment.ts",
    from: "return { ...metadata, payment_type: paymentTypeOf(payment.recipient), payment_id };",
    to: "return { payment_type: paymentTypeOf(payment.recipient), payment_id, ...metadata };",
  },
  {
    name: "the amount goes out as a float that is not it",
    file: DIALECT,
    from: "const amount = amountNumber(amountMinor, currency);",
    to: "const amount = Math.floor(Number((amountMinor / 100).toFixed(2)) * 10) / 10;",
  },
  {
    name: "the amount is compared as a float",
    file: "domain/provider_payment.ts",
    from: '...differs("amount", reported.amountMinor, payment.amountMinor),',
    to:
      '...differs("amount", reported.amountMinor && Math.round(reported.amountMinor / 100), Math.round(payment.amountMinor / 100)),',
  },
  {
    name: "a status that nobody knows is guessed",
    file: DIALECT,
    from: "status: STATUS_MAP.get(wire.status),",
    to: 'status: STATUS_MAP.get(wire.status.toLowerCase().replace("done", "completed")),',
  },
  {
    name: "paid to another bank",
    file: DIALECT,
    from: "bank: bankName };",
    to: 'bank: "Сбербанк" };',
  },
  {
    name: "Konsol is told to send its webhooks to the client",
    file: DIALECT,
    from: "callback_url: webhookUrl,",
    to: "callback_url: payment.callbackUrl ?? webhookUrl,",
  },
];
