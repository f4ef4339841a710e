// Group commit: the writes of one turn of the event loop share one transaction, one flush to disk.

import { clearImmediate, setImmediate } from "node:timers";
import { StoreUnavailable } from "../../application/store_unavailable.ts";
import { type SqliteConnection, unavailable } from "./sqlite_connection.ts";

/** So many are committed at once, before the turn ends: the queue never grows longer. */
export const BATCH_MAX = 256;

interface Write {
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Tells the caller of one write what became of it; called only after COMMIT or ROLLBACK. */
type Tell = () => void;

export class GroupCommit {
  readonly #connection: SqliteConnection;
  #batch: Write[] = [];
  #turn: ReturnType<typeof setImmediate> | undefined;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  /**
   * Runs `work` inside the next transaction and resolves with its answer once that is durable.
   * What `work` throws undoes and rejects this write only; an outage rejects the whole batch with
   * StoreUnavailable.
   */
  write<Answer>(work: () => Answer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#batch.push({ work, resolve: resolve as Write["resolve"], reject });
      if (this.#batch.length >= BATCH_MAX) this.flush();
      else this.#turn ??= setImmediate(() => this.flush());
    });
  }

  /** Commits what waits, now. */
  flush(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length === 0) return;
    for (const tell of this.#commit(batch)) tell();
  }

  #commit(batch: readonly Write[]): readonly Tell[] {
    try {
      this.#connection.run("BEGIN IMMEDIATE");
      const tells = batch.map((write) => this.#attempt(write));
      this.#connection.run("COMMIT");
      return tells;
    } catch (error) {
      this.#rollBack();
      const reason = unavailable("commit to", error);
      return batch.map(({ reject }) => () => reject(reason));
    }
  }

  #attempt({ work, resolve, reject }: Write): Tell {
    this.#connection.run("SAVEPOINT write");
    try {
      const answer = work();
      this.#connection.run("RELEASE write");
      return () => resolve(answer);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      this.#connection.run("ROLLBACK TO write");
      this.#connection.run("RELEASE write");
      return () => reject(error);
    }
  }

  /** One that fails leaves the transaction open: the next BEGIN fails then and tries it again. */
  #rollBack(): void {
    try {
      if (this.#connection.inTransaction()) this.#connection.run("ROLLBACK");
    } catch {
      // The batch is rejected with what came first.
    }
  }
}
