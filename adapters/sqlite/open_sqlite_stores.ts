// The stores on one SQLite file, and the end of them.

import type { Ports } from "../../application/ports.ts";
import { GroupCommit } from "./group_commit.ts";
import { IN_MEMORY, openDatabase, type SqliteOptions } from "./open_database.ts";
import { assertInService } from "./retired_mark.ts";
import { SqliteCallbackStore } from "./sqlite_callback_store.ts";
import { SqliteConnection } from "./sqlite_connection.ts";
import { SqliteControlStore } from "./sqlite_control_store.ts";
import { SqliteEventLog } from "./sqlite_event_log.ts";
import { SqliteInvoiceStore } from "./sqlite_invoice_store.ts";
import { SqlitePaymentStore } from "./sqlite_payment_store.ts";
import { SqliteStoreHealth } from "./sqlite_store_health.ts";
import { SqliteWebhookStore } from "./sqlite_webhook_store.ts";
import { openStoreEpoch, type StoreEpoch } from "./store_epoch.ts";

export interface SqliteStoresOptions extends SqliteOptions {
  /** Milliseconds since any moment of this process; spaces the health checks. */
  readonly monotonic?: () => number;
  /** How long a shredded card number may stay in the write-ahead log; unset = until it is full or closed. */
  readonly checkpointEveryMs?: number;
}

export type SqliteStores =
  & Pick<
    Ports,
    "payments" | "invoices" | "webhooks" | "events" | "callbacks" | "control" | "storeHealth"
  >
  & {
    /** The file came back from a backup: what it shows as unsent may have been sent since. */
    readonly restored: boolean;
    /** Everything in a restored file is fenced now; until this was called every open says `restored`. */
    acceptRestore(): Promise<void>;
    /** Moves the write-ahead log into the file and empties it: shredded numbers are in neither. */
    checkpoint(): void;
    /** Commits what waits, then closes; every call afterwards rejects with StoreUnavailable. */
    close(): Promise<void>;
  };

const NEVER_RESTORED: StoreEpoch = { restored: false, advance() {}, accept() {} };

/** `path` may be ":memory:". Throws, saying why, when the file is not ours, damaged or too new. */
export function openSqliteStores(path: string, options: SqliteStoresOptions = {}): SqliteStores {
  const { monotonic = () => performance.now(), checkpointEveryMs, ...sqliteOptions } = options;
  const connection = new SqliteConnection(openDatabase(path, sqliteOptions));
  const epoch = openForService(connection, path);
  const commit = new GroupCommit(connection);
  const checkpoint = () => void connection.one("PRAGMA wal_checkpoint(TRUNCATE)");
  const upkeep = () => [epoch.advance, checkpoint].forEach(tryTo);
  const timer = checkpointEveryMs && setInterval(upkeep, checkpointEveryMs);
  let closed = false;
  return {
    payments: new SqlitePaymentStore(connection, commit),
    invoices: new SqliteInvoiceStore(connection, commit),
    webhooks: new SqliteWebhookStore(connection, commit),
    events: new SqliteEventLog(connection),
    callbacks: new SqliteCallbackStore(connection, commit),
    control: new SqliteControlStore(connection, commit),
    storeHealth: new SqliteStoreHealth(connection, commit, monotonic),
    restored: epoch.restored,
    acceptRestore: () => Promise.try(epoch.accept),
    checkpoint,
    close() {
      if (closed) return Promise.resolve();
      closed = true;
      clearInterval(timer);
      return Promise.try(() => {
        commit.flush();
        tryTo(epoch.advance);
        checkpoint();
      }).finally(() => connection.close());
    },
  };
}

function openForService(connection: SqliteConnection, path: string): StoreEpoch {
  if (path === IN_MEMORY) return NEVER_RESTORED;
  try {
    assertInService(connection);
    return openStoreEpoch(connection, path);
  } catch (error) {
    connection.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot open the database ${path} as ${reason}`, { cause: error });
  }
}

/** What another connection is in the way of comes round again; writes tell of anything worse. */
function tryTo(step: () => void): void {
  try {
    step();
  } catch {
    // Nothing was lost: the log is only longer, or the mark older, for now.
  }
}
