// Asks Konsol for the balance, now.

import type { Ports } from "./ports.ts";
import type { Balance } from "./provider_ports.ts";
import { providerRefusal } from "./provider_refusal.ts";

export async function getBalance(
  ports: Pick<Ports, "gateway" | "clock">,
): Promise<Balance & { readonly asOf: number }> {
  const found = await ports.gateway.getBalance();
  if (found.kind === "unavailable") throw providerRefusal("get the balance", found);
  return { ...found.balance, asOf: ports.clock.now() };
}
