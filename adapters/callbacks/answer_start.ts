// The start of a receiver's answer as text that is safe to keep and to show.

import { redactText } from "../system/redact.ts";

export const ANSWER_START_BYTES = 4_096;

const CONTROL = /(?![\t\n])\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;
const CUT = "…";

/**
 * At most 4 KiB, of an answer that had `total` bytes. Whoever answers may echo what it was sent, so it is
 * masked as a log line; cut after a letter, as half a card number does not look like one.
 */
export function answerStart(bytes: Uint8Array, total: number): string {
  const text = new TextDecoder().decode(bytes.subarray(0, ANSWER_START_BYTES));
  const whole = total > ANSWER_START_BYTES ? untilLetter(text) + CUT : text;
  return fitted(redactText(whole.replace(CONTROL, " ")));
}

function untilLetter(text: string): string {
  let end = text.length;
  while (end > 0 && /\P{L}/u.test(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** Masks may have made it longer again; no character is cut in two. */
function fitted(text: string): string {
  const buffer = new Uint8Array(ANSWER_START_BYTES);
  const { written } = new TextEncoder().encodeInto(text, buffer);
  return new TextDecoder().decode(buffer.subarray(0, written));
}
