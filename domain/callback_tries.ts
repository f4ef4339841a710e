// How a callback is tried: claimed, answered, put off, given up, and taken up again by a person.

import type { Callback, CallbackAnswer, CallbackTry, DeathReason } from "./callback.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long each try of a round waits after the one before it: ten tries over 75 hours. */
export const SCHEDULE_MS: readonly number[] = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** A try takes 15 s; one that was claimed and not answered for this long is anybody's. */
export const LEASE_MS = 60 * SECOND;
/** Begun later than this after its claim, a try could overlap with the next one. */
const BEGIN_WITHIN_MS = 30 * SECOND;
const RETRY_AFTER_MAX_MS = 24 * HOUR;
/** So long after the one that it waits for it is looked at again, and at least this often. */
const BEHIND_MS = SECOND;
const BEHIND_MAX_MS = 15 * MINUTE;
const TRIES_KEPT = 20;

export function isDelivery(answer: CallbackAnswer): boolean {
  return answer.kind === "answered" && answer.httpStatus >= 200 && answer.httpStatus <= 299;
}

/** The receiver wants nothing more at this URL. */
export function saysGone(answer: CallbackAnswer): boolean {
  return answer.kind === "answered" && answer.httpStatus === 410;
}

export function isUnderWay({ lease }: Callback, now: number): boolean {
  return lease !== undefined && lease.until > now;
}

/** Its first try is still to come: it may begin only when all before it have ended. */
export function waitsItsTurn({ state, tried, lease }: Callback): boolean {
  return state === "pending" && tried === 0 && lease === undefined;
}

/** Must be stored before the connection is opened. */
export function claimCallback(callback: Callback, owner: string, now: number): Callback {
  if (callback.state !== "pending" || isUnderWay(callback, now)) {
    const { id, state } = callback;
    throw new Error(
      `Cannot claim callback ${id} as it must be pending and not under way: ${state}`,
    );
  }
  const lease = { owner, since: now, until: now + LEASE_MS };
  return { ...released(callback), lease, dueAt: lease.until, updatedAt: now };
}

/** A claim took effect long ago when its process slept: then the try is left to whoever comes next. */
export function mayBegin({ lease }: Callback, now: number): boolean {
  return lease !== undefined && now < lease.since + BEGIN_WITHIN_MS;
}

/** What a try came to; `chance` in [0, 1) spreads the next one. */
export function applyCallbackAnswer(
  callback: Callback,
  answer: CallbackAnswer,
  now: number,
  chance: number,
): Callback {
  const { lease, ...rest } = callback;
  const at = lease?.since ?? now;
  const tried = { ...withTry(rest, tryOf(answer, at)), dueAt: undefined, updatedAt: now };
  if (isDelivery(answer)) return { ...tried, state: "delivered" };
  if (saysGone(answer)) return dead(tried, "gone");
  const wait = waitAfter(tried.triedInRound, answer, chance);
  return wait === undefined ? dead(tried, "gave_up") : { ...tried, dueAt: now + wait };
}

/** Its URL was stopped: it ends without a try. */
export function stopCallback(callback: Callback, now: number): Callback {
  return dead({ ...released(callback), dueAt: undefined, updatedAt: now }, "url_gone");
}

/** Waits for `earlier`, a callback of the same payment, to end. */
export function queueBehind(callback: Callback, earlier: Callback, now: number): Callback {
  const wanted = (earlier.dueAt ?? now) + BEHIND_MS;
  const dueAt = Math.min(Math.max(wanted, now + BEHIND_MS), now + BEHIND_MAX_MS);
  return { ...callback, dueAt };
}

/** Those before it have ended: due now, unless it is or was tried already; then it is given back as it is. */
export function takeTurn(callback: Callback, now: number): Callback {
  const waits = waitsItsTurn(callback) && (callback.dueAt ?? now) > now;
  return waits ? { ...callback, dueAt: now } : callback;
}

/** A person wants it brought, again or at last: a whole new round, unless a try is under way at this moment. */
export function retryCallback(callback: Callback, now: number): Callback {
  if (callback.state === "pending" && isUnderWay(callback, now)) return callback;
  const { deathReason: _, ...kept } = released(callback);
  return { ...kept, state: "pending", triedInRound: 0, dueAt: now, updatedAt: now };
}

function dead(callback: Callback, deathReason: DeathReason): Callback {
  return { ...callback, state: "dead", deathReason };
}

/** Without its lease; one that is over was a try that nobody knows the end of. */
function released({ lease, ...callback }: Callback): Callback {
  return lease === undefined
    ? callback
    : withTry(callback, { at: lease.since, error: "interrupted" });
}

function withTry(callback: Callback, one: CallbackTry): Callback {
  return {
    ...callback,
    tried: callback.tried + 1,
    triedInRound: callback.triedInRound + 1,
    tries: [...callback.tries, one].slice(-TRIES_KEPT),
  };
}

function tryOf(answer: CallbackAnswer, at: number): CallbackTry {
  const { ms } = answer;
  if (answer.kind === "failed") return { at, ms, error: answer.reason };
  return { at, ms, httpStatus: answer.httpStatus, start: answer.start };
}

/** Up to a tenth later than the schedule says; undefined when it has ended. */
function waitAfter(tries: number, answer: CallbackAnswer, chance: number): number | undefined {
  const scheduled = SCHEDULE_MS[tries];
  if (scheduled === undefined) return undefined;
  const wait = Math.round(scheduled * (1 + chance / 10));
  const asked = isBusy(answer) ? answer.retryAfterMs ?? 0 : 0;
  return Math.max(wait, Math.min(asked, RETRY_AFTER_MAX_MS));
}

function isBusy(answer: CallbackAnswer): answer is CallbackAnswer & { readonly kind: "answered" } {
  return answer.kind === "answered" && [429, 503].includes(answer.httpStatus);
}
