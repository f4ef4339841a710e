// Callbacks in MongoDB.

import type {
  CallbackFilter,
  CallbackStore,
  Page,
  PageRequest,
  Saved,
} from "../../application/ports.ts";
import type { Callback } from "../../domain/callback.ts";
import { CALLBACKS } from "./callback_document.ts";
import { createdWithin, dueUntil, equalsGiven } from "./conditions.ts";
import { callbackLeaseEnd, endedInServerTime } from "./lease_end.ts";
import { BOUNDED, type MongoConnection } from "./mongo_connection.ts";
import { MongoTable } from "./mongo_table.ts";

export class MongoCallbackStore implements CallbackStore {
  readonly #connection: MongoConnection;
  readonly #table: MongoTable<Callback>;

  constructor(connection: MongoConnection) {
    this.#connection = connection;
    this.#table = new MongoTable(connection, CALLBACKS);
  }

  get(id: string): Promise<Callback | undefined> {
    return this.#table.find("_id", id);
  }

  async save(before: Callback, after: Callback): Promise<Saved<Callback>> {
    const item = await this.#table.replace(before, after, callbackLeaseEnd(before, after));
    return item ? { kind: "saved", item } : { kind: "stale" };
  }

  list(filter: CallbackFilter, page: PageRequest): Promise<Page<Callback>> {
    const { state, paymentId } = filter;
    const equal = equalsGiven({ state, payment_id: paymentId });
    return this.#table.list({ ...equal, ...createdWithin(filter) }, page);
  }

  /** One step along the index a host, however many callbacks each has. */
  async dueHosts(now: number, limit: number, after = ""): Promise<readonly string[]> {
    this.#connection.assertOpen();
    const hosts: string[] = [];
    for (let host = after; hosts.length < limit;) {
      const next = await this.#nextDueHost(now, host);
      if (next === undefined) break;
      hosts.push(next);
      host = next;
    }
    return hosts;
  }

  due(host: string, now: number, limit: number): Promise<readonly Callback[]> {
    return this.#table.due({ ...equalsGiven({ host }), ...endedInServerTime() }, now, limit);
  }

  firstPending(paymentId: string): Promise<Callback | undefined> {
    const pending = equalsGiven({ payment_id: paymentId, state: "pending" });
    return this.#table.first(pending, { ordinal: 1 });
  }

  async #nextDueHost(now: number, after: string): Promise<string | undefined> {
    const due = { host: { $gt: after }, ...dueUntil(now) };
    const options = { ...BOUNDED, sort: { host: 1 as const }, projection: { host: 1 } };
    const found = await this.#connection.askIn(
      CALLBACKS.collection,
      (all) => all.findOne(due, options),
    );
    return found === null ? undefined : String(found.host);
  }
}
