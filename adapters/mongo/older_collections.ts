// Where documents of the seed's shape are, and how they are taken out: set aside first, each removed when it is over.

import type { Db, Document, MongoClient } from "mongodb";
import { connectMongo } from "./connect_mongo.ts";
import { json } from "./document_fields.ts";
import { INVOICES } from "./invoice_document.ts";
import { BOUNDED } from "./mongo_connection.ts";
import { CONTROL } from "./mongo_control_store.ts";
import { PAYMENTS } from "./payment_document.ts";
import { WEBHOOKS } from "./webhook_document.ts";

export const OLDER_KINDS = ["payments", "invoices", "webhooks"] as const;
export type OlderKind = (typeof OLDER_KINDS)[number];

/** `newField`: one that every document of ours has and none of the seed's. */
const PLACES: Readonly<Record<OlderKind, { ours: string; beanie: string; newField: string }>> = {
  payments: { ours: PAYMENTS.collection, beanie: "KonsolPayment", newField: "amount_minor" },
  invoices: { ours: INVOICES.collection, beanie: "KonsolInvoice", newField: "amount_minor" },
  webhooks: { ours: WEBHOOKS.collection, beanie: "KonsolWebhookLog", newField: "body_hash" },
};

/** While older documents are taken over, no service starts: what is still out would not be known to it. */
const MARK = "store_migration_unfinished";
/** A person has taken all over, or said that the rest is left: what still lies there stops no start. */
const DONE = "store_migration_finished";
const COUNT = { maxTimeMS: 60_000 } as const;

export class OlderCollections {
  readonly #client: MongoClient;
  readonly #database: Db;

  private constructor(client: MongoClient, database: Db) {
    this.#client = client;
    this.#database = database;
  }

  static async open(url: string): Promise<OlderCollections> {
    const { client, database } = await connectMongo(url);
    return new OlderCollections(client, client.db(database));
  }

  /**
   * Our collections start empty: one that holds the seed's documents is renamed, at once and as a whole.
   * The mark comes first, so that no service starts in between.
   */
  async setAside(): Promise<void> {
    const mark = { version: 1, value: "true" };
    await this.#database.collection<Document & { _id: string }>(CONTROL)
      .replaceOne({ _id: MARK }, mark, { ...BOUNDED, upsert: true });
    const existing = new Set(await this.#names());
    for (const { ours, newField } of Object.values(PLACES)) {
      if (!existing.has(ours) || existing.has(asideOf(ours))) continue;
      const older = { [newField]: { $exists: false } };
      if (await this.#database.collection(ours).findOne(older, BOUNDED) === null) continue;
      await this.#database.renameCollection(ours, asideOf(ours));
    }
  }

  async finish(): Promise<void> {
    const control = this.#database.collection<Document & { _id: string }>(CONTROL);
    const done = { version: 1, value: "true" };
    await control.replaceOne({ _id: DONE }, done, { ...BOUNDED, upsert: true });
    await control.deleteOne({ _id: MARK }, BOUNDED);
  }

  /** As the service would read it. */
  async sharedValue(_id: string): Promise<string | undefined> {
    const stored = await sharedDocument(this.#database, _id);
    return stored === null ? undefined : json<string>().read(stored.value);
  }

  /** Before it is set aside it lies under our own name. */
  async sources(kind: OlderKind): Promise<readonly string[]> {
    const { ours, beanie } = PLACES[kind];
    const existing = await this.#names();
    const wanted = existing.includes(asideOf(ours))
      ? [asideOf(ours), beanie]
      : [ours, asideOf(ours), beanie];
    return wanted.filter((name) => existing.includes(name));
  }

  async count(kind: OlderKind): Promise<number> {
    let count = 0;
    for (const name of await this.sources(kind)) {
      count += await this.#database.collection(name).countDocuments(olderOf(kind), COUNT);
    }
    return count;
  }

  /** In the order of their ids, which may be of any type; each may be removed meanwhile. */
  documents(kind: OlderKind, source: string): AsyncIterable<Document> {
    return this.#database.collection(source).find(olderOf(kind), BOUNDED).sort({ _id: 1 });
  }

  /** Documents of ours that lay among the older ones go back to where they were. */
  async returnOurs(): Promise<void> {
    const existing = await this.#names();
    for (const { ours, newField } of Object.values(PLACES)) {
      if (!existing.includes(asideOf(ours))) continue;
      const aside = this.#database.collection(asideOf(ours));
      // As they are: a long that was read as a number would be written as another type.
      const exactly = { ...BOUNDED, promoteValues: false };
      for await (const document of aside.find({ [newField]: { $exists: true } }, exactly)) {
        const { _id, ...fields } = document;
        const options = { ...BOUNDED, upsert: true };
        await this.#database.collection(ours).updateOne({ _id }, { $setOnInsert: fields }, options);
        await aside.deleteOne({ _id }, BOUNDED);
      }
    }
  }

  /** Only once what was made of it is stored for good. */
  async remove(source: string, _id: unknown): Promise<void> {
    await this.#database.collection(source).deleteOne({ _id } as Document, BOUNDED);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #names(): Promise<readonly string[]> {
    const listed = await this.#database.listCollections({}, { nameOnly: true, ...BOUNDED })
      .toArray();
    return listed.map(({ name }) => name);
  }
}

export async function isMarked(database: Db): Promise<boolean> {
  return await hasValue(database, MARK);
}

/** The first collection under Beanie's name that still holds documents nobody has decided about. */
export async function untakenCollection(database: Db): Promise<string | undefined> {
  if (await hasValue(database, DONE)) return undefined;
  for (const { beanie } of Object.values(PLACES)) {
    if (await database.collection(beanie).findOne({}, BOUNDED) !== null) return beanie;
  }
  return undefined;
}

async function hasValue(database: Db, _id: string): Promise<boolean> {
  return await sharedDocument(database, _id) !== null;
}

function sharedDocument(database: Db, _id: string): Promise<Document | null> {
  return database.collection<Document & { _id: string }>(CONTROL).findOne({ _id }, BOUNDED);
}

function olderOf(kind: OlderKind): Document {
  return { [PLACES[kind].newField]: { $exists: false } };
}

function asideOf(collection: string): string {
  return `${collection}_older`;
}
