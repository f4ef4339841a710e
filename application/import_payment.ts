// Brings an older system's payment over: with the handles and hashes that a client's repeat is compared by.

import type { Payment } from "../domain/payment.ts";
import { importPayment, type OlderPayment } from "../domain/payment_import.ts";
import { type CreatePaymentCommand, fieldHashes, keptRecipient } from "./create_payment.ts";
import type { Ports } from "./ports.ts";

/** What was asked of the older system, as one would ask it here, and what it recorded. */
export type OlderPaymentCommand =
  & Omit<CreatePaymentCommand, "respondAsync" | "idempotencyKey">
  & Pick<
    OlderPayment,
    "status" | "konsolId" | "paymentUrl" | "createdAt" | "updatedAt" | "paidAt"
  >;

/** The card's number is sealed only where a person may have it sent yet; else all but its ends is gone. */
export function importOlderPayment(
  { vault }: Pick<Ports, "vault">,
  id: string,
  command: OlderPaymentCommand,
  now: number,
): Payment {
  const { recipient: named, ...fields } = command;
  const recipient = keptRecipient(vault, id, named);
  const asked = {
    amountMinor: command.amountMinor,
    currency: command.currency,
    description: command.description,
    recipient: named,
    userId: command.userId,
    externalId: command.externalId,
    callbackUrl: command.callbackUrl,
    metadata: command.metadata,
  };
  return importPayment(id, { ...fields, recipient, fieldHashes: fieldHashes(vault, asked) }, now);
}
