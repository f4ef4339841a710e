// When a lease is over, in the server's time: instances whose clocks differ agree on it.

import type { Document } from "mongodb";
import type { Callback } from "../../domain/callback.ts";
import type { Payment } from "../../domain/payment.ts";
import { FIRST_DATE } from "./document_fields.ts";

const LEASE_ENDS_AT = "lease_ends_at";

/**
 * What an update adds to a payment's new document: the server's time at the claim plus how long the
 * claim is for; kept as it is while the lease is the same one.
 */
export function leaseEnd(before: Payment, after: Payment): Document {
  if (after.lease === undefined) return {};
  const isSame = before.lease !== undefined && before.attempt === after.attempt;
  if (isSame) return { [LEASE_ENDS_AT]: `$${LEASE_ENDS_AT}` };
  return endsAfter(after.lease.until - after.submissionSince);
}

/** The same for a callback: each claim of it is a new lease. */
export function callbackLeaseEnd(before: Callback, after: Callback): Document {
  if (after.lease === undefined) return {};
  const isSame = before.lease?.owner === after.lease.owner &&
    before.lease.until === after.lease.until;
  if (isSame) return { [LEASE_ENDS_AT]: `$${LEASE_ENDS_AT}` };
  return endsAfter(after.lease.until - after.lease.since);
}

function endsAfter(ms: number): Document {
  return { [LEASE_ENDS_AT]: { $add: ["$$NOW", Math.max(0, Math.ceil(ms))] } };
}

/** Whether the change says that nobody answered for the lease in time. */
export function endsByTheClock(before: Payment, after: Payment): boolean {
  return before.lease !== undefined && before.submission === "submitting" &&
    after.submission === "in_doubt" && after.history.at(-1)?.cause.kind === "timer";
}

/** Passes what has no lease. As numbers: SecantusDB finds any two dates equal when one is $$NOW. */
export function endedInServerTime(): Document {
  const endsAt = { $toLong: { $ifNull: [`$${LEASE_ENDS_AT}`, FIRST_DATE] } };
  return { $expr: { $lte: [endsAt, { $toLong: "$$NOW" }] } };
}
