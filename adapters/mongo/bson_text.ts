// Texts as BSON strings, exactly: half of a surrogate pair, which UTF-8 lacks, is written in letters.

/** A noncharacter, which no text in use has; where it does occur it is written in letters, too. */
const MARK = "\uffff";
const LETTERS = 4;
const UNWRITABLE = /\p{Surrogate}|\uffff/gu;
const WRITTEN = /\uffff([0-9a-f]{4})/g;

/** Different texts stay different, and all but strange ones stay as they are. */
export function toBsonText(text: string): string {
  return text.replaceAll(
    UNWRITABLE,
    (unit) => MARK + unit.charCodeAt(0).toString(16).padStart(LETTERS, "0"),
  );
}

export function fromBsonText(text: string): string {
  return text.replaceAll(WRITTEN, (_, letters) => String.fromCharCode(parseInt(letters, 16)));
}
