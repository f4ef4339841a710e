// Reads what clients send about payments into the use cases' commands.

import { z } from "zod";
import type { CreatePaymentCommand } from "../../application/create_payment.ts";
import type { PaymentChanges } from "../../application/update_payment.ts";
import { type CallbackUrlRules, parseCallbackUrl } from "../../domain/callback_url.ts";
import { CLAIM_PREFIX } from "../../domain/claim.ts";
import { parsed, unparsed } from "../../domain/parsed.ts";
import { PAYMENT_TYPES } from "../../domain/recipient.ts";
import { checkFields, notEmpty, noUnknownFields, type RawFields } from "./check_fields.ts";
import { type Checked, right, together, valueOrThrow } from "./checked.ts";
import { currency, description, externalId, metadata, status, userId, via } from "./fields.ts";
import { checkHandle, idempotencyKeyOf, prefersAsync } from "./handles.ts";
import { amount, checkAmount } from "./money_fields.ts";
import { checkRecipient, recipientTable } from "./recipient_fields.ts";

/** What the operator lets a request hold. */
export interface RequestRules {
  /** Decimal text, in major units of the payment's currency. */
  readonly amountLimit: string;
  /** The seed's card that fails its checksum: for the sandbox only. */
  readonly allowTestCard: boolean;
  readonly callbackUrls: CallbackUrlRules;
}

export type ReadCreatePayment = (body: RawFields, headers: Headers) => CreatePaymentCommand;

export function createPaymentReader(rules: RequestRules): ReadCreatePayment {
  const table = createPaymentTable(rules);
  return (body, headers) => {
    const fields = checkFields(table, body);
    const idempotencyKey = idempotencyKeyOf(headers);
    const handled = checkHandle(fields.external_id, idempotencyKey);
    const command: Checked<CreatePaymentCommand> = together(
      {
        amountMinor: checkAmount(fields.amount, fields.currency, rules.amountLimit),
        currency: fields.currency,
        recipient: checkRecipient(fields.payment_type, fields),
        description: fields.description,
        userId: fields.user_id,
        externalId: fields.external_id,
        idempotencyKey,
        callbackUrl: fields.callback_url,
        metadata: fields.metadata,
        respondAsync: right(prefersAsync(headers) || undefined),
      },
      noUnknownFields(table, body),
      handled,
    );
    return valueOrThrow(command);
  };
}

function createPaymentTable(rules: RequestRules) {
  const parseUrl = (text: string) => parseCallbackUrl(text, rules.callbackUrls);
  return {
    amount,
    currency,
    payment_type: z.enum(PAYMENT_TYPES).transform((type) =>
      type === "card_payment" ? "card" : "phone"
    ),
    ...recipientTable(rules),
    description: description.optional(),
    user_id: userId.optional(),
    external_id: externalId.transform(via(notReserved)).optional(),
    callback_url: z.string().transform(via(parseUrl)).optional(),
    metadata: metadata.optional(),
  };
}

/** Claims alone use the prefix. */
function notReserved(text: string) {
  if (!text.startsWith(CLAIM_PREFIX)) return parsed(text);
  return unparsed(
    "external_id_reserved",
    `Send an external_id that does not begin with ${CLAIM_PREFIX}: those are claims'.`,
  );
}

const CHANGES = {
  status: status.optional(),
  description: description.optional(),
  metadata: metadata.optional(),
};

export function readPaymentChanges(body: RawFields): PaymentChanges {
  return valueOrThrow(
    together(checkFields(CHANGES, body), noUnknownFields(CHANGES, body), notEmpty(body)),
  );
}
