// The values that all instances share, in MongoDB.

import type { ControlStore } from "../../application/ports.ts";
import { json, text } from "./document_fields.ts";
import { BOUNDED, type MongoConnection, type Stored } from "./mongo_connection.ts";
import { takenField } from "./mongo_errors.ts";

export const CONTROL = "konsol_control";

export class MongoControlStore implements ControlStore {
  readonly #connection: MongoConnection;

  constructor(connection: MongoConnection) {
    this.#connection = connection;
  }

  async get<Value>(key: string): Promise<{ value: Value; version: number } | undefined> {
    const _id = text().write(key) as string;
    const stored = await this.#connection.askIn(CONTROL, (all) => all.findOne({ _id }, BOUNDED));
    if (stored === null) return undefined;
    return { value: json<Value>().read(stored.value), version: Number(stored.version) };
  }

  async put(key: string, version: number | undefined, value: unknown): Promise<boolean> {
    const _id = text().write(key) as string;
    const written = json().write(value);
    if (version === undefined) return await this.#insert({ _id, version: 1, value: written });
    const change = { $set: { value: written }, $inc: { version: 1 } };
    const changed = await this.#connection.askIn(
      CONTROL,
      (all) => all.findOneAndUpdate({ _id, version }, change, BOUNDED),
    );
    return changed !== null;
  }

  /** False when it is there already. */
  async #insert(document: Stored): Promise<boolean> {
    try {
      await this.#connection.askIn(CONTROL, (all) => all.insertOne(document, BOUNDED));
      return true;
    } catch (error) {
      if (takenField(error) === undefined) throw error;
      return false;
    }
  }
}
