// Whether the database takes writes now, found out by writing.

import type { StoreHealth } from "../../application/ports.ts";
import { BOUNDED, type MongoConnection } from "./mongo_connection.ts";

export const HEALTH = "konsol_health";

/** An answer holds for so long: however often it is asked, there is one write a second. */
const CHECK_EVERY_MS = 1_000;

export class MongoStoreHealth implements StoreHealth {
  readonly #connection: MongoConnection;
  readonly #monotonic: () => number;
  #last: { readonly at: number; readonly verdict: Promise<unknown> } | undefined;

  constructor(connection: MongoConnection, monotonic: () => number) {
    this.#connection = connection;
    this.#monotonic = monotonic;
  }

  async check(): Promise<void> {
    this.#connection.assertOpen();
    const at = this.#monotonic();
    if (this.#last === undefined || at - this.#last.at >= CHECK_EVERY_MS) {
      this.#last = { at, verdict: this.#beat() };
    }
    await this.#last.verdict;
  }

  #beat(): Promise<unknown> {
    const beat = [{ $set: { at: "$$NOW" } }];
    return this.#connection.askIn(
      HEALTH,
      (all) => all.updateOne({ _id: "beat" }, beat, { ...BOUNDED, upsert: true }),
    );
  }
}
