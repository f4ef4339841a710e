// What payments, invoices, webhooks and callbacks share in SQL: one JSON record a row, listed newest first.

import {
  type Page,
  type PageRequest,
  type Position,
  type RecordFilter,
  TOTAL_LIMIT,
} from "../../application/ports.ts";
import type { Row, SqliteConnection } from "./sqlite_connection.ts";

export interface RecordTable<Item> {
  readonly name: "payments" | "invoices" | "webhooks" | "callbacks";
  /** The column that lists are sorted by, before the id. */
  readonly time: "created_at" | "received_at";
  positionOf(item: Item): Position;
}

/** A part of a WHERE with what is bound in it. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** A bare `LIMIT ?` makes SQLite plan the statement anew at every use: ten times the cost of a small answer. */
export const LIMIT = "LIMIT (? + 0)";

interface Versioned {
  readonly id: string;
  readonly version: number;
}

/**
 * The value goes through JSON like the record's own, so that the two are equal byte for byte:
 * bound as it is, half of a surrogate pair would become another character.
 */
export function equals(column: string, value: string | number): Condition {
  return { sql: `${column} = (? ->> '$')`, values: [JSON.stringify(value)] };
}

/** Absent values do not filter. */
export function equalsGiven(
  columns: Readonly<Record<string, string | number | undefined>>,
): readonly Condition[] {
  return Object.entries(columns).flatMap(([column, value]) =>
    value === undefined ? [] : [equals(column, value)]
  );
}

/** What payments and invoices are both filtered by. */
export function recordConditions(filter: RecordFilter): readonly Condition[] {
  const { status, currency, userId, externalId } = filter;
  const equal = equalsGiven({ status, currency, user_id: userId, external_id: externalId });
  return [...equal, ...createdWithin(filter)];
}

export function createdWithin(
  { createdFrom, createdTo }: Pick<RecordFilter, "createdFrom" | "createdTo">,
): readonly Condition[] {
  return [
    ...(createdFrom === undefined ? [] : [{ sql: "created_at >= ?", values: [createdFrom] }]),
    ...(createdTo === undefined ? [] : [{ sql: "created_at < ?", values: [createdTo] }]),
  ];
}

/** The stored item, or undefined when something unique in it is taken. */
export function insertRecord<Item extends Versioned>(
  connection: SqliteConnection,
  table: RecordTable<Item>,
  item: Item,
): Item | undefined {
  const record = JSON.stringify(item);
  const inserted = connection.run(
    `INSERT INTO ${table.name} (id, version, record) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
    item.id,
    item.version,
    record,
  );
  return inserted === 0 ? undefined : JSON.parse(record);
}

export function findRecord<Item>(
  connection: SqliteConnection,
  table: RecordTable<Item>,
  column: string,
  value: string | undefined,
): Item | undefined {
  if (value === undefined) return undefined;
  const { sql, values } = equals(column, value);
  const row = connection.one(`SELECT record FROM ${table.name} WHERE ${sql}`, ...values);
  return row && parsed(row);
}

/** The item under its next version, or undefined when the stored one is not `before` any more. */
export function replaceRecord<Item extends Versioned>(
  connection: SqliteConnection,
  table: RecordTable<Item>,
  before: Item,
  after: Item,
  fence: readonly Condition[] = [],
): Item | undefined {
  const version = before.version + 1;
  const record = JSON.stringify({ ...after, version });
  const where = all([
    { sql: "id = ? AND version = ?", values: [before.id, before.version] },
    ...fence,
  ]);
  const replaced = connection.run(
    `UPDATE ${table.name} SET version = ?, record = ? WHERE ${where.sql}`,
    version,
    record,
    ...where.values,
  );
  return replaced === 0 ? undefined : JSON.parse(record);
}

export function listRecords<Item>(
  connection: SqliteConnection,
  table: RecordTable<Item>,
  filter: readonly Condition[],
  { perPage, page, after }: PageRequest,
): Page<Item> {
  const older = after &&
    { sql: `(${table.time}, id) < (?, ?)`, values: [after.createdAt, after.id] };
  const where = all(older ? [...filter, older] : filter);
  const rows = connection.all(
    `SELECT record FROM ${table.name} WHERE ${where.sql} ` +
      `ORDER BY ${table.time} DESC, id DESC ${LIMIT} OFFSET (? + 0)`,
    ...where.values,
    perPage + 1,
    after ? 0 : (page - 1) * perPage,
  );
  const items = rows.slice(0, perPage).map((row) => parsed<Item>(row));
  const last = items.at(-1);
  const next = last !== undefined && rows.length > perPage ? table.positionOf(last) : undefined;
  return { items, ...countRecords(connection, table, filter), ...(next && { next }) };
}

/** Those whose time has come, the longest due first. */
export function dueRecords<Item>(
  connection: SqliteConnection,
  table: RecordTable<Item>,
  filter: readonly Condition[],
  now: number,
  limit: number,
): readonly Item[] {
  const where = all([...filter, { sql: "due_at <= ?", values: [now] }]);
  const rows = connection.all(
    `SELECT record FROM ${table.name} WHERE ${where.sql} ORDER BY due_at, id ${LIMIT}`,
    ...where.values,
    limit,
  );
  return rows.map((row) => parsed<Item>(row));
}

function countRecords<Item>(
  connection: SqliteConnection,
  table: RecordTable<Item>,
  filter: readonly Condition[],
): Pick<Page<Item>, "total" | "totalIsLowerBound"> {
  const where = all(filter);
  const row = connection.one(
    `SELECT count(*) AS n FROM (SELECT 1 FROM ${table.name} WHERE ${where.sql} ${LIMIT})`,
    ...where.values,
    TOTAL_LIMIT + 1,
  );
  const counted = Number(row?.n);
  return { total: Math.min(counted, TOTAL_LIMIT), totalIsLowerBound: counted > TOTAL_LIMIT };
}

function all(conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.map(({ sql }) => sql).join(" AND ") || "TRUE",
    values: conditions.flatMap(({ values }) => values),
  };
}

function parsed<Item>(row: Row): Item {
  return JSON.parse(String(row.record));
}
