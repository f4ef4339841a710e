// Laws of GroupCommit: one transaction a turn, an outcome a write, and no answer before the COMMIT.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { BATCH_MAX, GroupCommit } from "../../../adapters/sqlite/group_commit.ts";
import { SqliteConnection } from "../../../adapters/sqlite/sqlite_connection.ts";
import { StoreUnavailable } from "../../../application/store_unavailable.ts";
import { recordStatements } from "./recorded_database.ts";

const SCHEMA = `
  CREATE TABLE words (word TEXT PRIMARY KEY) STRICT;
  CREATE TABLE uses (word TEXT REFERENCES words (word) DEFERRABLE INITIALLY DEFERRED) STRICT;
`;

function setUp() {
  const database = new DatabaseSync(":memory:");
  database.exec(SCHEMA);
  const statements = recordStatements(database);
  const connection = new SqliteConnection(database);
  return {
    database,
    connection,
    commit: new GroupCommit(connection),
    say: (word: string) => connection.run("INSERT INTO words VALUES (?)", word),
    /** Its COMMIT fails unless the word was said. */
    use: (word: string) => connection.run("INSERT INTO uses VALUES (?)", word),
    words: () => connection.all("SELECT word FROM words ORDER BY word").map(({ word }) => word),
    count: (sql: string) => statements.filter((statement) => statement.sql === sql).length,
    [Symbol.dispose]: () => connection.close(),
  };
}

const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

Deno.test("write() resolves with what its work answered", async () => {
  using it = setUp();
  assert.equal(await it.commit.write(() => it.say("a")), 1);
  assert.deepEqual(it.words(), ["a"]);
});

Deno.test("write() shares one transaction with all writes of its turn", async () => {
  using it = setUp();
  await Promise.all(["a", "b", "c"].map((word) => it.commit.write(() => it.say(word))));
  assert.deepEqual([it.count("BEGIN IMMEDIATE"), it.count("COMMIT")], [1, 1]);
});

Deno.test("write() shares the transaction with writes that came after some awaiting", async () => {
  using it = setUp();
  const late = async (word: string, awaits: number) => {
    for (let n = 0; n < awaits; n++) await undefined;
    await it.commit.write(() => it.say(word));
  };
  await Promise.all([late("a", 0), late("b", 3), late("c", 20)]);
  assert.equal(it.count("COMMIT"), 1);
});

Deno.test("write() begins another transaction in another turn", async () => {
  using it = setUp();
  await it.commit.write(() => it.say("a"));
  await it.commit.write(() => it.say("b"));
  assert.equal(it.count("COMMIT"), 2);
});

Deno.test("write() runs its work in the order of the calls", async () => {
  using it = setUp();
  const order: string[] = [];
  await Promise.all(["c", "a", "b"].map((name) => it.commit.write(() => order.push(name))));
  assert.deepEqual(order, ["c", "a", "b"]);
});

Deno.test("write() sees what earlier writes of the batch did", async () => {
  using it = setUp();
  void it.commit.write(() => it.say("a"));
  assert.deepEqual(await it.commit.write(() => it.words()), ["a"]);
});

Deno.test("write() whose work throws undoes all of it and rejects alone", async () => {
  using it = setUp();
  const bug = new Error("bug");
  const answers = await Promise.allSettled([
    it.commit.write(() => it.say("a")),
    it.commit.write(() => {
      it.say("b");
      throw bug;
    }),
    it.commit.write(() => it.say("c")),
  ]);
  const reasons = answers.map((answer) => answer.status === "rejected" ? answer.reason : "kept");
  assert.deepEqual(reasons, ["kept", bug, "kept"]);
  assert.deepEqual(it.words(), ["a", "c"]);
});

Deno.test("write() that breaks a constraint rejects alone, not as an outage", async () => {
  using it = setUp();
  const [first, second] = await Promise.allSettled([
    it.commit.write(() => it.say("a")),
    it.commit.write(() => it.say("a")),
  ]);
  assert.equal(first.status, "fulfilled");
  assert.ok(second.status === "rejected" && !(second.reason instanceof StoreUnavailable));
});

Deno.test("write() rejects with the whole batch when the COMMIT fails", async () => {
  using it = setUp();
  const answers = await Promise.allSettled([
    it.commit.write(() => it.say("a")),
    it.commit.write(() => it.use("never said")),
    it.commit.write(() => it.say("b")),
  ]);
  for (const answer of answers) {
    assert.ok(answer.status === "rejected" && answer.reason instanceof StoreUnavailable);
    assert.match(String(answer.reason.cause), /FOREIGN KEY constraint failed/);
  }
  assert.deepEqual(it.words(), []);
});

Deno.test("write() rejects with the whole batch when the BEGIN fails", async () => {
  using it = setUp();
  it.database.exec("BEGIN");
  const writes = ["a", "b"].map((word) => it.commit.write(() => it.say(word)));
  for (const answer of await Promise.allSettled(writes)) {
    assert.ok(answer.status === "rejected" && answer.reason instanceof StoreUnavailable);
  }
});

Deno.test("write() rejects with the whole batch when one work meets an outage", async () => {
  using it = setUp();
  it.database.exec("PRAGMA max_page_count = 8");
  const answers = await Promise.allSettled([
    it.commit.write(() => it.say("a")),
    it.commit.write(() => it.say("too long ".repeat(10_000))),
    it.commit.write(() => it.say("b")),
  ]);
  for (const answer of answers) {
    assert.ok(answer.status === "rejected" && answer.reason instanceof StoreUnavailable);
    assert.match(answer.reason.message, /database or disk is full/);
  }
  assert.deepEqual(it.words(), []);
});

Deno.test("write() does not begin what comes after an outage in its batch", async () => {
  using it = setUp();
  it.database.exec("PRAGMA max_page_count = 8");
  const begun: string[] = [];
  await Promise.allSettled([
    it.commit.write(() => it.say("too long ".repeat(10_000))),
    it.commit.write(() => begun.push("after")),
  ]);
  assert.deepEqual(begun, []);
});

Deno.test("write() works again after a batch that failed", async () => {
  using it = setUp();
  await assert.rejects(it.commit.write(() => it.use("never said")), StoreUnavailable);
  await it.commit.write(() => it.say("a"));
  assert.deepEqual(it.words(), ["a"]);
});

Deno.test("write() commits at once when the batch is full, so that no more ever wait", async () => {
  using it = setUp();
  const words = Array.from({ length: BATCH_MAX + 1 }, (_, n) => `${n}`);
  const writes = words.map((word) => it.commit.write(() => it.say(word)));
  assert.equal(it.words().length, BATCH_MAX);
  await Promise.all(writes);
  assert.deepEqual([it.words().length, it.count("COMMIT")], [BATCH_MAX + 1, 2]);
});

Deno.test("flush() commits what waits and leaves nothing for the turn's end", async () => {
  using it = setUp();
  const write = it.commit.write(() => it.say("a"));
  it.commit.flush();
  assert.deepEqual(it.words(), ["a"]);
  await write;
  await turn();
  assert.equal(it.count("BEGIN IMMEDIATE"), 1);
});

Deno.test("flush() without writes touches nothing", () => {
  using it = setUp();
  it.commit.flush();
  assert.equal(it.count("BEGIN IMMEDIATE"), 0);
});
