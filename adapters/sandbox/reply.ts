// What the sandbox does with a call: answer it, leave it hanging, or break its connection.
import type { z } from "zod";

export interface Answer {
  readonly status: number;
  /** A string goes out as it is, anything else as JSON. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly afterMs?: number;
}

export type Reply = Answer | "hang" | "break";

/** A refusal in Konsol's own shape; the shape was seen at the live API. */
export class KonsolError extends Error {
  constructor(readonly status: number, readonly errors: readonly string[]) {
    super(errors.join("; "));
  }
}

export function answerOf(error: KonsolError): Answer {
  return { status: error.status, body: { success: false, errors: error.errors } };
}

/** Runs `execute`, turning a KonsolError into its answer. */
export function answering(execute: () => Answer): Answer {
  try {
    return execute();
  } catch (error) {
    if (error instanceof KonsolError) return answerOf(error);
    throw error;
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new KonsolError(400, ["Тело запроса не является JSON"]);
  }
}

export function parseWith<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new KonsolError(400, [...new Set(parsed.error.issues.map((issue) => issue.message))]);
}
