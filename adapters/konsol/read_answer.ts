// Reads an HTTP answer to its end, within a limit, and says in what way one is broken.

export const ANSWER_BYTES_MAX = 1_048_576;

export interface Answer {
  readonly kind: "answer";
  readonly status: number;
  readonly retryAfter?: string;
  readonly body: string;
  /** Undefined when the body is not JSON. */
  readonly json?: unknown;
}

export type BrokenReason = "timeout" | "reset" | "body_too_large" | "bad_body" | "failed";

/** The request may have been executed; `status` is set when the answer had begun. */
export interface Broken {
  readonly kind: "broken";
  readonly reason: BrokenReason;
  readonly status?: number;
}

/** What Deno 2.9.6 says of a connection that ended too early, before the answer or in its body. */
const RESET =
  /connection closed before message completed|reset by peer|broken pipe|error reading a body/i;

export async function readAnswer(
  response: Response,
  signal: AbortSignal,
  bytesMax = ANSWER_BYTES_MAX,
): Promise<Answer | Broken> {
  const { status } = response;
  try {
    const bytes = await readBytes(response, bytesMax);
    if (bytes === undefined) return { kind: "broken", reason: "body_too_large", status };
    const body = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const retryAfter = response.headers.get("retry-after") ?? undefined;
    return { kind: "answer", status, retryAfter, body, json: parseJson(body) };
  } catch (error) {
    const reason = brokenBecause(error, signal);
    return { kind: "broken", reason: reason === "failed" ? "bad_body" : reason, status };
  }
}

export function brokenBecause(error: unknown, signal: AbortSignal): BrokenReason {
  if (signal.aborted) return "timeout";
  if (!(error instanceof Error)) return "failed";
  const cause = error.cause instanceof Error ? error.cause.message : "";
  return RESET.test(`${error.message} ${cause}`) ? "reset" : "failed";
}

/** Undefined when there are more than `bytesMax`; the rest is then left unread. */
async function readBytes({ body }: Response, bytesMax: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > bytesMax) return undefined;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
