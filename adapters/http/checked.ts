// A value or all that is wrong with it, and how several are joined: nothing wrong hides anything else.

import type { Parsed } from "../../domain/parsed.ts";
import type { FieldProblem } from "../../domain/refusal.ts";
import { RequestProblem } from "./problem.ts";

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

type Parts = Readonly<Record<string, Checked<unknown>>>;
type Values<Given extends Parts> = {
  readonly [Name in keyof Given]: Extract<Given[Name], { ok: true }>["value"];
};

/** A body of 64 KiB can have thousands of wrong fields; past these the rest is not told. */
const PROBLEMS_MAX = 100;

/** Nothing is there and nothing is wrong. */
export const FINE: Checked<undefined> = { ok: true, value: undefined };

export function right<T>(value: T): Checked<T> {
  return { ok: true, value };
}

export function wrong(field: string, code: string, message: string): Checked<never> {
  return { ok: false, problems: [{ field, code, message }] };
}

/** The answer of a domain parser, as one about this field. */
export function checkedAs<T>(field: string, answer: Parsed<T>): Checked<T> {
  return answer.ok ? answer : wrong(field, answer.code, answer.message);
}

/** There, whether right or wrong. */
export function isGiven(field: Checked<unknown>): boolean {
  return !field.ok || field.value !== undefined;
}

/** No value can be had; with none of the parts wrong, the reason is told elsewhere. */
export function problemsOf(...parts: readonly Checked<unknown>[]): Checked<never> {
  return { ok: false, problems: parts.flatMap((part) => part.ok ? [] : part.problems) };
}

/** The parts' values, absent ones left out; or all that is wrong with them and with `rules`. */
export function together<Given extends Parts>(
  parts: Given,
  ...rules: readonly Checked<unknown>[]
): Checked<Values<Given>> {
  const all = [...Object.values(parts), ...rules];
  if (all.some((part) => !part.ok)) return problemsOf(...all);
  const values = Object.entries(parts).flatMap(([name, part]) =>
    part.ok && part.value !== undefined ? [[name, part.value] as const] : []
  );
  return right(Object.fromEntries(values) as Values<Given>);
}

/** The value, or the answer 422 with every problem in it. */
export function valueOrThrow<T>(checked: Checked<T>): T {
  if (checked.ok) return checked.value;
  const { length } = checked.problems;
  throw new RequestProblem(
    "fields_invalid",
    `Cannot take the request as its fields must be right: ${length} wrong, see errors`,
    { fields: checked.problems.slice(0, PROBLEMS_MAX) },
  );
}
