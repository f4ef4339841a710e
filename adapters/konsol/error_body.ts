// Konsol's own error body: how it is told from a proxy's, and what it says, safe to keep and show.

import { redactText } from "../system/redact.ts";
import { plainName, sensitiveKind } from "../system/sensitive.ts";
import { cutText } from "./cut_text.ts";

/** Words are redacted and bounded; `code` is there only if Konsol gave one of its own. */
export interface ErrorBody {
  readonly code?: string;
  readonly message: string;
}

const ERROR_FIELDS = ["error", "errors", "message", "detail"] as const;
const CODE = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/;
const MESSAGE_LENGTH_MAX = 500;
const DEPTH_MAX = 6;
const WORDS_MAX = 20;

/** `errors` was seen at the live API; the other names are what such APIs use. Undefined = not Konsol's. */
export function readErrorBody(json: unknown): ErrorBody | undefined {
  if (!isRecord(json)) return undefined;
  const said = ERROR_FIELDS.filter((name) => Object.hasOwn(json, name)).map((name) => json[name]);
  const message = wordsOf(said);
  return message === "" ? undefined : { code: codeOf(json), message };
}

/** All words in a value, joined; what is under a field's name begins with it. */
export function wordsOf(value: unknown): string {
  const all = new Set<string>();
  for (const words of eachWords(value, "", DEPTH_MAX)) {
    all.add(words);
    if (all.size === WORDS_MAX) break;
  }
  return cutText(redactText([...all].join("; ")), MESSAGE_LENGTH_MAX);
}

/** Konsol's own short code, beside the words or in one of them. */
export function codeOf(...places: readonly unknown[]): string | undefined {
  for (const place of places) {
    if (!isRecord(place)) continue;
    const code = isRecord(place.error) ? place.code ?? place.error.code : place.code;
    if (typeof code === "string" && CODE.test(code) && redactText(code) === code) return code;
  }
  return undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function* eachWords(value: unknown, field: string, depthLeft: number): Generator<string> {
  if (typeof value === "string") {
    const words = sensitiveKind(plainName(field)) === "secret" ? "***" : value.trim();
    if (words !== "") yield field === "" ? words : `${field}: ${words}`;
  } else if (Array.isArray(value) && depthLeft > 0) {
    for (const item of value) yield* eachWords(item, field, depthLeft - 1);
  } else if (isRecord(value) && depthLeft > 0) {
    for (const [name, nested] of Object.entries(value)) {
      if (name === "code") continue;
      const isPlain = (ERROR_FIELDS as readonly string[]).includes(name);
      yield* eachWords(nested, isPlain ? field : name, depthLeft - 1);
    }
  }
}
