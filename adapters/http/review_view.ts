// A review item as the person who works it sees it: the payment, and the evidence for their decision.

import type { ReviewDecision, ReviewItem } from "../../application/decide_review.ts";
import { whyReviewed } from "../../domain/payment_review.ts";
import { konsolExternalId } from "../../domain/provider_payment.ts";
import { paymentView, timeView } from "./payment_view.ts";

export function reviewView(item: ReviewItem) {
  const { payment, notPaidAllowedFrom, lostKonsolIds } = item;
  const explained = whyReviewed(payment);
  const parked = payment.submission === "review";
  return {
    ...paymentView(payment),
    review: {
      attempt: payment.attempt,
      since: timeView(parked ? payment.submissionSince : explained?.at),
      reason: explained?.note,
      sent: {
        attempts: payment.attempt,
        first_sent_at: timeView(payment.firstClaimedAt),
        sent_not_after: timeView(payment.sendNotAfter),
      },
      seen: {
        clean_scans: payment.cleanScans ?? 0,
        last_clean_scan_at: timeView(payment.cleanScanAt),
        list_shown_up_to: timeView(payment.cleanScanUpTo),
        candidate_konsol_id: payment.candidateKonsolId,
        konsol_id: payment.konsolId,
        konsol_status: payment.konsolStatus,
        lost_konsol_ids: lostKonsolIds.length > 0 ? lostKonsolIds : undefined,
      },
      search_for: { external_id: konsolExternalId(payment), payment_id: payment.id },
      decisions: decisionsFor(item),
      not_paid_allowed_from: parked ? timeView(notPaidAllowedFrom) : undefined,
    },
  };
}

/** What was never sent can only have been paid as a lost row; what has ended can only be taken note of. */
function decisionsFor({ payment, lostKonsolIds }: ReviewItem): ReviewDecision["decision"][] {
  if (payment.submission !== "review") return ["acknowledge"];
  const maybePaid = payment.firstClaimedAt !== undefined || lostKonsolIds.length > 0;
  return maybePaid ? ["paid", "not_paid"] : ["not_paid"];
}
