// How often webhooks may make us ask Konsol: per payment a burst of 3 then one in 10 s, and one budget for all.

const PAYMENT = { burst: 3, everyMs: 10_000 };
const ALL = { burst: 40, everyMs: 50 };
/** Of them, for ids that no payment of ours has: whoever forges webhooks makes them up. */
const UNKNOWN = { burst: 10, everyMs: 500 };
/** Payments remembered at once; the one asked for longest ago is forgotten first. */
const PAYMENTS_MAX = 10_000;

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

export interface AskBudget {
  /** Takes one ask, or says from when there is one. Times are epoch milliseconds. */
  take(konsolId: string, isKnown: boolean, now: number):
    | { readonly kind: "taken" }
    | { readonly kind: "wait"; readonly until: number };
  /** Konsol answered the ask that began at `askedAt`. */
  answered(konsolId: string, askedAt: number): void;
  /** Whether an ask that began after `since` was answered: whoever wanted one by then has it. */
  answeredSince(konsolId: string, since: number): boolean;
}

export function createAskBudget(): AskBudget {
  const buckets = new Map<string, Bucket>();
  const lastAnswered = new Map<string, number>();
  let all: Bucket = { tokens: ALL.burst, at: 0 };
  let unknown: Bucket = { tokens: UNKNOWN.burst, at: 0 };

  function take(konsolId: string, isKnown: boolean, now: number) {
    const mine = refill(buckets.get(konsolId) ?? { tokens: PAYMENT.burst, at: now }, PAYMENT, now);
    all = refill(all, ALL, now);
    unknown = refill(unknown, UNKNOWN, now);
    const until = Math.max(
      readyAt(mine, PAYMENT, now),
      readyAt(all, ALL, now),
      isKnown ? now : readyAt(unknown, UNKNOWN, now),
    );
    if (until > now) return { kind: "wait", until } as const;
    all = { ...all, tokens: all.tokens - 1 };
    if (!isKnown) unknown = { ...unknown, tokens: unknown.tokens - 1 };
    buckets.delete(konsolId);
    buckets.set(konsolId, { ...mine, tokens: mine.tokens - 1 });
    forgetOldest(buckets);
    return { kind: "taken" } as const;
  }

  function answered(konsolId: string, askedAt: number) {
    const latest = Math.max(askedAt, lastAnswered.get(konsolId) ?? -Infinity);
    lastAnswered.delete(konsolId);
    lastAnswered.set(konsolId, latest);
    forgetOldest(lastAnswered);
  }

  const answeredSince = (konsolId: string, since: number) =>
    (lastAnswered.get(konsolId) ?? -Infinity) > since;

  return { take, answered, answeredSince };
}

/** Never more than the burst; a clock that went back adds nothing. */
function refill(bucket: Bucket, pace: typeof PAYMENT, now: number): Bucket {
  const passed = Math.max(0, now - bucket.at);
  return { tokens: Math.min(pace.burst, bucket.tokens + passed / pace.everyMs), at: now };
}

function readyAt(bucket: Bucket, pace: typeof PAYMENT, now: number): number {
  return bucket.tokens >= 1 ? now : now + Math.ceil((1 - bucket.tokens) * pace.everyMs);
}

function forgetOldest(map: Map<string, unknown>): void {
  if (map.size <= PAYMENTS_MAX) return;
  const oldest = map.keys().next().value;
  if (oldest !== undefined) map.delete(oldest);
}
