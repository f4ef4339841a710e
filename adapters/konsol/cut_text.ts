// Keeps what the provider says short.

/** At most `lengthMax` UTF-16 units, and no half of a character at the end. */
export function cutText(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : text.slice(0, lengthMax).replace(/[\uD800-\uDBFF]$/, "");
}
