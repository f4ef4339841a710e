// Reads the one value that a PRAGMA answers.

import type { DatabaseSync, SQLOutputValue } from "node:sqlite";

export function readPragma(database: DatabaseSync, pragma: string): SQLOutputValue | undefined {
  const row = database.prepare(`PRAGMA ${pragma}`).get();
  return row && Object.values(row)[0];
}
