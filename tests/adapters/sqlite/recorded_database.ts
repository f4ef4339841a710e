// A database that notes every statement it runs, for tests of what the stores really send.

import type { DatabaseSync, StatementSync } from "node:sqlite";

export interface Statement {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

const METHODS = ["run", "get", "all"] as const;

/** Notes into `statements` from now on whatever is prepared on `database` and then run. */
export function recordStatements(database: DatabaseSync): Statement[] {
  const statements: Statement[] = [];
  const prepare = database.prepare.bind(database);
  database.prepare = (sql: string) => noting(prepare(sql), sql, statements);
  return statements;
}

function noting(statement: StatementSync, sql: string, statements: Statement[]): StatementSync {
  for (const method of METHODS) {
    const call = statement[method].bind(statement) as (...values: unknown[]) => never;
    statement[method] = (...values: unknown[]) => {
      statements.push({ sql, values: values as Statement["values"] });
      return call(...values);
    };
  }
  return statement;
}
