// The stores as one instance sees them: slow, failing before or after the deed, full, or away.

import type { Owner, VirtualTime } from "./virtual_time.ts";

/** One call of a port, before it happens. */
export interface PortCall {
  readonly port: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** What befalls a call. `crash`: the instance ends there, and whoever called never hears of it. */
export interface StoreFate {
  readonly beforeMs?: number;
  readonly at?: "error_before" | "error_after" | "crash_before" | "crash_after";
  readonly afterMs?: number;
}

export interface FaultyStoreParts {
  readonly time: VirtualTime;
  readonly owner: Owner;
  readonly fateOf: (call: PortCall) => StoreFate | undefined;
  /** Called for each call that the real store answered, whatever the instance hears of it. */
  readonly answered: (call: PortCall, answer: unknown) => void;
  readonly crash: () => void;
  readonly unavailable: (message: string) => Error;
}

type Method = (...args: unknown[]) => Promise<unknown>;

/** A new one each time: one for all would keep every dead instance that waits for it. */
const never = () => new Promise<never>(() => {});

/** Every port in it wrapped; what is no port (close, checkpoint) is left out. */
export function faultyStores<Stores extends object>(
  stores: Stores,
  parts: FaultyStoreParts,
): Stores {
  const ports = Object.entries(stores).filter(([, port]) => typeof port === "object");
  return Object.fromEntries(
    ports.map(([name, port]) => [name, faultyPort(name, port, parts)]),
  ) as Stores;
}

function faultyPort(port: string, target: object, parts: FaultyStoreParts): object {
  const methods = new Map<PropertyKey, Method>();
  return new Proxy(target, {
    get(_, name) {
      let method = methods.get(name);
      if (method === undefined) {
        const inner = (Reflect.get(target, name) as Method).bind(target);
        const called = String(name);
        method = (...args) => call(parts, { port, method: called, args }, inner);
        methods.set(name, method);
      }
      return method;
    },
  });
}

function call(parts: FaultyStoreParts, call: PortCall, inner: Method): Promise<unknown> {
  if (parts.owner.gone) return never();
  const fate = parts.fateOf(call);
  if (fate === undefined) return reached(parts, call, inner);
  return fated(parts, call, inner, fate);
}

async function fated(
  parts: FaultyStoreParts,
  call: PortCall,
  inner: Method,
  { beforeMs = 0, at, afterMs = 0 }: StoreFate,
): Promise<unknown> {
  if (beforeMs > 0) await wait(parts, beforeMs);
  if (at === "crash_before") return crash(parts);
  if (at === "error_before") throw parts.unavailable("the store is away");
  const answer = await reached(parts, call, inner);
  if (at === "crash_after") return crash(parts);
  if (afterMs > 0) await wait(parts, afterMs);
  if (at === "error_after") throw parts.unavailable("the store's answer is lost");
  return answer;
}

function crash(parts: FaultyStoreParts): Promise<never> {
  parts.crash();
  return never();
}

async function reached(parts: FaultyStoreParts, call: PortCall, inner: Method): Promise<unknown> {
  parts.time.pendingIo++;
  let answer: unknown;
  try {
    answer = await inner(...call.args);
  } finally {
    parts.time.pendingIo--;
  }
  parts.answered(call, answer);
  return parts.owner.gone ? await never() : answer;
}

function wait({ time, owner }: FaultyStoreParts, ms: number): Promise<void> {
  return new Promise((resolve) => time.after(ms, resolve, owner));
}
