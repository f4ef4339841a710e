// The statuses of the dialect, and what each means for a payment and its money.

export const statuses = ["pending", "processing", "completed", "failed", "cancelled"] as const;
export type Status = (typeof statuses)[number];

export type EndStatus = Exclude<Status, "pending" | "processing">;

export function hasEnded(status: Status): status is EndStatus {
  return status !== "pending" && status !== "processing";
}

/** Whether a payment in this status still takes its amount off the balance. */
export function holdsMoney(status: Status): boolean {
  return status !== "failed" && status !== "cancelled";
}
