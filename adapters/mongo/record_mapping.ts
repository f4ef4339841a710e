// What the stores must know of one kind of record: its collection, its document and its place in lists.

import type { Document } from "mongodb";
import type { Position } from "../../application/ports.ts";
import type { MongoConnection } from "./mongo_connection.ts";

export interface Versioned {
  readonly id: string;
  readonly version: number;
}

export interface RecordMapping<Item extends Versioned> {
  readonly collection: string;
  /** What it is called in errors. */
  readonly noun: string;
  /** The field that lists are sorted by, before the id. */
  readonly time: string;
  positionOf(item: Item): Position;
  toDocument(item: Item): Document;
  fromDocument(document: Document): Item;
  /** The documents with what of them is kept in another collection, if any is. */
  complete?(connection: MongoConnection, documents: Document[]): Promise<Document[]>;
}
