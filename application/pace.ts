// How long to wait before the next look or the next try: back-off with jitter.

import type { Chance } from "./ports.ts";

const LOOK_FIRST_MS = 10_000;
const LOOK_LAST_MS = 15 * 60_000;
const RETRY_FIRST_MS = 2_000;
const RETRY_LAST_MS = 5 * 60_000;

/** Until the next look at Konsol: 10 s, doubling to 15 min, up to a tenth later so that looks spread. */
export function lookDelay(chance: Chance, looks: number): number {
  const base = Math.min(LOOK_FIRST_MS * 2 ** Math.min(looks, 20), LOOK_LAST_MS);
  return Math.round(base * (1 + chance() / 10));
}

/** Until a send that was not executed is tried again: anywhere up to 4 s, doubling to 5 min. */
export function fullJitter(chance: Chance, attempt: number): number {
  const ceiling = Math.min(RETRY_FIRST_MS * 2 ** Math.min(attempt, 20), RETRY_LAST_MS);
  return Math.round(ceiling * chance());
}
