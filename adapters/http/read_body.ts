// Reads a request's body: its bytes counted as they come, its text checked, its JSON an object.

import { type RawFields, shownName } from "./check_fields.ts";
import { valueOrThrow, wrong } from "./checked.ts";
import { RequestProblem } from "./problem.ts";

const BODY_BYTES_MAX = 64 * 1024;
/** Nothing else ends a body that never ends: it would hold its connection, and a shutdown, for ever. */
const BODY_WAIT_MS = 10_000;
const JSON_TYPE = /^application\/json[ \t]*(?:;|$)/i;
const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** The fields of a JSON body; what is not JSON is not even read. */
export async function readFields(request: Request): Promise<RawFields> {
  if (!JSON_TYPE.test(request.headers.get("Content-Type") ?? "")) {
    throw new RequestProblem(
      "content_type_not_json",
      "Cannot read the body as its Content-Type must be application/json",
    );
  }
  const { text, value } = parseJson(await readBody(request));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return valueOrThrow(wrong("body", "invalid_type", "Send a JSON object."));
  }
  const twice = fieldThatIsThereTwice(text);
  if (twice !== undefined) valueOrThrow(wrong(shownName(twice), "duplicate", "Send this once."));
  return value as RawFields;
}

/** The body's bytes, whatever its length is said to be, if they come within `waitMs`. */
export async function readBody(request: Request, waitMs = BODY_WAIT_MS): Promise<Uint8Array> {
  if (Number(request.headers.get("Content-Length")) > BODY_BYTES_MAX) throw tooLarge();
  const reader = request.body?.getReader();
  if (reader === undefined) return new Uint8Array();
  const stop = () => void reader.cancel().catch(() => {});
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    stop();
  }, waitMs);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    while (true) {
      const { done, value } = await reader.read().catch(brokenOff);
      if (isLate) brokenOff();
      if (done) return joined(chunks, bytes);
      bytes += value.byteLength;
      if (bytes > BODY_BYTES_MAX) throw tooLarge();
      chunks.push(value);
    }
  } catch (error) {
    stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first;
  const body = new Uint8Array(bytes);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return body;
}

/** Of a JSON object's own fields: of two amounts nobody knows which one was meant, and others may read the first. */
function fieldThatIsThereTwice(json: string): string | undefined {
  const seen = new Set<unknown>();
  let depth = 0;
  for (const [token, text, colon] of json.matchAll(/("(?:[^"\\]|\\.)*")\s*(:?)|[{}[\]]/g)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (depth === 1 && colon) {
      const name = JSON.parse(text ?? "");
      if (seen.has(name)) return name;
      seen.add(name);
    }
  }
  return undefined;
}

/** Throws for what is not JSON. */
function parseJson(body: Uint8Array): { readonly text: string; readonly value: unknown } {
  try {
    const text = UTF8.decode(body);
    return { text, value: JSON.parse(text) };
  } catch {
    throw new RequestProblem("body_not_json", "Cannot read the body as it must be JSON in UTF-8");
  }
}

function tooLarge(): RequestProblem {
  return new RequestProblem(
    "body_too_large",
    `Cannot read the body as it may have at most ${BODY_BYTES_MAX} bytes`,
  );
}

function brokenOff(): never {
  throw new RequestProblem(
    "body_incomplete",
    "Cannot read the body as it broke off or took too long: send it again",
  );
}
