// Tells a CARD_KEY that is not the one a store was written with: under it each honest repeat looks like another request.

import type { Ports, Vault } from "./ports.ts";

/** The shared value that says which key a store was written with. */
export const CARD_KEY_MARK = "card_key_check";

/**
 * Rejects for another key. The first key that a store meets is the store's: requests are compared by
 * hashes under it, for ever, and the cards that wait are sealed with it.
 */
export async function assertSameCardKey(
  { control, vault }: Pick<Ports, "control" | "vault">,
): Promise<void> {
  let kept: Awaited<ReturnType<typeof control.get<string>>>;
  do {
    kept = await control.get<string>(CARD_KEY_MARK);
  } while (kept === undefined && !await control.put(CARD_KEY_MARK, undefined, markOf(vault)));
  assertOwnMark(kept?.value, vault);
}

/** Throws for a mark that another key made; there may be none yet. */
export function assertOwnMark(kept: string | undefined, vault: Pick<Vault, "fingerprint">): void {
  if (kept === undefined || kept === markOf(vault)) return;
  throw new Error(
    "the database was written with another one: set that one again, as without it a client's repeat " +
      "is taken for another request; or, where this one was only tried out, name another database in " +
      "DATABASE_URL; if the key is lost, see docs/operations.md",
  );
}

function markOf(vault: Pick<Vault, "fingerprint">): string {
  return vault.fingerprint("request_field", CARD_KEY_MARK);
}
