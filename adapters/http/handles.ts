// The headers and fields by which a create is told from its own repeat, and how it wants to be answered.

import { type Checked, FINE, isGiven, right, wrong } from "./checked.ts";

const KEY_LENGTH_MAX = 255;
const PLAIN_KEY = /^[ -~]+$/;
/** A structured-field string (RFC 9651), as the IETF's draft of the header has it. */
const QUOTED_KEY = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/;

export function idempotencyKeyOf(headers: Headers): Checked<string | undefined> {
  const given = headers.get("Idempotency-Key");
  if (given === null) return FINE;
  const key = given.startsWith('"') ? unquoted(given) : given;
  if (PLAIN_KEY.test(key) && key.length <= KEY_LENGTH_MAX) return right(key);
  return wrong(
    "Idempotency-Key",
    "idempotency_key_invalid",
    `Send 1 to ${KEY_LENGTH_MAX} printable ASCII characters, as they are or in double quotes.`,
  );
}

function unquoted(given: string): string {
  const [, key = ""] = QUOTED_KEY.exec(given) ?? [];
  return key.replace(/\\(["\\])/g, "$1");
}

/** Without a handle a retry could pay twice. */
export function checkHandle(
  externalId: Checked<string | undefined>,
  idempotencyKey: Checked<string | undefined>,
): Checked<unknown> {
  if (isGiven(externalId) || isGiven(idempotencyKey)) return FINE;
  return wrong(
    "external_id",
    "handle_required",
    "Send an external_id or an Idempotency-Key header, the same one with every repeat of this " +
      "request: without it a repeat could pay twice.",
  );
}

/** RFC 7240: `Prefer: respond-async`, alone or among others. */
export function prefersAsync(headers: Headers): boolean {
  const preferences = (headers.get("Prefer") ?? "").split(",");
  return preferences.some((preference) => /^\s*respond-async\s*(?:;|$)/i.test(preference));
}
