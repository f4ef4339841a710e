// Resolves the host of a callback and lets it through only if every address it has may be called.

import { lookup } from "node:dns/promises";
import {
  type CallbackTarget,
  type CallbackUrlRules,
  isCallbackAddress,
} from "../../domain/callback_url.ts";
import { CallbackFailed } from "./callback_failed.ts";

/** Every address of a name, IPv4 and IPv6, best first; rejects or gives none where there is none. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** As the system does it, in the order that it would connect in. */
export const systemResolve: Resolve = async (name) =>
  (await lookup(name, { all: true })).map(({ address }) => address);

/**
 * The addresses to connect to, and no others: whoever connects must not resolve again, as the name may
 * have other addresses by then. One address that is not allowed spoils all: a name in good order has none.
 */
export async function checkedAddresses(
  target: CallbackTarget,
  rules: CallbackUrlRules,
  resolve: Resolve,
): Promise<readonly string[]> {
  const addresses = target.isAddress ? [target.host] : await found(target.host, resolve);
  if (addresses.length === 0) throw new CallbackFailed("name_not_resolved");
  if (!addresses.every((address) => isCallbackAddress(address, target.host, rules))) {
    throw new CallbackFailed("address_refused");
  }
  return addresses;
}

async function found(name: string, resolve: Resolve): Promise<readonly string[]> {
  try {
    return await resolve(name);
  } catch {
    throw new CallbackFailed("name_not_resolved");
  }
}
