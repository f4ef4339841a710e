// Reads a Retry-After header (RFC 9110, 10.2.3): seconds, or a date.

const SECONDS = /^[0-9]{1,9}$/;
/** `Sun, 06 Nov 1994 08:49:37 GMT` and the two obsolete forms; Date.parse() alone takes nearly any word. */
const DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? .{6,11} [0-9]{2}:[0-9]{2}:[0-9]{2} /;

/** As a wait from `now`, in milliseconds, never negative; undefined when it is neither. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (SECONDS.test(text)) return Number(text) * 1_000;
  if (!DATE.test(`${text} `)) return undefined;
  // The form of asctime() names no zone: it means GMT as the others.
  const at = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
