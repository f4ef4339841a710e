// The receivers' hosts as this process sees them: how much goes on at each, and which keep failing and are spared.

import type { CallbackAnswer } from "../domain/callback.ts";
import type { Ports } from "./ports.ts";

const PLACES_MAX = 8;
/** After so many failures in a row a host gets one try at a time, with growing rests between. */
const FAILURES_MAX = 5;
const REST_FIRST_MS = 1_000;
const REST_LAST_MS = 5 * 60_000;
/** Hosts that are remembered while nothing goes on at them; the one that was used longest ago is forgotten. */
const HOSTS_MAX = 10_000;

export interface CallbackHosts {
  /** How many more tries may begin at it now, where each host may have `share` places at most. */
  free(host: string, share: number): number;
  underWay(host: string): number;
  /** Hosts at which something goes on. */
  busy(): Iterable<string>;
  begin(host: string): void;
  /** `answer`: undefined when the host was not asked. */
  end(host: string, answer: CallbackAnswer | undefined): void;
  /** How many are spared as they keep failing. */
  spared(): number;
}

interface Host {
  underWay: number;
  /** In a row. */
  failures: number;
  restUntil: number;
}

export function createCallbackHosts(ports: Pick<Ports, "clock" | "log">): CallbackHosts {
  const hosts = new Map<string, Host>();
  const busy = new Set<string>();

  function free(name: string, share: number): number {
    const host = hosts.get(name);
    if (host !== undefined && isSpared(host)) {
      return host.underWay === 0 && ports.clock.monotonic() >= host.restUntil ? 1 : 0;
    }
    return Math.max(0, Math.min(share, PLACES_MAX) - (host?.underWay ?? 0));
  }

  function begin(name: string): void {
    const host = hosts.get(name) ?? { underWay: 0, failures: 0, restUntil: -Infinity };
    host.underWay++;
    hosts.delete(name);
    hosts.set(name, host);
    busy.add(name);
    forgetOldest(hosts, busy);
  }

  function end(name: string, answer: CallbackAnswer | undefined): void {
    const host = hosts.get(name);
    if (host === undefined) return;
    host.underWay--;
    if (answer !== undefined) judge(name, host, answer);
    if (host.underWay === 0) busy.delete(name);
    if (host.underWay === 0 && host.failures === 0) hosts.delete(name);
  }

  function judge(name: string, host: Host, answer: CallbackAnswer): void {
    const now = ports.clock.monotonic();
    const wasSpared = isSpared(host);
    if (!isInTrouble(answer)) {
      if (wasSpared) {
        ports.log.info("callback_host_recovered", { host: name, failures: host.failures });
      }
      host.failures = 0;
      return;
    }
    // What began before the rest did tells nothing new.
    if (wasSpared && now < host.restUntil) return;
    host.failures++;
    if (!isSpared(host)) return;
    host.restUntil = now + restAfter(host.failures);
    if (wasSpared) return;
    ports.log.warn("callback_host_failing", { host: name, failures: host.failures });
  }

  return {
    free,
    begin,
    end,
    underWay: (name) => hosts.get(name)?.underWay ?? 0,
    busy: () => busy,
    spared: () => hosts.values().filter(isSpared).reduce((count) => count + 1, 0),
  };
}

function isSpared({ failures }: Host): boolean {
  return failures >= FAILURES_MAX;
}

/** The host itself: one URL of many that is refused says nothing of the others. */
function isInTrouble(answer: CallbackAnswer): boolean {
  return answer.kind === "failed" || answer.httpStatus >= 500 || answer.httpStatus === 429;
}

function restAfter(failures: number): number {
  return Math.min(REST_FIRST_MS * 2 ** Math.min(failures - FAILURES_MAX, 20), REST_LAST_MS);
}

function forgetOldest(hosts: Map<string, Host>, busy: ReadonlySet<string>): void {
  if (hosts.size <= HOSTS_MAX) return;
  const oldest = hosts.keys().find((name) => !busy.has(name));
  if (oldest !== undefined) hosts.delete(oldest);
}
