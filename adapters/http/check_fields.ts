// Checks each field of a body or query by itself against a table of zod schemas.

import type { z } from "zod";
import { redactText } from "../system/redact.ts";
import { type Checked, FINE, wrong } from "./checked.ts";

/** By wire name: what each field must be. Fields that it does not have are unknown. */
export type FieldTable = Readonly<Record<string, z.ZodType>>;
export type RawFields = Readonly<Record<string, unknown>>;

export type CheckedFields<Table extends FieldTable> = {
  readonly [Name in keyof Table]: Checked<z.output<Table[Name]>>;
};

const FIELD_NAME_LENGTH_MAX = 64;

export function checkFields<Table extends FieldTable>(
  table: Table,
  raw: RawFields,
): CheckedFields<Table> {
  const checked = Object.entries(table).map(([name, schema]) => {
    const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
    return [name, checkField(name, schema, value)] as const;
  });
  return Object.fromEntries(checked) as CheckedFields<Table>;
}

export function noUnknownFields(table: FieldTable, raw: RawFields): Checked<unknown> {
  const unknown = Object.keys(raw).filter((name) => !Object.hasOwn(table, name));
  if (unknown.length === 0) return FINE;
  const problems = unknown.map((name) => ({
    field: shownName(name),
    code: "unknown_field",
    message: "Leave this out: there is no field of this name.",
  }));
  return { ok: false, problems };
}

/** A name that a client chose, which may be a card number by mistake. */
export function shownName(name: string): string {
  return redactText(name).slice(0, FIELD_NAME_LENGTH_MAX).toWellFormed();
}

export function notEmpty(raw: RawFields): Checked<unknown> {
  if (Object.keys(raw).length > 0) return FINE;
  return wrong("body", "empty", "Send at least one field to change.");
}

function checkField(field: string, schema: z.ZodType, value: unknown): Checked<unknown> {
  const answer = schema.safeParse(value);
  if (answer.success) return { ok: true, value: answer.data };
  if (value === undefined) return wrong(field, "required", "Send this field: it is required.");
  const [code, message] = describe(answer.error.issues[0]);
  return wrong(field, code, message);
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a JSON string",
  int: "a whole JSON number",
};

/** A stable code, and what to do; never what was sent. */
function describe(issue: z.core.$ZodIssue | undefined): [code: string, message: string] {
  const isText = issue?.code === "too_big" && issue.origin === "string";
  switch (issue?.code) {
    case "custom":
      return [String(issue.params?.code), issue.message];
    case "invalid_type":
      return ["invalid_type", `Send ${KINDS[issue.expected] ?? issue.expected}.`];
    case "invalid_union":
      return ["invalid_type", issue.message];
    case "invalid_value":
      return ["invalid_value", `Send one of: ${issue.values.map(String).join(", ")}.`];
    case "too_big":
      return isText
        ? ["too_long", `Send at most ${issue.maximum} characters.`]
        : ["too_large", `Send at most ${issue.maximum}.`];
    case "too_small":
      return ["too_small", `Send ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}.`];
    default:
      return ["invalid_value", "Send another value."];
  }
}
