// What clients see of a payment's progress: five statuses with ranks, and the detail behind "processing".

export const STATUSES = ["pending", "processing", "completed", "failed", "cancelled"] as const;

export type Status = (typeof STATUSES)[number];
export type EndStatus = Extract<Status, "completed" | "failed" | "cancelled">;

export type Detail =
  | "awaiting_confirmation"
  | "resubmitting"
  | "under_review"
  | "provider_disagrees";

const RANK: Readonly<Record<Status, number>> = {
  pending: 0,
  processing: 1,
  completed: 2,
  failed: 2,
  cancelled: 2,
};

export function isStatus(text: string): text is Status {
  return (STATUSES as readonly string[]).includes(text);
}

/** The three ends are final: whatever has one never shows another status again. */
export function isEnd(status: Status): status is EndStatus {
  return RANK[status] === 2;
}

/** A status never goes back: the later one is shown only when its rank is higher. */
export function furtherStatus(shown: Status, next: Status): Status {
  return RANK[next] > RANK[shown] ? next : shown;
}

/** The ends at which no money was paid. */
export function isUnpaid(status: Status | undefined): boolean {
  return status === "failed" || status === "cancelled";
}
