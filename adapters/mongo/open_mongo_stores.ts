// The stores on one MongoDB database, and the end of them.

import type { Ports } from "../../application/ports.ts";
import { StoreUnavailable } from "../../application/store_unavailable.ts";
import { COLLECTION_PLANS } from "./collection_plans.ts";
import { connectMongo, type MongoOptions } from "./connect_mongo.ts";
import { MongoConnection } from "./mongo_connection.ts";
import { MongoControlStore } from "./mongo_control_store.ts";
import { mayPass } from "./mongo_errors.ts";
import { MongoInvoiceStore } from "./mongo_invoice_store.ts";
import { MongoPaymentStore } from "./mongo_payment_store.ts";
import { MongoStoreHealth } from "./mongo_store_health.ts";
import { MongoWebhookStore } from "./mongo_webhook_store.ts";
import { prepareCollections } from "./prepare_collections.ts";
import { refuseOlderShape } from "./refuse_older_shape.ts";
import { RestoreMark } from "./restore_mark.ts";
import { refuseUnfinishedCopy } from "./unfinished_copy.ts";

export interface MongoStoresOptions extends MongoOptions {
  /** Milliseconds since any moment of this process; spaces the health checks. */
  readonly monotonic?: () => number;
  /** How long a caller waits for one call at most. */
  readonly callMsMax?: number;
  /** Whoever opens them brings documents of the seed's own shape over: they are no reason to refuse. */
  readonly migrating?: boolean;
}

export type MongoStores =
  & Pick<Ports, "payments" | "invoices" | "webhooks" | "control" | "storeHealth">
  & {
    /** A person marked the database as brought back from a backup: docs/operations.md. */
    readonly restored: boolean;
    /** Everything in it is fenced now; until this was called every open says `restored`. */
    acceptRestore(): Promise<void>;
    /** Waits for what is under way; every call afterwards rejects with StoreUnavailable. */
    close(): Promise<void>;
  };

/**
 * Throws StoreUnavailable when the server cannot be reached, and an Error with the reason when a person
 * must mend something: an unsafe URI, a server that does not fit, documents or indexes not as planned.
 */
export async function openMongoStores(
  url: string,
  options: MongoStoresOptions = {},
): Promise<MongoStores> {
  const { monotonic = () => performance.now(), callMsMax } = options;
  let connection: MongoConnection | undefined;
  try {
    const { client, database } = await connectMongo(url, options);
    connection = new MongoConnection(client, database, callMsMax);
    await prepareCollections(client.db(database), COLLECTION_PLANS);
    if (!options.migrating) await refuseOlderShape(client.db(database));
    await refuseUnfinishedCopy(connection);
    const mark = new RestoreMark(connection);
    return {
      payments: new MongoPaymentStore(connection),
      invoices: new MongoInvoiceStore(connection),
      webhooks: new MongoWebhookStore(connection),
      control: new MongoControlStore(connection),
      storeHealth: new MongoStoreHealth(connection, monotonic),
      restored: await mark.isSet(),
      acceptRestore: () => mark.clear(),
      close: connection.close.bind(connection),
    };
  } catch (error) {
    await connection?.close();
    throw cannotOpen(error);
  }
}

/** The URI holds a password: it is never told. No document is touched yet, so the server's own words are. */
function cannotOpen(error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  const told = `Cannot open the MongoDB database as ${reason}`;
  return mayPass(error) ? new StoreUnavailable(told) : new Error(told);
}
