// What payments, invoices and webhooks share in MongoDB: one document a record, listed newest first.

import type { Collection, Document } from "mongodb";
import { type Page, type PageRequest, TOTAL_LIMIT } from "../../application/ports.ts";
import { StoreUnavailable } from "../../application/store_unavailable.ts";
import { dueUntil, equalsGiven, olderThan } from "./conditions.ts";
import { BOUNDED, LINEARIZABLE, type MongoConnection, type Stored } from "./mongo_connection.ts";
import { takenField } from "./mongo_errors.ts";
import type { RecordMapping, Versioned } from "./record_mapping.ts";

/** How often an insert is tried again whose handle was taken by what is gone since. */
const RACES_MAX = 5;

export class MongoTable<Item extends Versioned> {
  readonly #connection: MongoConnection;
  readonly #mapping: RecordMapping<Item>;

  constructor(connection: MongoConnection, mapping: RecordMapping<Item>) {
    this.#connection = connection;
    this.#mapping = mapping;
  }

  /**
   * One atomic step on the unique indexes: the stored item, or what `find` finds when something unique in
   * it is taken. `find` must read linearizably: what it gives is told to a client as stored.
   */
  async insertOrFind<Found>(
    item: Item,
    find: () => Promise<Found | undefined>,
    more: Document = {},
  ): Promise<{ readonly inserted: Item } | { readonly found: Found }> {
    const { noun, toDocument, fromDocument } = this.#mapping;
    const document = { ...toDocument(item), ...more };
    for (let race = 0; race < RACES_MAX; race++) {
      const taken = await this.insert(document);
      if (taken === undefined) return { inserted: fromDocument(document) };
      const found = await find();
      if (found !== undefined) return { found };
      if (taken === "_id" || taken === "konsol_id") {
        throw new Error(`Cannot insert ${noun} ${item.id} as its ${taken} is another one's`);
      }
    }
    throw new StoreUnavailable(`Cannot insert the ${noun} as what is in its way comes and goes`);
  }

  /** The field that is taken, or undefined when it was stored. */
  async insert(document: Document): Promise<string | undefined> {
    try {
      await this.#ask((all) => all.insertOne(document as Stored, BOUNDED));
      return undefined;
    } catch (error) {
      const taken = takenField(error);
      if (taken === undefined) throw error;
      return taken;
    }
  }

  find(name: string, value: string): Promise<Item | undefined> {
    return this.#findOne(name, value, BOUNDED);
  }

  /** What it shows can never be rolled back; `name` must be unique. */
  findForGood(name: string, value: string | undefined): Promise<Item | undefined> {
    if (value === undefined) return Promise.resolve(undefined);
    return this.#findOne(name, value, LINEARIZABLE);
  }

  /** The item under its next version, or undefined when the stored one is not `before` any more. */
  async replace(before: Item, after: Item, more: Document = {}): Promise<Item | undefined> {
    const document = this.#mapping.toDocument({ ...after, version: before.version + 1 });
    const isBefore = equalsGiven({ _id: before.id, version: before.version });
    const replaced = await this.replaceWith(isBefore, document, more);
    return replaced && this.#mapping.fromDocument(document);
  }

  /**
   * One update of one document that passes the filter: replaced by `document` and the expressions in `more`.
   * Gives the fields in `shown` of what is stored then, or undefined when none passed.
   */
  async replaceWith(
    filter: Document,
    document: Document,
    more: Document,
    shown: Document = {},
  ): Promise<Document | undefined> {
    const change = [{ $replaceWith: { $mergeObjects: [{ $literal: document }, more] } }];
    const projection = { _id: 1, ...shown };
    const options = { ...BOUNDED, returnDocument: "after" as const, projection };
    return await this.#ask((all) => all.findOneAndUpdate(filter, change, options)) ?? undefined;
  }

  async list(filter: Document, { perPage, page, after }: PageRequest): Promise<Page<Item>> {
    const { time, positionOf } = this.#mapping;
    const where = after ? { $and: [filter, olderThan(time, after)] } : filter;
    const [items, total] = await Promise.all([
      this.#findAll((all) =>
        all.find(where, BOUNDED)
          .sort({ [time]: -1, _id: -1 })
          .skip(after ? 0 : (page - 1) * perPage)
          .limit(perPage + 1)
          .toArray()
      ),
      this.count(filter, TOTAL_LIMIT + 1),
    ]);
    const shown = items.slice(0, perPage);
    const last = shown.at(-1);
    return {
      items: shown,
      total: Math.min(total, TOTAL_LIMIT),
      totalIsLowerBound: total > TOTAL_LIMIT,
      ...(last !== undefined && items.length > perPage && { next: positionOf(last) }),
    };
  }

  /** Those whose time has come, the longest due first. */
  async due(filter: Document, now: number, limit: number): Promise<readonly Item[]> {
    this.#connection.assertOpen();
    if (limit === 0) return [];
    return await this.#findAll((all) =>
      all.find({ ...filter, ...dueUntil(now) }, BOUNDED)
        .sort({ due_at: 1, _id: 1 })
        .limit(limit)
        .toArray()
    );
  }

  async first(filter: Document, sort: Record<string, 1 | -1>): Promise<Item | undefined> {
    const [item] = await this.#findAll((all) =>
      all.find(filter, BOUNDED).sort(sort).limit(1).toArray()
    );
    return item;
  }

  /** To `limit` at most. */
  async count(filter: Document, limit: number): Promise<number> {
    this.#connection.assertOpen();
    if (limit === 0) return 0;
    return await this.#ask((all) => all.countDocuments(filter, { ...BOUNDED, limit }));
  }

  async #findOne(
    name: string,
    value: string,
    reading: typeof BOUNDED | typeof LINEARIZABLE,
  ): Promise<Item | undefined> {
    const [item] = await this.#findAll(async (all) => {
      const document = await all.findOne(equalsGiven({ [name]: value }), reading);
      return document === null ? [] : [document];
    });
    return item;
  }

  async #findAll(find: (all: Collection<Stored>) => Promise<Document[]>): Promise<Item[]> {
    const documents = await this.#ask(find);
    const { complete, fromDocument } = this.#mapping;
    const whole = await complete?.(this.#connection, documents) ?? documents;
    return whole.map((document) => fromDocument(document));
  }

  #ask<Answer>(use: (all: Collection<Stored>) => Promise<Answer>): Promise<Answer> {
    return this.#connection.askIn(this.#mapping.collection, use);
  }
}
