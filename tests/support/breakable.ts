// A port whose next calls break, or are overtaken by somebody else, as a test tells it.

import { StoreUnavailable } from "../../application/store_unavailable.ts";

/**
 * `before`: rejects and does nothing. `after`: does it, and rejects all the same, as when the answer of
 * a database is lost. A function runs first: what another process does in between.
 */
export type Break = "before" | "after" | (() => unknown);

export interface Breakable<Port extends object> {
  readonly port: Port;
  /** Each call of a method takes the first of its own; with none left it does as the port does. */
  readonly next: { readonly [Name in keyof Port]: Break[] };
}

type Method = (...args: unknown[]) => unknown;

export function breakable<Port extends object>(target: Port): Breakable<Port> {
  const breaks = new Map<string | symbol, Break[]>();
  const listOf = (_: object, name: string | symbol) => {
    const list = breaks.get(name) ?? [];
    breaks.set(name, list);
    return list;
  };
  const methodOf = (_: Port, name: string | symbol) => async (...args: unknown[]) => {
    const how = breaks.get(name)?.shift();
    if (how === "before") throw new StoreUnavailable("the store is away");
    if (typeof how === "function") await how();
    const answer = await (Reflect.get(target, name) as Method).apply(target, args);
    if (how === "after") throw new StoreUnavailable("the answer of the store is lost");
    return answer;
  };
  return {
    port: new Proxy(target, { get: methodOf }),
    next: new Proxy({}, { get: listOf }) as Breakable<Port>["next"],
  };
}
