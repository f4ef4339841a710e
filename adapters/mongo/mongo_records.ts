// What payments, invoices and webhooks share in MongoDB: one document a record, listed newest first.

import type { Document, Filter } from "mongodb";
import {
  type Page,
  type PageRequest,
  type Position,
  type RecordFilter,
  TOTAL_LIMIT,
} from "../../application/ports.ts";
import { StoreUnavailable } from "../../application/store_unavailable.ts";
import { dateFrom, dateTo, FIRST_DATE, NUMBER, text } from "./document_fields.ts";
import { BOUNDED, LINEARIZABLE, type MongoConnection, type Stored } from "./mongo_connection.ts";
import { takenField } from "./mongo_errors.ts";
import type { RecordMapping, Versioned } from "./record_mapping.ts";

export type Condition = Filter<Stored>;

/** How often an insert is tried again whose handle was taken by what is gone since. */
const RACES_MAX = 5;

/** Absent values do not filter. */
export function equalsGiven(
  fields: Readonly<Record<string, string | number | undefined>>,
): Document {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, written(value!)]));
}

/** What payments and invoices are both filtered by. */
export function recordConditions(filter: RecordFilter): Document {
  const { status, currency, userId, externalId, createdFrom, createdTo } = filter;
  const created = {
    ...(createdFrom !== undefined && { $gte: dateFrom(createdFrom) }),
    ...(createdTo !== undefined && { $lt: dateFrom(createdTo) }),
  };
  return {
    ...equalsGiven({ status, currency, user_id: userId, external_id: externalId }),
    ...(Object.keys(created).length > 0 && { created_at: created }),
  };
}

/**
 * One atomic step on the unique indexes: the stored item, or what `find` finds when something unique in
 * it is taken. `find` reads linearizably: what it gives is told to a client as stored.
 */
export async function insertOrFind<Item extends Versioned, Found>(
  connection: MongoConnection,
  mapping: RecordMapping<Item>,
  document: Document,
  find: () => Promise<Found | undefined>,
): Promise<{ readonly inserted: Item } | { readonly found: Found }> {
  for (let race = 0; race < RACES_MAX; race++) {
    const taken = await insertDocument(connection, mapping.collection, document);
    if (taken === undefined) return { inserted: mapping.fromDocument(document) };
    const found = await find();
    if (found !== undefined) return { found };
    if (taken === "_id") {
      throw new Error(
        `Cannot insert ${mapping.noun} ${document._id} as its id is another one's`,
      );
    }
    if (taken === "konsol_id") {
      throw new Error(
        `Cannot insert ${mapping.noun} ${document._id} as its konsolId is another one's`,
      );
    }
  }
  throw new StoreUnavailable(
    `Cannot insert the ${mapping.noun} as what is in its way comes and goes`,
  );
}

/** The field that is taken, or undefined when it was stored. */
export async function insertDocument(
  connection: MongoConnection,
  collection: string,
  document: Document,
): Promise<string | undefined> {
  try {
    await connection.askIn(collection, (all) => all.insertOne(document as Stored, BOUNDED));
    return undefined;
  } catch (error) {
    const taken = takenField(error);
    if (taken === undefined) throw error;
    return taken;
  }
}

export async function findRecord<Item extends Versioned>(
  connection: MongoConnection,
  mapping: RecordMapping<Item>,
  name: string,
  value: string | undefined,
  reading: typeof BOUNDED | typeof LINEARIZABLE = BOUNDED,
): Promise<Item | undefined> {
  connection.assertOpen();
  if (value === undefined) return undefined;
  const document = await connection.askIn(
    mapping.collection,
    (all) => all.findOne(equalsGiven({ [name]: value }), reading),
  );
  return document === null ? undefined : mapping.fromDocument(document);
}

/** The item under its next version, or undefined when the stored one is not `before` any more. */
export async function replaceRecord<Item extends Versioned>(
  connection: MongoConnection,
  mapping: RecordMapping<Item>,
  before: Item,
  after: Item,
): Promise<Item | undefined> {
  const document = mapping.toDocument({ ...after, version: before.version + 1 });
  const { _id, ...fields } = document;
  const replaced = await connection.askIn(mapping.collection, (all) =>
    all.findOneAndReplace(
      equalsGiven({ _id: before.id, version: before.version }),
      fields,
      { ...BOUNDED, projection: { _id: 1 } },
    ));
  return replaced === null ? undefined : mapping.fromDocument(document);
}

export async function listRecords<Item extends Versioned>(
  connection: MongoConnection,
  mapping: RecordMapping<Item>,
  filter: Document,
  { perPage, page, after }: PageRequest,
): Promise<Page<Item>> {
  const where = after ? { $and: [filter, olderThan(mapping.time, after)] } : filter;
  const [documents, total] = await Promise.all([
    connection.askIn(mapping.collection, (all) =>
      all.find(where, BOUNDED)
        .sort({ [mapping.time]: -1, _id: -1 })
        .skip(after ? 0 : (page - 1) * perPage)
        .limit(perPage + 1)
        .toArray()),
    countRecords(connection, mapping.collection, filter, TOTAL_LIMIT + 1),
  ]);
  const items = documents.slice(0, perPage).map((document) => mapping.fromDocument(document));
  const last = items.at(-1);
  const next = last !== undefined && documents.length > perPage
    ? mapping.positionOf(last)
    : undefined;
  return {
    items,
    total: Math.min(total, TOTAL_LIMIT),
    totalIsLowerBound: total > TOTAL_LIMIT,
    ...(next && { next }),
  };
}

/** The bound that both parts share lets the index be entered at the cursor. */
function olderThan(time: string, { createdAt, id }: Position): Document {
  const at = dateTo(createdAt);
  const sameTime = Number.isInteger(createdAt)
    ? { [time]: at, _id: { $lt: text().write(id) } }
    : { [time]: at };
  return { [time]: { $lte: at }, $or: [{ [time]: { $lt: at } }, sameTime] };
}

/** Those whose time has come, the longest due first. */
export async function dueRecords<Item extends Versioned & { readonly dueAt?: number }>(
  connection: MongoConnection,
  mapping: RecordMapping<Item>,
  filter: Document,
  now: number,
  limit: number,
): Promise<readonly Item[]> {
  connection.assertOpen();
  if (limit === 0) return [];
  const documents = await connection.askIn(
    mapping.collection,
    (all) =>
      all.find({ ...filter, due_at: { $gte: FIRST_DATE, $lte: dateTo(now) } }, BOUNDED)
        .sort({ due_at: 1, _id: 1 })
        .limit(limit)
        .toArray(),
  );
  return documents.map((document) => mapping.fromDocument(document));
}

/** To `limit` at most. */
export async function countRecords(
  connection: MongoConnection,
  collection: string,
  filter: Document,
  limit: number,
): Promise<number> {
  connection.assertOpen();
  if (limit === 0) return 0;
  return await connection.askIn(
    collection,
    (all) => all.countDocuments(filter, { ...BOUNDED, limit }),
  );
}

function written(value: string | number): unknown {
  return typeof value === "string" ? text().write(value) : NUMBER.write(value);
}
