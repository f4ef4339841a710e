// SQLite in memory whose COMMIT can fail, as on a full disk: reached through the database handle itself.

import { DatabaseSync } from "node:sqlite";

/** SQLITE_FULL, as node:sqlite tells it. */
const FULL = { code: "ERR_SQLITE_ERROR", errcode: 13 };

/** Opens stores; from then on a COMMIT of theirs fails whenever `fails` says so. */
export function openWithFaults<Stores>(open: () => Stores, fails: () => boolean): Stores {
  const { prototype } = DatabaseSync;
  const { prepare } = prototype;
  let database: DatabaseSync | undefined;
  prototype.prepare = function (this: DatabaseSync, sql: string) {
    database = this;
    return prepare.call(this, sql);
  };
  try {
    return open();
  } finally {
    prototype.prepare = prepare;
    if (database !== undefined) failCommits(database, fails);
  }
}

function failCommits(database: DatabaseSync, fails: () => boolean): void {
  const prepare = database.prepare.bind(database);
  database.prepare = (sql) => {
    const statement = prepare(sql);
    if (sql !== "COMMIT") return statement;
    const run = statement.run.bind(statement);
    statement.run = () => {
      if (fails()) throw Object.assign(new Error("database or disk is full"), FULL);
      return run();
    };
    return statement;
  };
}
