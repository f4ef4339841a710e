// Laws of a backup: one moment of a file that is written to meanwhile, checked, private, never over another.

import assert from "node:assert/strict";
import { backupDatabase } from "../../../adapters/sqlite/backup_database.ts";
import { openSqliteStores } from "../../../adapters/sqlite/open_sqlite_stores.ts";
import { inserted } from "../../contracts/stores.ts";
import { asOther, withFile } from "./temp_file.ts";

/** Two tables that change in one transaction: a copy of two moments shows two numbers. */
function writePair(path: string): void {
  asOther(path, (database) => {
    database.exec("BEGIN");
    database.exec("UPDATE health SET beats = beats + 1");
    database.exec(
      "INSERT INTO control (key, version, value) SELECT 'pair' || beats, 1, '1' FROM health",
    );
    database.exec("COMMIT");
  });
}

function pairsIn(path: string): unknown[] {
  return asOther(path, (database) => [
    database.prepare("SELECT beats AS n FROM health").get()?.n,
    database.prepare("SELECT count(*) AS n FROM control").get()?.n,
  ]);
}

/** Enough for more than one step of the copy. */
function fill(path: string): void {
  asOther(path, (database) => {
    database.exec("CREATE TABLE filler (n INTEGER, text TEXT)");
    database.exec(
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) " +
        "INSERT INTO filler SELECT i, hex(randomblob(1500)) FROM n",
    );
  });
}

Deno.test("backupDatabase() copies one moment of a file that is written to between its steps", () =>
  withFile(async (path) => {
    const stores = openSqliteStores(path);
    await inserted(stores);
    fill(path);
    writePair(path);
    let steps = 0;
    const report = await backupDatabase(path, `${path}.copy`, () => {
      if (++steps > 50) throw new Error("it starts again and again");
      writePair(path);
    });
    assert.ok(steps > 1, `${steps} steps`);
    assert.deepEqual(pairsIn(`${path}.copy`), [1, 1]);
    assert.deepEqual(pairsIn(path), [1 + steps, 1 + steps]);
    assert.deepEqual([report.rows.payments, report.rows.control], [1, 1]);
    assert.deepEqual(report.submissions, { queued: 1 });
    await stores.close();
  }));

Deno.test("backupDatabase() tells its progress up to the end", () =>
  withFile(async (path) => {
    await openSqliteStores(path).close();
    fill(path);
    const seen: number[] = [];
    await backupDatabase(path, `${path}.copy`, (done, total) => seen.push(done / total));
    assert.ok(seen.length > 0 && seen.every((share) => share > 0 && share <= 1));
  }));

Deno.test("backupDatabase() also copies what is only in the log yet", () =>
  withFile(async (path) => {
    const stores = openSqliteStores(path);
    const { id } = await inserted(stores);
    assert.ok((await Deno.stat(`${path}-wal`)).size > 0);
    await backupDatabase(path, `${path}.copy`);
    await stores.close();
    const copy = openSqliteStores(`${path}.copy`);
    assert.equal((await copy.payments.get(id))?.id, id);
    await copy.close();
  }));

Deno.test("backupDatabase() leaves one file, for its owner alone", () =>
  withFile(async (path) => {
    await openSqliteStores(path).close();
    const folder = `${path}.backups`;
    await backupDatabase(path, `${folder}/one.db`);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["one.db"]);
    assert.equal(Deno.statSync(`${folder}/one.db`).mode! & 0o777, 0o600);
    assert.equal(Deno.statSync(folder).mode! & 0o777, 0o700);
  }));

Deno.test("backupDatabase() changes nothing of the file that it copies", () =>
  withFile(async (path) => {
    await openSqliteStores(path).close();
    const before = await Deno.readFile(path);
    await backupDatabase(path, `${path}.copy`);
    assert.deepEqual(await Deno.readFile(path), before);
  }));

Deno.test("backupDatabase() never overwrites a file, nor another backup's draft", () =>
  withFile(async (path) => {
    await openSqliteStores(path).close();
    for (const name of [`${path}.copy`, `${path}.copy.part`]) {
      await Deno.writeTextFile(name, "precious");
      await assert.rejects(backupDatabase(path, `${path}.copy`), /exists/);
      assert.equal(await Deno.readTextFile(name), "precious");
      await Deno.remove(name);
    }
  }));

Deno.test("backupDatabase() does not overwrite a file that came while it copied", () =>
  withFile(async (path) => {
    await openSqliteStores(path).close();
    const late = () => Deno.writeTextFileSync(`${path}.copy`, "precious");
    await assert.rejects(backupDatabase(path, `${path}.copy`, late), /copy exists already/);
    assert.equal(await Deno.readTextFile(`${path}.copy`), "precious");
    await assert.rejects(Deno.stat(`${path}.copy.part`), Deno.errors.NotFound);
  }));

Deno.test("backupDatabase() refuses a damaged file and leaves no copy of it", () =>
  withFile(async (path) => {
    const stores = openSqliteStores(path);
    for (let count = 0; count < 50; count++) await inserted(stores);
    await stores.close();
    const { size } = await Deno.stat(path);
    using file = await Deno.open(path, { write: true });
    await file.seek(size - 4_096 * 4, Deno.SeekMode.Start);
    await file.write(new Uint8Array(4_096 * 3).fill(255));
    await assert.rejects(backupDatabase(path, `${path}.copy`), /Cannot back up/);
    const left = [...Deno.readDirSync(path.replace(/\/[^/]*$/, ""))].map(({ name }) => name);
    assert.deepEqual(left.filter((name) => name.includes("copy")), []);
  }));

Deno.test("backupDatabase() refuses a file whose index and rows differ in one letter", () =>
  withFile(async (path) => {
    const stores = openSqliteStores(path);
    await inserted(stores, { externalId: "order-with-a-rare-name" });
    await stores.close();
    const bytes = await Deno.readFile(path);
    const at = new TextDecoder("latin1").decode(bytes).indexOf("rare-name");
    bytes[at] = "R".charCodeAt(0);
    await Deno.writeFile(path, bytes);
    await assert.rejects(backupDatabase(path, `${path}.copy`), /it is damaged/);
    await assert.rejects(Deno.stat(`${path}.copy`), Deno.errors.NotFound);
  }));

Deno.test("backupDatabase() refuses what is not there and what is another program's", () =>
  withFile(async (path) => {
    await assert.rejects(backupDatabase(path, `${path}.copy`), /there is no such file/);
    asOther(path, (database) => database.exec("CREATE TABLE theirs (n)"));
    await assert.rejects(backupDatabase(path, `${path}.copy`), /another program's file/);
    await assert.rejects(Deno.stat(`${path}.copy`), Deno.errors.NotFound);
  }));
