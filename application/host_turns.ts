// Goes round the hosts that have a callback due, so that none is always the last.

import type { CallbackStore } from "./ports.ts";

export interface HostTurns {
  /** Those after where the last turn ended, then those up to there. */
  next(now: number): Promise<readonly string[]>;
  /** The turn ended with that host: the next one begins after it. */
  goOnAfter(host: string): void;
}

/** `hostsMax` at a time. */
export function createHostTurns(
  callbacks: Pick<CallbackStore, "dueHosts">,
  hostsMax: number,
): HostTurns {
  let lastHost: string | undefined;
  return {
    async next(now) {
      const after = lastHost;
      const later = await callbacks.dueHosts(now, hostsMax, after);
      const isFull = later.length === hostsMax;
      lastHost = isFull ? later.at(-1) : undefined;
      if (after === undefined || isFull) return later;
      const all = await callbacks.dueHosts(now, hostsMax - later.length);
      return [...later, ...all.filter((host) => host <= after)];
    },
    goOnAfter(host) {
      lastHost = host;
    },
  };
}
