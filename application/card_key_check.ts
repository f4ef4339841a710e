// Tells a CARD_KEY that is not the one a store was written with: under it each honest repeat looks like another request.

import type { Ports } from "./ports.ts";

const MARK = "card_key_check";

/**
 * Rejects for another key. The first key that a store meets is the store's: requests are compared by
 * hashes under it, for ever, and the cards that wait are sealed with it.
 */
export async function assertSameCardKey(
  { control, vault }: Pick<Ports, "control" | "vault">,
): Promise<void> {
  const mark = vault.fingerprint("request_field", MARK);
  let kept: Awaited<ReturnType<typeof control.get<string>>>;
  do {
    kept = await control.get<string>(MARK);
  } while (kept === undefined && !await control.put(MARK, undefined, mark));
  if (kept === undefined || kept.value === mark) return;
  throw new Error(
    "the database was written with another one: set that one again, as without it a client's repeat " +
      "is taken for another request; if it is lost, see docs/operations.md",
  );
}
