// What every parser of the domain answers: the value, or why not and what to do about it.

/**
 * A value, or a refusal. `code` is snake_case and never changes its meaning; `message` is an
 * English sentence that says what to do next and never holds what was sent.
 */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** The answer of a parser that understood its input. */
export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

/** The answer of a parser that refuses its input. */
export function unparsed(code: string, message: string): Parsed<never> {
  return { ok: false, code, message };
}
