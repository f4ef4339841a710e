// Makes the collections, validators and indexes that are missing, and refuses those that are not as planned.

import type { Db, Document } from "mongodb";
import { isDeepStrictEqual } from "node:util";
import type { CollectionPlan, PlannedIndex } from "./collection_plan.ts";
import { BOUNDED } from "./mongo_connection.ts";

/** Above so many documents an index is not built by a start: that takes minutes, and a person's time of day. */
const BUILD_DOCUMENTS_MAX = 100_000;
const BUILD_MS_MAX = 60_000;
const NAMESPACE_EXISTS = 48;

/** Any number of instances may do so at once. Throws, saying what to do, when a person must. */
export async function prepareCollections(
  database: Db,
  plans: readonly CollectionPlan[],
  buildDocumentsMax = BUILD_DOCUMENTS_MAX,
): Promise<void> {
  const existing = await database.listCollections({}, BOUNDED).toArray();
  const optionsOf = new Map(existing.map((one) => [one.name, "options" in one ? one.options : {}]));
  await Promise.all(plans.map(async (plan) => {
    await prepareValidator(database, plan, optionsOf.get(plan.name));
    await prepareIndexes(database, plan, buildDocumentsMax);
  }));
}

async function prepareValidator(
  database: Db,
  { name, schema }: CollectionPlan,
  options: Document | undefined,
): Promise<void> {
  const validator = { $jsonSchema: schema };
  if (options === undefined) {
    const isNew = await database.createCollection(name, { validator, ...BOUNDED })
      .then(() => true, (error) => {
        if (error?.code !== NAMESPACE_EXISTS) throw error;
        return false;
      });
    if (isNew) return;
  } else if (isDeepStrictEqual(options.validator, validator)) return;
  await database.command({ collMod: name, validator, ...BOUNDED });
}

async function prepareIndexes(
  database: Db,
  { name, indexes }: CollectionPlan,
  buildDocumentsMax: number,
): Promise<void> {
  if (indexes.length === 0) return;
  const collection = database.collection(name);
  const existing = await collection.listIndexes(BOUNDED).toArray();
  const missing = indexes.filter((index) => !isThere(name, index, existing));
  if (missing.length > 0) {
    const documents = await collection.estimatedDocumentCount(BOUNDED);
    if (documents > buildDocumentsMax) throw new Error(advice(name, documents, missing));
  }
  // A list shows an index from the moment that its build begins, and until that ends it keeps nothing
  // unique. Asking for it again waits for that; of one that is ready nothing is built.
  const asked = indexes.filter((index) => index.unique === true || missing.includes(index));
  if (asked.length === 0) return;
  const described = asked.map((index) => ({ ...index, key: { ...index.key } }));
  await collection.createIndexes(described, { maxTimeMS: BUILD_MS_MAX });
}

/** Throws for one of the same name that is another index. */
function isThere(collection: string, index: PlannedIndex, existing: readonly Document[]): boolean {
  const found = existing.find(({ name }) => name === index.name);
  if (found === undefined) return false;
  const asPlanned = isDeepStrictEqual(found.key, index.key) &&
    isDeepStrictEqual(Object.keys(found.key), Object.keys(index.key)) &&
    (found.unique === true) === (index.unique === true) &&
    isDeepStrictEqual(found.partialFilterExpression, index.partialFilterExpression);
  if (asPlanned) return true;
  throw new Error(
    `its index ${index.name} of ${collection} is another one than this program needs: drop it`,
  );
}

/** The commands, ready for mongosh: built by a person, at a quiet time. */
function advice(collection: string, documents: number, missing: readonly PlannedIndex[]): string {
  const commands = missing.map(({ key, ...options }) =>
    `db.${collection}.createIndex(${inShell(key)}, ${inShell(options)})`
  );
  return `${collection} has about ${documents} documents and lacks indexes; build them first: ` +
    commands.join("; ");
}

function inShell(value: unknown): string {
  return JSON.stringify(value).replaceAll(/"(-?\d{4,6}-\d\d-\d\dT[^"]+)"/g, 'ISODate("$1")');
}
