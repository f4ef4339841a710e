// Turns an accepted claim into its payment: however often and however concurrently it is accepted, one payment.

import { claimDescription, claimExternalId, claimRetryExternalId } from "../domain/claim.ts";
import type { Cause, Payment } from "../domain/payment.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Created, CreatePaymentCommand, NamedRecipient } from "./create_payment.ts";
import { getPayment } from "./get_payment.ts";
import type { RefreshPorts } from "./refresh_payment.ts";

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
  ports: RefreshPorts,
  create: (command: CreatePaymentCommand, cause: Cause) => Promise<Created>,
  command: AcceptClaimCommand,
  cause: Cause,
): Promise<Created> {
  const { claimId, retryOf, ...fields } = command;
  const externalId = retryOf === undefined
    ? claimExternalId(claimId)
    : claimRetryExternalId(claimId, await endedPayment(ports, retryOf, cause));
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

/** The payment that is to be made anew, as Konsol shows it now: one that was paid after all is not. */
async function endedPayment(ports: RefreshPorts, id: string, cause: Cause): Promise<Payment> {
  return await getPayment(ports, id, { refresh: true }, cause);
}
