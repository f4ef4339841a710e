// Calls to the database: each bounded in time, outages told apart from bugs, and none after the end.

import type { Collection, Db, Document, MongoClient } from "mongodb";
import { StoreUnavailable } from "../../application/store_unavailable.ts";
import { storeError } from "./mongo_errors.ts";

/** How long the server may work on one call. */
const SERVER_MS_MAX = 5_000;
/** How long a caller waits for one call, whatever the driver is still trying. */
const CALL_MS_MAX = 12_000;

/** Every call carries it; anything written is on the disks of most members when it is answered. */
export const BOUNDED = { maxTimeMS: SERVER_MS_MAX } as const;
/** Of one document by something unique: what it shows can never be rolled back. */
export const LINEARIZABLE = { ...BOUNDED, readConcern: { level: "linearizable" } } as const;

/** Most ids are texts; those of events are their places in the log. */
export type Stored = Document & { readonly _id: string };

export class MongoConnection {
  readonly #client: MongoClient;
  readonly #database: Db;
  readonly #callMsMax: number;
  readonly #underWay = new Set<Promise<unknown>>();
  #stopped = false;

  constructor(client: MongoClient, database: string, callMsMax = CALL_MS_MAX) {
    this.#client = client;
    this.#database = client.db(database);
    this.#callMsMax = callMsMax;
  }

  /** Throws StoreUnavailable once it was closed. */
  assertOpen(): void {
    if (this.#stopped) throw new StoreUnavailable("Cannot use the MongoDB store as it was closed");
  }

  /** What `use` gives; StoreUnavailable when that cannot be known in time. */
  ask<Answer>(use: (database: Db) => Promise<Answer>): Promise<Answer> {
    return Promise.try(() => {
      this.assertOpen();
      const call = Promise.try(() => use(this.#database));
      this.#underWay.add(call);
      const done = () => void this.#underWay.delete(call);
      call.then(done, done);
      return this.#inTime(call);
    });
  }

  askIn<Answer>(
    collection: string,
    use: (collection: Collection<Stored>) => Promise<Answer>,
  ): Promise<Answer> {
    return this.ask((database) => use(database.collection<Stored>(collection)));
  }

  /** Takes no more calls; resolves when those under way have ended, or their time is over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled([...this.#underWay].map((call) => this.#inTime(call)));
  }

  /** Also ends the client, which other connections may share. */
  async close(): Promise<void> {
    await this.stop();
    await this.#client.close();
  }

  #inTime<Answer>(call: Promise<Answer>): Promise<Answer> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const reason = `Cannot use MongoDB as it did not answer in ${this.#callMsMax} ms`;
    const timer = setTimeout(() => reject(new StoreUnavailable(reason)), this.#callMsMax);
    return Promise.race([call, late]).catch((error) => {
      throw storeError(error);
    }).finally(() => clearTimeout(timer));
  }
}
