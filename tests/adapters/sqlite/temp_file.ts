// A file of a test's own, mostly a database, in a folder that is gone afterwards.

import { DatabaseSync } from "node:sqlite";

export async function withFile(test: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(`${folder}/payments.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Does something to the file as another program would. */
export function asOther<Answer>(path: string, act: (database: DatabaseSync) => Answer): Answer {
  const database = new DatabaseSync(path);
  try {
    return act(database);
  } finally {
    database.close();
  }
}
