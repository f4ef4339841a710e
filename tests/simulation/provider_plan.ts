// What a simulated Konsol is like in one scenario: its habits and how often it fails, drawn from the seed.

import type { SeededRandom } from "./seeded_random.ts";

export const CREATE_FATES = [
  "fine",
  "slow_answer",
  "late",
  "late_after_reset",
  "vanished",
  "reset_before",
  "reset_after",
  "connect_failed",
  "server_error_before",
  "server_error_after",
  "proxy_page_before",
  "proxy_page_after",
  "refused",
  "unauthorized",
  "rate_limited",
  "odd_error_before",
  "odd_error_after",
  "redirect_before",
  "redirect_after",
  "bad_body_after",
  "error_names_payment",
  "other_payment_before",
  "other_payment_after",
  "exists_after",
  "wrong_amount",
] as const;
export type CreateFate = (typeof CREATE_FATES)[number];

export const CALL_FATES = [
  "fine",
  "timeout_before",
  "timeout_after",
  "reset_before",
  "reset_after",
  "connect_failed",
  "server_error_before",
  "server_error_after",
  "proxy_page",
  "not_found",
  "other_payment",
  "bad_body",
  "refused",
  "unauthorized",
] as const;
export type CallFate = (typeof CALL_FATES)[number];

/**
 * What a life is made to show. Second attempts: what was sent came to nothing, so that it is sent again.
 * Doubtful lists: answers are lost, and Konsol's list hides what it has executed. Long: two days.
 */
export type Kind = "any" | "second_attempts" | "doubtful_lists" | "long";

export interface ProviderPlan {
  readonly create: Readonly<Partial<Record<CreateFate, number>>>;
  readonly call: Readonly<Partial<Record<CallFate, number>>>;
  readonly latencyMaxMs: number;
  /** The latest that a request takes effect after it was sent. */
  readonly lateMaxMs: number;
  /** What a repeated external_id is answered with: a refusal, or the payment that has it already. */
  readonly refusesRepeated: 200 | 409 | 422 | undefined;
  readonly idsAreNumbers: boolean;
  readonly amountsAreTexts: boolean;
  readonly listBare: boolean;
  readonly listLagMaxMs: number;
  /** It lags by as much each time, and not by anything up to it. */
  readonly listLagIsSteady: boolean;
  readonly listOrder: ListOrder;
  /** It answers none of the questions for its list. */
  readonly listAway: boolean;
  readonly perPageMax: number;
  /** How many of its payments are shown in the list with an amount that nobody can read. */
  readonly listGarbles: number;
  /** Its errors have an id of their own, and a payment's id that is none of its own is answered 400. */
  readonly tracesErrors: boolean;
  /** Another system of the client's pays through the same Konsol, once in so long; 0 = none does. */
  readonly strangerEveryMs: number;
  /** How many payments of an older system there are before, and how often one of ours' external_id is theirs. */
  readonly strangers: number;
  readonly strangersShareHandles: boolean;
  readonly stepMaxMs: number;
  readonly ends: { readonly completed: number; failed: number; cancelled: number; never: number };
  readonly createdAs: "pending" | "processing" | "any";
  /** A person in Konsol's cabinet. */
  readonly cabinetCancels: number;
  readonly cabinetEditsAmount: number;
  /** Currency, recipient, external_id, or our reference. */
  readonly cabinetEditsMore: number;
  readonly returns: number;
  readonly revives: number;
  readonly lateTruthMaxMs: number;
  readonly unheardStatus: number;
  readonly webhooks: {
    readonly drop: number;
    readonly repeat: number;
    readonly delayMaxMs: number;
    /** Once in so long somebody forges one; 0 = nobody. */
    readonly forgeEveryMs: number;
  };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export interface ProviderDraw {
  readonly faultsMs: number;
  /** How late a request may take effect at most. */
  readonly lateMaxMs: number;
  readonly kind: Kind;
}

/** `mixed`: an order that stays, but is none of time; `shuffled`: another one at each question. */
export type ListOrder = "newest_first" | "oldest_first" | "mixed" | "shuffled";

const NOTHING_DONE = {
  fine: 2,
  vanished: 1,
  reset_before: 1,
  reset_after: 0.5,
  server_error_before: 1,
  proxy_page_before: 0.5,
  refused: 0.3,
  late: 0.7,
  rate_limited: 1,
  connect_failed: 0.5,
} as const;

const ANSWER_LOST = {
  fine: 2,
  reset_after: 1,
  server_error_after: 0.7,
  late: 1,
  vanished: 0.5,
} as const;

export function drawProviderPlan(
  random: SeededRandom,
  { faultsMs, lateMaxMs, kind }: ProviderDraw,
): ProviderPlan {
  const calm = random.chance(0.1);
  const seconds = kind === "second_attempts";
  const hides = kind === "doubtful_lists";
  const on = (share: number) => !calm && random.chance(share);
  const list = {
    listLagMaxMs: on(seconds ? 0.2 : 0.5)
      ? random.logBetween(hides ? MINUTE : 100, random.pick([hides ? HOUR : 10 * MINUTE, 6 * HOUR]))
      : 0,
    listLagIsSteady: random.chance(0.5),
    listOrder: hides
      ? random.pick(["newest_first", "oldest_first", "mixed", "mixed"] as const)
      : on(seconds ? 0.05 : 0.15)
      ? random.pick(["oldest_first", "mixed", "shuffled"] as const)
      : "newest_first",
    listAway: on(0.05),
    perPageMax: random.pick(hides ? [2, 3, 4] : [2, 3, 5, 20, 100]),
    listBare: random.chance(0.3),
  };
  const life = {
    stepMaxMs: random.logBetween(500, 2 * HOUR),
    ends: {
      completed: 6,
      failed: random.pick([0, 1, 4]),
      cancelled: random.pick([0, 1]),
      never: random.pick([0, 0, 1, 3]),
    },
    createdAs: random.pick(["pending", "processing", "any"] as const),
    cabinetCancels: on(0.3) ? random.next() * 0.3 : 0,
    cabinetEditsAmount: on(0.15) ? random.next() * 0.4 : 0,
    returns: on(0.3) ? random.next() * 0.5 : 0,
    revives: on(0.3) ? random.next() * 0.5 : 0,
    lateTruthMaxMs: random.logBetween(MINUTE, 48 * HOUR),
    unheardStatus: on(0.2) ? 0.3 : 0,
  };
  const webhooks = {
    drop: hides ? 1 : on(seconds ? 0.7 : 0.5) ? random.pick([1, random.next()]) : 0,
    repeat: on(0.4) ? random.next() * 0.5 : 0,
    delayMaxMs: on(0.5) ? random.logBetween(100, 10 * MINUTE) : 100,
    forgeEveryMs: on(0.3) ? random.logBetween(faultsMs / 6, faultsMs) : 0,
  };
  return {
    create: seconds ? NOTHING_DONE : hides ? ANSWER_LOST : fates(random, CREATE_FATES, calm),
    call: seconds || hides ? { fine: 1 } : fates(random, CALL_FATES, calm),
    latencyMaxMs: random.logBetween(20, 5_000),
    lateMaxMs: Math.min(random.logBetween(20_000, 12 * HOUR), lateMaxMs),
    refusesRepeated: hides
      ? undefined
      : random.pick([undefined, undefined, undefined, 409, 422, 200]),
    idsAreNumbers: random.chance(0.2),
    amountsAreTexts: random.chance(0.4),
    strangers: random.pick(hides ? [1, 2, 3, 6] : [0, 0, 2, 6]),
    strangersShareHandles: random.chance(0.2),
    ...list,
    ...life,
    webhooks,
    ...rareHabits(random.fork("rare habits"), kind),
  };
}

/** What few lives have. */
function rareHabits(random: SeededRandom, kind: Kind) {
  const hides = kind === "doubtful_lists";
  return {
    listGarbles: random.chance(hides ? 0.3 : 0.03) ? random.next() * 0.7 : 0,
    // A list is taken to be in order by fifty rows: so many must come before what is looked for.
    strangerEveryMs: random.chance(hides || kind === "second_attempts" ? 0.1 : 0.01)
      ? random.between(30_000, 90_000)
      : 0,
    cabinetEditsMore: random.chance(0.04) ? random.next() * 0.6 : 0,
    tracesErrors: random.chance(0.05),
  };
}

/** Each fault is there or not, and as rare or common as the seed says. */
function fates<Fate extends string>(
  random: SeededRandom,
  names: readonly (Fate | "fine")[],
  calm: boolean,
): Partial<Record<Fate | "fine", number>> {
  const weights: Partial<Record<Fate | "fine", number>> = {};
  const share = random.pick([0.15, 0.3, 0.6]);
  for (const name of names) {
    if (name === "fine") weights[name] = random.pick([0.3, 1, 4]);
    else if (!calm && random.chance(share)) weights[name] = random.next() * random.next();
  }
  return weights;
}
