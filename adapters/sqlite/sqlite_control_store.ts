// The values that all instances share, in SQLite.

import type { ControlStore } from "../../application/ports.ts";
import type { GroupCommit } from "./group_commit.ts";
import type { SqliteConnection } from "./sqlite_connection.ts";

export class SqliteControlStore implements ControlStore {
  readonly #connection: SqliteConnection;
  readonly #commit: GroupCommit;

  constructor(connection: SqliteConnection, commit: GroupCommit) {
    this.#connection = connection;
    this.#commit = commit;
  }

  get<Value>(key: string): Promise<{ value: Value; version: number } | undefined> {
    return Promise.try(() => {
      const row = this.#connection.one("SELECT value, version FROM control WHERE key = ?", key);
      return row && { value: JSON.parse(String(row.value)), version: Number(row.version) };
    });
  }

  put(key: string, version: number | undefined, value: unknown): Promise<boolean> {
    const text = JSON.stringify(value);
    return this.#commit.write(() => put(this.#connection, key, version, text) === 1);
  }
}

/** How many rows it changed: none when the stored version is another one. */
function put(
  connection: SqliteConnection,
  key: string,
  version: number | undefined,
  text: string,
): number {
  if (version === undefined) {
    return connection.run(
      "INSERT INTO control (key, version, value) VALUES (?, 1, ?) ON CONFLICT DO NOTHING",
      key,
      text,
    );
  }
  return connection.run(
    "UPDATE control SET version = version + 1, value = ? WHERE key = ? AND version = ?",
    text,
    key,
    version,
  );
}
