// Delivers what is due, host by host in turn: so many at once in all, few at each, none after stop.

import type { Callback, CallbackAnswer } from "../domain/callback.ts";
import { createCallbackHosts } from "./callback_hosts.ts";
import { createHostTurns } from "./host_turns.ts";
import { createInFlight } from "./in_flight.ts";
import type { Ports } from "./ports.ts";
import { createRounds } from "./rounds.ts";

const PLACES = 64;
/** Hosts that are looked at in one round; the next one goes on after them. */
const HOSTS_MAX = 1_000;

export interface Deliveries {
  /** From here on rings are heard. */
  start(): void;
  /** Something may be due: begins what there are places for. The workers ring at every tick. */
  ring(): void;
  /** Claims nothing more; resolves when every try under way has ended. */
  stop(): Promise<void>;
  /** Why callbacks are late, if they are. */
  reasonLate(): string | undefined;
}

export function createDeliveries(
  ports: Pick<Ports, "clock" | "callbacks" | "log">,
  deliver: (callback: Callback) => Promise<CallbackAnswer | undefined>,
): Deliveries {
  // One callback of a payment at a time: what waits for its turn is not even looked at.
  const inFlight = createInFlight("callbacks", PLACES, ports);
  const hosts = createCallbackHosts(ports);
  const dueHosts = createHostTurns(ports.callbacks, HOSTS_MAX);
  const rounds = createRounds("callbacks", round, ports);
  const { start, ring } = rounds;

  async function round(): Promise<void> {
    let free = inFlight.free();
    if (free <= 0) return;
    const now = ports.clock.now();
    const due = (await dueHosts.next(now)).filter((host) => hosts.free(host, PLACES) > 0);
    const active = new Set([...due, ...hosts.busy()]).size;
    const share = Math.max(1, Math.floor(PLACES / active));
    const asked: Promise<void>[] = [];
    for (const host of due) {
      const places = Math.min(free, hosts.free(host, share));
      if (places > 0) asked.push(deliverTo(host, places, now));
      free -= places;
      if (free > 0) continue;
      dueHosts.goOnAfter(host);
      break;
    }
    await Promise.all(asked);
  }

  async function deliverTo(host: string, places: number, now: number): Promise<void> {
    const resting = inFlight.taken() - (PLACES - inFlight.free());
    const behind = 2 * hosts.underWay(host) + resting;
    const due = await ports.callbacks.due(host, now, 2 * places + behind);
    const payments = new Set<string>();
    for (const callback of due) {
      const { paymentId } = callback;
      if (payments.size >= places) return;
      if (payments.has(paymentId) || inFlight.isTaken(paymentId)) continue;
      payments.add(paymentId);
      void begin(callback);
    }
  }

  async function begin(callback: Callback): Promise<void> {
    hosts.begin(callback.host);
    const answer = await inFlight.run(callback.paymentId, () => deliver(callback));
    hosts.end(callback.host, answer);
    ring();
  }

  function reasonLate(): string | undefined {
    const failure = rounds.failure();
    if (failure !== undefined) return `due callbacks cannot be read: ${failure}`;
    const spared = hosts.spared();
    return spared === 0 ? undefined : `hosts that keep failing are tried less often: ${spared}`;
  }

  async function stop(): Promise<void> {
    await Promise.all([rounds.stop(), inFlight.stop()]);
  }

  return { start, ring, stop, reasonLate };
}
