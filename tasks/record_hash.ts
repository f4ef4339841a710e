// A hash of a record that is the same in every store: over its JSON with sorted keys.

import { createHash } from "node:crypto";

export function recordHash(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("base64url");
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, nested) => {
    if (nested === null || typeof nested !== "object" || Array.isArray(nested)) return nested;
    return Object.fromEntries(Object.entries(nested).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** One hash for many, in the order in which they are added. */
export class TotalHash {
  readonly #hash = createHash("sha256");

  add(id: string, hash: string): void {
    this.#hash.update(`${JSON.stringify(id)} ${hash}\n`);
  }

  digest(): string {
    return this.#hash.digest("hex");
  }
}
