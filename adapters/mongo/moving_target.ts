// A MongoDB database as the target of a move: takes records as they are, again and again, and gives them back.

import type { AnyBulkWriteOperation, Document } from "mongodb";
import { CARD_KEY_MARK } from "../../application/card_key_check.ts";
import type { Payment } from "../../domain/payment.ts";
import type { StoredEvent } from "../../domain/payment_news.ts";
import { CALLBACKS } from "./callback_document.ts";
import { COLLECTION_PLANS } from "./collection_plans.ts";
import { connectMongo } from "./connect_mongo.ts";
import { json, text } from "./document_fields.ts";
import { EVENTS, listedDocument, listedEvent } from "./event_document.ts";
import { moveTail } from "./history_tail.ts";
import { INVOICES } from "./invoice_document.ts";
import { BOUNDED, MongoConnection, type Stored } from "./mongo_connection.ts";
import { CONTROL } from "./mongo_control_store.ts";
import { takenField } from "./mongo_errors.ts";
import { PAYMENTS } from "./payment_document.ts";
import { prepareCollections } from "./prepare_collections.ts";
import type { RecordMapping, Versioned } from "./record_mapping.ts";
import { refuseOlderShape } from "./refuse_older_shape.ts";
import {
  finishCopy,
  markUnfinishedCopy,
  readUnfinishedCopy,
  UNFINISHED_COPY_KEY,
} from "./unfinished_copy.ts";
import { WEBHOOKS } from "./webhook_document.ts";

interface Entry {
  readonly id: string;
  readonly value: unknown;
}

type RecordKind = "payments" | "invoices" | "webhooks" | "callbacks";
type Kind = RecordKind | "events" | "control";

const MAPPINGS = {
  payments: PAYMENTS,
  invoices: INVOICES,
  webhooks: WEBHOOKS,
  callbacks: CALLBACKS,
} as const;

/** A count of all documents may take longer than a request's call may. */
const COUNT = { maxTimeMS: 60_000 } as const;

export class MovingTarget {
  readonly #connection: MongoConnection;

  private constructor(connection: MongoConnection) {
    this.#connection = connection;
  }

  /** `readOnly`: makes no collections and no indexes. */
  static async open(url: string, { readOnly = false } = {}): Promise<MovingTarget> {
    const { client, database } = await connectMongo(url);
    try {
      await refuseOlderShape(client.db(database));
      if (!readOnly) await prepareCollections(client.db(database), COLLECTION_PLANS);
      return new MovingTarget(new MongoConnection(client, database, COUNT.maxTimeMS));
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /** The lineage of the store whose copy is unfinished here. */
  unfinished(): Promise<string | undefined> {
    return readUnfinishedCopy(this.#connection);
  }

  /** The key of a service that was started here before has hashed nothing: the source's takes its place. */
  async begin(lineage: string): Promise<void> {
    await markUnfinishedCopy(this.#connection, lineage);
    const _id = CARD_KEY_MARK;
    await this.#connection.askIn(CONTROL, (all) => all.deleteOne({ _id }, BOUNDED));
  }

  /** What speaks against a copy into this database; the key of a service that only looked in does not. */
  async countOwn(kind: Kind): Promise<number> {
    return await this.#countWithout(kind, [UNFINISHED_COPY_KEY, CARD_KEY_MARK]);
  }

  finish(): Promise<void> {
    return finishCopy(this.#connection);
  }

  async count(kind: Kind): Promise<number> {
    return await this.#countWithout(kind, [UNFINISHED_COPY_KEY]);
  }

  async #countWithout(kind: Kind, values: readonly string[]): Promise<number> {
    const where = kind === "control" ? { _id: { $nin: [...values] } } : {};
    return await this.#connection.askIn(
      collectionOf(kind),
      (all) => all.countDocuments(where, COUNT),
    );
  }

  /**
   * What an earlier run wrote is replaced by what is newer; anything else stays as it is, and the comparison
   * tells of it. On most members' disks when it resolves.
   */
  async load(kind: Kind, entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return;
    const documents = await Promise.all(entries.map((entry) => this.#documentOf(kind, entry)));
    const operations = documents.map(({ _id, ...fields }): AnyBulkWriteOperation<Stored> => ({
      replaceOne: {
        filter: { _id, ...olderThan(kind, fields) },
        replacement: fields as Stored,
        upsert: true,
      },
    }));
    try {
      await this.#connection.askIn(
        collectionOf(kind),
        (all) => all.bulkWrite(operations, { ordered: false, ...BOUNDED }),
      );
    } catch (error) {
      if (takenField(error) === undefined) throw error;
    }
  }

  /** What is there under these ids, as the stores read it. */
  async read(kind: Kind, ids: readonly string[]): Promise<readonly Entry[]> {
    const wanted = ids.map((id) => keyOf(kind, id));
    const found = await this.#connection.askIn(
      collectionOf(kind),
      (all) => all.find({ _id: { $in: wanted } }, BOUNDED).toArray(),
    );
    if (kind === "control") return found.map(valueOf);
    if (kind === "events") return found.map(eventOf);
    const { complete, fromDocument } = mappingOf(kind);
    const whole = await complete?.(this.#connection, found) ?? found;
    return whole.map((document) => {
      const value = fromDocument(document);
      return { id: value.id, value };
    });
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #documentOf(kind: Kind, { id, value }: Entry): Promise<Document> {
    if (kind === "control") {
      const { version, value: shared } = value as { version: number; value: unknown };
      return { _id: text().write(id), version, value: json().write(shared) };
    }
    if (kind === "events") return listedDocument(value as StoredEvent, Number(id));
    const document = mappingOf(kind).toDocument(value as Versioned);
    if (kind !== "payments") return document;
    return await moveTail(this.#connection, document, (value as Payment).history.length);
  }
}

/** A queue that somebody works off here already must never be put back: it would be paid again. */
function olderThan(kind: Kind, { event_id, version }: Document): Document {
  return kind === "events" ? { event_id } : { version: { $lt: version } };
}

function collectionOf(kind: Kind): string {
  if (kind === "control") return CONTROL;
  return kind === "events" ? EVENTS : MAPPINGS[kind].collection;
}

/** What a mapping takes is what it gave: the kind is the caller's word for it. */
function mappingOf(kind: RecordKind): RecordMapping<Versioned> {
  return MAPPINGS[kind] as unknown as RecordMapping<Versioned>;
}

/** An event's is its place in the log: a number. */
function keyOf(kind: Kind, id: string): string {
  return kind === "events" ? Number(id) as unknown as string : text().write(id) as string;
}

function eventOf(document: Stored): Entry {
  return { id: String(document._id), value: listedEvent(document) };
}

function valueOf({ _id, version, value }: Stored): Entry {
  const id = text().read(_id);
  return { id, value: { version: Number(version), value: json().read(value) } };
}
