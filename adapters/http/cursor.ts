// Where a page of a list ended, as the opaque text that a client gives back for the next one.

import { Buffer } from "node:buffer";
import type { Position } from "../../application/ports.ts";
import { type Parsed, parsed, unparsed } from "../../domain/parsed.ts";

const POSITION = /^(0|[1-9][0-9]{0,14}):([!-~]{1,128})$/;

export function cursorOf(position: Position): string {
  return Buffer.from(`${position.createdAt}:${position.id}`).toString("base64url");
}

/** Takes only what cursorOf() could have made. Code: `cursor_invalid`. */
export function parseCursor(cursor: string): Parsed<Position> {
  const text = Buffer.from(cursor, "base64url").toString("latin1");
  const [, createdAt, id] = POSITION.exec(text) ?? [];
  const position = { createdAt: Number(createdAt), id: id ?? "" };
  if (id === undefined || cursorOf(position) !== cursor) {
    return unparsed("cursor_invalid", "Send the next_cursor of the page before, unchanged.");
  }
  return parsed(position);
}
