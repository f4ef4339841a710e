// The mark in a database that another store's history is being copied into: no service starts on half of it.

import type { Document } from "mongodb";
import { CONTROL } from "./mongo_control_store.ts";
import { BOUNDED, type MongoConnection } from "./mongo_connection.ts";

const _id = "store_copy_unfinished";

/** The lineage of the store that is being copied, or undefined. */
export async function readUnfinishedCopy(connection: MongoConnection): Promise<string | undefined> {
  const mark = await connection.askIn(CONTROL, (all) => all.findOne({ _id }, BOUNDED));
  return mark === null ? undefined : String(JSON.parse(mark.value));
}

export async function markUnfinishedCopy(
  connection: MongoConnection,
  lineage: string,
): Promise<void> {
  const mark: Document = { version: 1, value: JSON.stringify(lineage) };
  await connection.askIn(
    CONTROL,
    (all) => all.replaceOne({ _id }, mark, { ...BOUNDED, upsert: true }),
  );
}

export async function finishCopy(connection: MongoConnection): Promise<void> {
  await connection.askIn(CONTROL, (all) => all.deleteOne({ _id }, BOUNDED));
}

/** Its queue is also the other store's: sent from both, it would be paid twice. */
export async function refuseUnfinishedCopy(connection: MongoConnection): Promise<void> {
  if (await readUnfinishedCopy(connection) === undefined) return;
  throw new Error("a copy into it is unfinished: finish it with deno task copy");
}

/** Not counted among the values that are copied. */
export const UNFINISHED_COPY_KEY = _id;
