// The stores on one MongoDB database, and the end of them.

import type { MongoClient } from "mongodb";
import type { Ports } from "../../application/ports.ts";
import { StoreUnavailable } from "../../application/store_unavailable.ts";
import { COLLECTION_PLANS } from "./collection_plans.ts";
import { type Connected, connectMongo, type MongoOptions } from "./connect_mongo.ts";
import { EventRelay } from "./event_relay.ts";
import { MongoCallbackStore } from "./mongo_callback_store.ts";
import { MongoConnection } from "./mongo_connection.ts";
import { MongoControlStore } from "./mongo_control_store.ts";
import { MongoEventLog } from "./mongo_event_log.ts";
import { mayPass } from "./mongo_errors.ts";
import { MongoInvoiceStore } from "./mongo_invoice_store.ts";
import { MongoPaymentStore } from "./mongo_payment_store.ts";
import { MongoStoreHealth } from "./mongo_store_health.ts";
import { MongoWebhookStore } from "./mongo_webhook_store.ts";
import { prepareCollections } from "./prepare_collections.ts";
import { refuseOlderShape } from "./refuse_older_shape.ts";
import { RestoreMark } from "./restore_mark.ts";
import { refuseUnfinishedCopy } from "./unfinished_copy.ts";

const SWEEP_EVERY_MS = 2_000;

export interface MongoStoresOptions extends MongoOptions {
  /** Milliseconds since any moment of this process; spaces the health checks. */
  readonly monotonic?: () => number;
  /** How long a caller waits for one call at most. */
  readonly callMsMax?: number;
  /** How often events are looked for that a process left behind. */
  readonly sweepEveryMs?: number;
  /** Whoever opens them brings documents of the seed's own shape over: they are no reason to refuse. */
  readonly migrating?: boolean;
}

export type MongoStores =
  & Pick<
    Ports,
    "payments" | "invoices" | "webhooks" | "events" | "callbacks" | "control" | "storeHealth"
  >
  & {
    /** Resolves when this process has told every event that it stored, or left it to the sweep. */
    settled(): Promise<void>;
    /** Tells the events that some process left behind: done every few seconds by itself. */
    sweep(): Promise<void>;
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
  let client: MongoClient | undefined;
  try {
    const connected = await connectMongo(url, options);
    client = connected.client;
    const database = client.db(connected.database);
    // First: a validator of ours would refuse what the older service, if it still runs, has just paid.
    if (!options.migrating) await refuseOlderShape(database);
    await prepareCollections(database, COLLECTION_PLANS);
    await refuseUnfinishedCopy(new MongoConnection(client, connected.database));
    return await storesOn(connected, options);
  } catch (error) {
    await client?.close();
    throw cannotOpen(error);
  }
}

async function storesOn(
  { client, database }: Connected,
  options: MongoStoresOptions,
): Promise<MongoStores> {
  const { monotonic = () => performance.now(), sweepEveryMs = SWEEP_EVERY_MS } = options;
  const connection = new MongoConnection(client, database, options.callMsMax);
  /** Open for longer: what was stored before the end is told yet. */
  const telling = new MongoConnection(client, database, options.callMsMax);
  const relay = new EventRelay(telling);
  const mark = new RestoreMark(connection);
  const restored = await mark.isSet();
  // What fails in it fails at every other call as well, and comes round again.
  const timer = setInterval(() => void relay.sweep().catch(() => {}), sweepEveryMs);
  const end = async () => {
    clearInterval(timer);
    await connection.stop();
    await relay.settled();
    await telling.close();
  };
  let ended: Promise<void> | undefined;
  return {
    payments: new MongoPaymentStore(connection, relay),
    invoices: new MongoInvoiceStore(connection),
    webhooks: new MongoWebhookStore(connection),
    events: new MongoEventLog(connection),
    callbacks: new MongoCallbackStore(connection),
    control: new MongoControlStore(connection),
    storeHealth: new MongoStoreHealth(connection, monotonic),
    restored,
    acceptRestore: () => mark.clear(),
    settled: () => relay.settled(),
    sweep: () => relay.sweep(),
    close: () => ended ??= end(),
  };
}

/** The URI holds a password: it is never told. No document is touched yet, so the server's own words are. */
function cannotOpen(error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  const told = `Cannot open the MongoDB database as ${reason}`;
  return mayPass(error) ? new StoreUnavailable(told) : new Error(told);
}
