// What may happen to one stored payment, judged from its raw records alone: shares nothing with the service.

// deno-lint-ignore no-explicit-any -- a record is read as the JSON that it is
export type RawRecord = Record<string, any>;

/** How the two worst are called, so that they can be counted apart. */
export const PAID_TWICE = "PAID TWICE";
export const LOST = "LOST";

/** design.md, "Allowed moves", typed in anew. */
const TABLE: Readonly<Record<string, readonly [from: readonly string[], to: readonly string[]]>> = {
  T2: [["queued"], ["settled"]],
  T3: [["queued"], ["submitting"]],
  T4: [["submitting"], ["queued"]],
  T5: [["submitting"], ["submitted"]],
  T6: [["submitting"], ["settled"]],
  T7: [["submitting"], ["in_doubt"]],
  T8: [["queued", "submitting", "in_doubt", "review"], ["submitted"]],
  T9: [["in_doubt"], ["queued"]],
  T10: [["in_doubt"], ["review"]],
  T11: [["review"], ["queued", "settled"]],
  T12: [["submitted"], ["settled"]],
  T13: [["submitted"], ["review"]],
  T14: [["queued"], ["review"]],
};
const RANK: Readonly<Record<string, number>> = {
  pending: 0,
  processing: 1,
  completed: 2,
  failed: 2,
  cancelled: 2,
};

const FIXED = [
  "id",
  "createdAt",
  "amountMinor",
  "currency",
  "externalId",
  "userId",
  "callbackUrl",
] as const;

/** At these somebody has something to do at a time, always. */
const OWNED_BY_TIME = ["queued", "submitting", "in_doubt", "submitted"];

export function rankOf(status: string): number {
  return RANK[status] ?? NaN;
}

export function isEndStatus(status: string): boolean {
  return rankOf(status) === 2;
}

export function brokenByInsert(record: RawRecord): string[] {
  const [first, ...more] = record.history;
  const broken = [...brokenByItself(record)];
  if (first?.move !== "T1" || more.length > 0) broken.push("its history does not begin with T1");
  if (record.submission !== "queued" || record.attempt !== 0) broken.push("it is not queued");
  return broken;
}

export function brokenByChange(before: RawRecord, after: RawRecord): string[] {
  const broken = [...brokenByItself(after)];
  if (after.version !== before.version + 1) {
    broken.push(`it was overwritten: version ${before.version} -> ${after.version}`);
  }
  for (const field of FIXED) {
    if (before[field] !== after[field]) broken.push(`${field} changed`);
  }
  if (before.idempotencyKey !== undefined && before.idempotencyKey !== after.idempotencyKey) {
    broken.push("its key changed");
  }
  if (!keepsRecipient(before, after)) broken.push("its recipient changed");
  if (rankOf(after.status) < rankOf(before.status)) broken.push("its status went back");
  if (isEndStatus(before.status) && after.status !== before.status) broken.push("its end changed");
  if (before.maybeSentAt !== undefined && after.maybeSentAt !== before.maybeSentAt) {
    broken.push("a doubt was taken back");
  }
  return [...broken, ...brokenHistory(before, after)];
}

function brokenByItself(record: RawRecord): string[] {
  const broken: string[] = [];
  const { submission, status, recipient, dueAt } = record;
  if ((submission === "settled") !== isEndStatus(status)) {
    broken.push(`${submission} and ${status} contradict each other`);
  }
  if (submission === "in_doubt" && record.maybeSentAt === undefined) {
    broken.push("in doubt, but not marked as maybe sent");
  }
  const isSendable = submission !== "submitted" && submission !== "settled" &&
    !record.providerDisagrees;
  if (!isSendable && recipient.sealedNumber) {
    broken.push("its card number is not shredded");
  }
  if (OWNED_BY_TIME.includes(submission) && !Number.isFinite(dueAt)) {
    broken.push(`${submission} without a time for the next step`);
  }
  if (record.paidAt !== undefined && status !== "completed") broken.push("paid but not completed");
  if (submission === "submitting" && record.lease === undefined) {
    broken.push("sent without a lease");
  }
  return broken;
}

function brokenHistory(before: RawRecord, after: RawRecord): string[] {
  const known = before.history.length;
  const kept = before.history.every((event: RawRecord, index: number) =>
    isSame(event, after.history[index])
  );
  if (!kept) return ["its history was rewritten"];
  const news = after.history.slice(known);
  if (news.length > 1) return ["more than one event in one change"];
  const [event] = news;
  const moved = before.submission !== after.submission;
  const changed = moved || before.status !== after.status || before.attempt !== after.attempt;
  const isSaid = changed || before.acknowledgedAt !== after.acknowledgedAt;
  if (event === undefined) return isSaid ? ["a change without an event"] : [];
  const broken: string[] = [];
  if (event.submission !== after.submission || event.status !== after.status) {
    broken.push("its event says something else");
  }
  if (event.attempt !== after.attempt) broken.push("its event is of another attempt");
  if (moved) broken.push(...brokenMove(before, after, event.move));
  else if (event.move !== undefined) broken.push(`${event.move} moved nothing`);
  const isSeen = after.acknowledgedAt !== undefined && before.acknowledgedAt === undefined;
  if (isSeen && event.cause.kind !== "person") broken.push("acknowledged by no person");
  const attempts = after.attempt - before.attempt;
  if (attempts !== (event.move === "T3" ? 1 : 0)) broken.push(`attempt +${attempts}`);
  return broken;
}

function brokenMove(before: RawRecord, after: RawRecord, move: string | undefined): string[] {
  const [from, to] = TABLE[move ?? ""] ?? [[], []];
  const name = `${move ?? "a move without a name"}: ${before.submission} -> ${after.submission}`;
  if (!from.includes(before.submission) || !to.includes(after.submission)) {
    return [`not in the table: ${name}`];
  }
  const doubted = before.maybeSentAt !== undefined;
  if (doubted && (move === "T2" || move === "T6")) return [`maybe sent, and still ${name}`];
  return [];
}

/** Stores in memory give back the very object. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function keepsRecipient(before: RawRecord, after: RawRecord): boolean {
  return before.recipient === after.recipient || recipientOf(before) === recipientOf(after);
}

function recipientOf({ recipient }: RawRecord): string {
  const { sealedNumber: _, ...kept } = recipient;
  return JSON.stringify(kept);
}
