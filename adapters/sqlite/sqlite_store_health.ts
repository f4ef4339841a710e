// Whether the database takes writes now, found out by writing.

import type { StoreHealth } from "../../application/ports.ts";
import type { GroupCommit } from "./group_commit.ts";
import type { SqliteConnection } from "./sqlite_connection.ts";

/** An answer holds for so long: however often it is asked, there is one write a second. */
const CHECK_EVERY_MS = 1_000;

export class SqliteStoreHealth implements StoreHealth {
  readonly #connection: SqliteConnection;
  readonly #commit: GroupCommit;
  readonly #monotonic: () => number;
  #last: { readonly at: number; readonly verdict: Promise<unknown> } | undefined;

  constructor(connection: SqliteConnection, commit: GroupCommit, monotonic: () => number) {
    this.#connection = connection;
    this.#commit = commit;
    this.#monotonic = monotonic;
  }

  async check(): Promise<void> {
    this.#connection.one("SELECT 1");
    const at = this.#monotonic();
    if (this.#last === undefined || at - this.#last.at >= CHECK_EVERY_MS) {
      this.#last = { at, verdict: this.#commit.write(() => this.#beat()) };
    }
    await this.#last.verdict;
  }

  #beat(): void {
    this.#connection.run("UPDATE health SET beats = beats + 1 WHERE id = 1");
  }
}
