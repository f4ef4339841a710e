// Turns an accepted claim into its payment: however often and however concurrently it is accepted, one payment.

import { claimDescription, claimExternalId, claimRetryExternalId } from "../domain/claim.ts";
import type { Cause } from "../domain/payment.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Created, CreatePaymentCommand, NamedRecipient } from "./create_payment.ts";
import { findPayment } from "./get_payment.ts";
import type { Ports } from "./ports.ts";

export interface AcceptClaimCommand {
  readonly claimId: string;
  /** In RUB: claims have no other currency. */
  readonly amountMinor: number;
  readonly userId: number;
  readonly recipient: NamedRecipient;
  /** The id of the claim's payment that failed or was cancelled and is to be made anew. */
  readonly retryOf?: string;
  readonly respondAsync?: boolean;
}

export async function acceptClaim(
  ports: Pick<Ports, "payments">,
  create: (command: CreatePaymentCommand, cause: Cause) => Promise<Created>,
  command: AcceptClaimCommand,
  cause: Cause,
): Promise<Created> {
  const { claimId, retryOf, ...fields } = command;
  const externalId = retryOf === undefined
    ? claimExternalId(claimId)
    : claimRetryExternalId(claimId, await findPayment(ports, retryOf));
  const payment = {
    ...fields,
    currency: "RUB",
    description: claimDescription(claimId),
    externalId,
  };
  try {
    return await create(payment, cause);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "external_id_reused") throw error;
    throw new Refusal(
      "claim_accepted_differently",
      `Cannot accept claim ${claimId} as it was accepted with other values: ` +
        (error.details.fields ?? []).map(({ field }) => field).join(", "),
      error.details,
    );
  }
}
