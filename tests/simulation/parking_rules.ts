// Why a payment may be put before a person: each time there must be a cause in what Konsol, the store or time did.

import { isEdited, isEnd, type KonsolPayment } from "./provider_ledger.ts";
import type { RawRecord } from "./record_rules.ts";

/** Times in it are true ones. */
export interface ParkingFacts {
  readonly now: number;
  readonly clocksOffMs: number;
  /** Since when it is in its submission state, and when its latest claim was made. */
  readonly since: number;
  readonly claimedAt: number;
  /** So many a day of what is not found may be sent again, once that horizon has passed. */
  readonly resubmits: number;
  readonly horizonMs: number;
  /** Since when it waits to be sent. */
  readonly unsentSince: number;
  readonly queueMaxAgeMs: number;
  /** What Konsol has of it. */
  readonly ours: readonly KonsolPayment[];
  /** When Konsol answered that it does not know its id. */
  readonly deniedAt: readonly number[];
  /** Konsol refused a create of it. */
  readonly wasRefused: boolean;
  /** The store came back from a copy: what it lacks may have been paid. */
  readonly wasRestored: boolean;
}

/** From the last moment of a request to the doubt, and how late a look may be. */
const GRACE_MS = 3 * 60_000;
/** So long a payment is in doubt before a person is asked; where it may be sent again, after its horizon. */
const DOUBT_MAX_MS = 30 * 60_000;
const HORIZON_GRACE_MS = 60 * 60_000;
const DENIALS_MIN = 3;
const DENIALS_APART_MS = 60 * 60_000;
/** Clocks that are so far off make a payment look older than its request. */
const CLOCK_SKEW_MS = 15 * 60_000;

/** What is wrong with the change if it parks the payment or says that Konsol contradicts it. */
export function brokenParking(
  before: RawRecord,
  after: RawRecord,
  factsOf: () => ParkingFacts,
): string[] {
  const isParked = after.submission === "review" && before.submission !== "review";
  const isFlagged = after.providerDisagrees && !before.providerDisagrees;
  if (!isParked && !isFlagged) return [];
  const facts = factsOf();
  const broken: string[] = [];
  const { move, note } = after.history.at(-1);
  if (isParked && !hasCause(move, before, facts)) broken.push(`${move} without a cause: ${note}`);
  if (isFlagged && !isContradicted(before, facts)) {
    broken.push(`contradicted without a cause: ${note}`);
  }
  return broken;
}

function hasCause(move: string, before: RawRecord, facts: ParkingFacts): boolean {
  const { now, unsentSince, ours, wasRestored } = facts;
  const slackMs = 2 * facts.clocksOffMs + GRACE_MS;
  const isOdd = ours.length > 1 || differs(before, facts);
  switch (move) {
    case "T10":
      return now >= doubtUntil(facts) - slackMs || isOdd || facts.wasRefused;
    case "T13":
      return isOdd || isDenied(facts);
    case "T14":
      return now - unsentSince >= facts.queueMaxAgeMs - slackMs || isOdd || wasRestored ||
        before.candidateKonsolId !== undefined ||
        (before.maybeSentAt !== undefined && ours.length > 0);
    default:
      return false;
  }
}

function doubtUntil({ since, claimedAt, resubmits, horizonMs }: ParkingFacts): number {
  return resubmits > 0 ? claimedAt + horizonMs + HORIZON_GRACE_MS : since + DOUBT_MAX_MS;
}

function isContradicted(before: RawRecord, facts: ParkingFacts): boolean {
  const { ours } = facts;
  if (ours.length > 1 || differs(before, facts)) return true;
  if (before.submission !== "settled") return false;
  // An end that was said without Konsol's id is contradicted by whatever Konsol has.
  if (before.konsolId === undefined) return ours.length > 0;
  return ours.some(({ past }) =>
    past.some(({ status }) => isEnd(status) && status !== before.status)
  );
}

/** At some time Konsol showed it otherwise than it was asked for, or a clock made it look so. */
function differs({ amountMinor }: RawRecord, { ours, clocksOffMs }: ParkingFacts): boolean {
  return clocksOffMs > CLOCK_SKEW_MS ||
    ours.some((payment) =>
      isEdited(payment) || payment.past.some((facts) => facts.amountMinor !== amountMinor)
    );
}

function isDenied({ deniedAt, clocksOffMs }: ParkingFacts): boolean {
  const forMs = (deniedAt.at(-1) ?? 0) - (deniedAt[0] ?? 0);
  const apartMs = DENIALS_APART_MS - 2 * clocksOffMs;
  return deniedAt.length >= DENIALS_MIN && forMs >= (DENIALS_MIN - 1) * apartMs;
}
