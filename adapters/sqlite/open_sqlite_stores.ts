// The three stores on one SQLite file, and the end of them.

import type { Ports } from "../../application/ports.ts";
import { GroupCommit } from "./group_commit.ts";
import { openDatabase, type SqliteOptions } from "./open_database.ts";
import { SqliteConnection } from "./sqlite_connection.ts";
import { SqliteInvoiceStore } from "./sqlite_invoice_store.ts";
import { SqlitePaymentStore } from "./sqlite_payment_store.ts";
import { SqliteStoreHealth } from "./sqlite_store_health.ts";
import { SqliteWebhookStore } from "./sqlite_webhook_store.ts";

export interface SqliteStoresOptions extends SqliteOptions {
  /** Milliseconds since any moment of this process; spaces the health checks. */
  readonly monotonic?: () => number;
  /** How long a shredded card number may stay in the write-ahead log; unset = until it is full or closed. */
  readonly checkpointEveryMs?: number;
}

export type SqliteStores = Pick<Ports, "payments" | "invoices" | "webhooks" | "storeHealth"> & {
  /** Moves the write-ahead log into the file and empties it: shredded numbers are in neither. */
  checkpoint(): void;
  /** Commits what waits, then closes; every call afterwards rejects with StoreUnavailable. */
  close(): Promise<void>;
};

/** `path` may be ":memory:". Throws, saying why, when the file is not ours, damaged or too new. */
export function openSqliteStores(path: string, options: SqliteStoresOptions = {}): SqliteStores {
  const { monotonic = () => performance.now(), checkpointEveryMs, ...sqliteOptions } = options;
  const connection = new SqliteConnection(openDatabase(path, sqliteOptions));
  const commit = new GroupCommit(connection);
  const checkpoint = () => void connection.one("PRAGMA wal_checkpoint(TRUNCATE)");
  const timer = checkpointEveryMs && setInterval(() => tryTo(checkpoint), checkpointEveryMs);
  let closed = false;
  return {
    payments: new SqlitePaymentStore(connection, commit),
    invoices: new SqliteInvoiceStore(connection, commit),
    webhooks: new SqliteWebhookStore(connection, commit),
    storeHealth: new SqliteStoreHealth(connection, commit, monotonic),
    checkpoint,
    close() {
      if (closed) return Promise.resolve();
      closed = true;
      clearInterval(timer);
      return Promise.try(() => {
        commit.flush();
        checkpoint();
      }).finally(() => connection.close());
    },
  };
}

/** A checkpoint that another connection is in the way of comes round again; writes tell of anything worse. */
function tryTo(checkpoint: () => void): void {
  try {
    checkpoint();
  } catch {
    // Nothing was lost: the log is only longer for now.
  }
}
