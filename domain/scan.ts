// A scan of Konsol's whole list, and what it says of a payment that is in doubt: found, absent, or unclear.

import type { Payment } from "./payment.ts";
import { misfitNote } from "./payment_change.ts";
import { isOlders } from "./payment_import.ts";
import { sentSince } from "./payment_review.ts";
import { konsolExternalId, type ProviderPayment, reasonsNotOurs } from "./provider_payment.ts";

/** One reading of Konsol's payments. Rows of ours name our payment in `paymentId`. */
export interface Scan {
  readonly startedAt: number;
  readonly finishedAt: number;
  /** Read without a gap, to the end of the list or past everything that could be in doubt. */
  readonly complete: boolean;
  /** Why it is not complete, for a person. */
  readonly gap?: string;
  /** Nothing older than this was looked for; -Infinity = the whole list was read. */
  readonly from: number;
  readonly rows: readonly ProviderPayment[];
  /** The latest first claim among our own payments that this scan shows: lists lag, this tells how far. */
  readonly shownUpTo: number;
}

/** Two scans of the same list must be at least this far apart to confirm each other. */
export const SCANS_APART_MS = 60_000;

export type Verdict =
  | { readonly kind: "found"; readonly row: ProviderPayment }
  /** More than one payment is its, or the one that names it differs: a person must look. */
  | {
    readonly kind: "contradiction";
    readonly reason: string;
    readonly konsolIds: readonly string[];
  }
  | { readonly kind: "absent" }
  | { readonly kind: "unclear"; readonly reason: string };

/**
 * Absence is believed only of two complete scans apart, of which the later holds all that the earlier
 * held, and which shows a payment of ours that was sent after this one could still be on its way.
 */
export function judgeScan(payment: Payment, scan: Scan, earlier: Scan | undefined): Verdict {
  const naming = scan.rows.filter((row) => row.paymentId === payment.id);
  if (naming.length > 1) {
    const konsolIds = naming.map((row) => row.konsolId).sort();
    const reason = `Konsol has ${naming.length} payments for it: ${konsolIds.join(", ")}`;
    return { kind: "contradiction", reason, konsolIds };
  }
  const [row] = naming;
  if (row !== undefined) {
    const reasons = reasonsNotOurs(payment, row);
    if (reasons.length === 0) return { kind: "found", row };
    const { konsolId } = row;
    return {
      kind: "contradiction",
      reason: misfitNote(konsolId, reasons),
      konsolIds: [konsolId],
    };
  }
  return judgeAbsence(payment, scan, earlier);
}

function judgeAbsence(payment: Payment, scan: Scan, earlier: Scan | undefined): Verdict {
  const unclear = (reason: string): Verdict => ({ kind: "unclear", reason });
  const since = sentSince(payment);
  const lastSendAt = payment.sendNotAfter ?? Infinity;
  // One is queued only by Konsol's written word: its external_id is all that is left to look for.
  if (isOlders(payment) && payment.submission !== "queued") {
    return unclear("nothing in the list names what an older system sent");
  }
  if (!scan.complete) return unclear(`the list could not be read whole: ${scan.gap}`);
  if (scan.from > since) return unclear("the scan did not go back far enough");
  const stranger = scan.rows.find((row) => couldBe(payment, row));
  if (stranger !== undefined) {
    return unclear(
      `Konsol's ${stranger.konsolId} has its external_id and does not name it`,
    );
  }
  if (scan.shownUpTo <= lastSendAt) {
    return unclear("the list shows no payment of ours that was sent after it");
  }
  if (earlier === undefined || !earlier.complete || earlier.from > since) {
    return unclear("there is no earlier complete scan");
  }
  if (scan.startedAt - earlier.finishedAt < SCANS_APART_MS) {
    return unclear("the scans are too close");
  }
  if (earlier.startedAt <= lastSendAt) {
    return unclear("the earlier scan began while it could still be sent");
  }
  return holdsAll(scan, earlier)
    ? { kind: "absent" }
    : unclear("older rows are missing in the list");
}

/** Why these readings do not show yet all that Konsol has since then; undefined = they do. */
export function whyNotWhole(
  { scan, earlier }: { readonly scan: Scan; readonly earlier?: Scan },
  since: number,
): string | undefined {
  if (!scan.complete) return `the list could not be read whole: ${scan.gap}`;
  if (scan.from > since) return "the scan did not go back far enough";
  if (earlier === undefined || !earlier.complete || earlier.from > since) {
    return "there is no earlier complete scan";
  }
  return holdsAll(scan, earlier) ? undefined : "older rows are missing in the list";
}

/** A row that has its handle but does not name it: an older system's, or its metadata was changed at Konsol. */
function couldBe(payment: Payment, row: ProviderPayment): boolean {
  return row.externalId === konsolExternalId(payment);
}

function holdsAll(scan: Scan, earlier: Scan): boolean {
  const ids = new Set(scan.rows.map((row) => row.konsolId));
  const since = Math.max(scan.from, earlier.from);
  return earlier.rows.every((row) => (row.createdAt ?? Infinity) < since || ids.has(row.konsolId));
}
