// A claim: a person's accepted request for money, which becomes a payment by itself and only once.

import type { Payment } from "./payment.ts";
import { mayBePaidAfterAll } from "./payment_review.ts";
import { Refusal } from "./refusal.ts";

/** Only claims may use it: an order named `claim_7` could otherwise pass for the payment of claim 7. */
export const CLAIM_PREFIX = "claim_";

/** What a claim may be named: it becomes part of an external_id, so no `_r2` of another claim's. */
export const CLAIM_ID = /^(?!.*_r\d+$)[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

export function claimDescription(claimId: string): string {
  return `Оплата по заявке ${claimId}`;
}

/** The first payment of a claim: `claim_{id}`. */
export function claimExternalId(claimId: string): string {
  return `${CLAIM_PREFIX}${claimId}`;
}

/** The payment after `previous`: `claim_{id}_r2`, then `_r3`; refused unless that one failed or was cancelled. */
export function claimRetryExternalId(claimId: string, previous: Payment): string {
  const first = claimExternalId(claimId);
  const round = roundOf(first, previous.externalId);
  if (round === undefined) {
    throw new Refusal(
      "claim_retry_not_allowed",
      `Cannot retry payment ${previous.id} as it is not a payment of this claim: ${claimId}`,
    );
  }
  if (previous.status !== "failed" && previous.status !== "cancelled") {
    throw new Refusal(
      "claim_retry_not_allowed",
      `Cannot retry payment ${previous.id} as only a failed or cancelled one can be: ${previous.status}`,
    );
  }
  if (mayBePaidAfterAll(previous)) {
    throw new Refusal(
      "claim_retry_not_allowed",
      `Cannot retry payment ${previous.id} as Konsol may have paid it after all: ${previous.status}`,
    );
  }
  return `${first}_r${round + 1}`;
}

function roundOf(first: string, externalId: string | undefined): number | undefined {
  if (externalId === first) return 1;
  const round = externalId?.startsWith(`${first}_r`) && externalId.slice(first.length + 2);
  return round && /^[1-9]\d{0,5}$/.test(round) ? Number(round) : undefined;
}
