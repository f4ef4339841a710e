// The ids that Konsol gives: which are taken for one, and how one gets into a URL.

/** UUIDs were seen live, `payment_123` in the seed; dots alone would climb in a path. */
const KONSOL_ID = /^(?!\.{1,2}$)[A-Za-z0-9._:-]{1,128}$/;

/** An id from a string or a whole number; undefined for whatever could not be asked for again. */
export function readKonsolId(value: unknown): string | undefined {
  const text = Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === "string" && KONSOL_ID.test(text) ? text : undefined;
}
