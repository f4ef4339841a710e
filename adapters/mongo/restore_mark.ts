// The mark of a database that was brought back from a backup, set by the person who did it.

import { CONTROL } from "./mongo_control_store.ts";
import { BOUNDED, type MongoConnection } from "./mongo_connection.ts";

/**
 * No file beside the database can tell it, as in SQLite: instances have no disk of their own. So the
 * steps of a restore in docs/operations.md end with setting it, before any instance starts.
 */
const RESTORE_MARK = "store_restored";

export class RestoreMark {
  readonly #connection: MongoConnection;

  constructor(connection: MongoConnection) {
    this.#connection = connection;
  }

  async isSet(): Promise<boolean> {
    const mark = { _id: RESTORE_MARK };
    return await this.#connection.askIn(CONTROL, (all) => all.findOne(mark, BOUNDED)) !== null;
  }

  async clear(): Promise<void> {
    await this.#connection.askIn(CONTROL, (all) => all.deleteOne({ _id: RESTORE_MARK }, BOUNDED));
  }
}
