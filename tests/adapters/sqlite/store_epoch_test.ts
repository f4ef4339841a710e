// Laws of the mark that tells a database brought back from a backup, through every way there is to one.

import assert from "node:assert/strict";
import { backupDatabase } from "../../../adapters/sqlite/backup_database.ts";
import {
  openSqliteStores,
  type SqliteStores,
} from "../../../adapters/sqlite/open_sqlite_stores.ts";
import { sidecarOf } from "../../../adapters/sqlite/store_epoch.ts";
import { inserted } from "../../contracts/stores.ts";
import { eventually } from "../../support/eventually.ts";
import { MIGRATIONS } from "../../../adapters/sqlite/migrations.ts";
import { aPayment } from "../../support/payments.ts";
import { asOther, withFile } from "./temp_file.ts";

/** Opens, uses and closes the file; says whether it was found to be restored. */
async function use(path: string, work: (stores: SqliteStores) => unknown = () => {}) {
  const stores = openSqliteStores(path);
  await work(stores);
  await stores.close();
  return stores.restored;
}

/** What is on disk at this moment, as a kill or a backup leaves it. */
async function copyDatabase(from: string, to: string): Promise<void> {
  for (const file of ["", "-wal"]) {
    await Deno.remove(`${to}${file}`).catch(() => {});
    await Deno.copyFile(`${from}${file}`, `${to}${file}`).catch(() => {});
  }
}

Deno.test("restored is false for a new file, and however often it is opened again", () =>
  withFile(async (path) => {
    for (let opens = 0; opens < 5; opens++) assert.equal(await use(path, inserted), false);
  }));

Deno.test("restored is false in memory", async () => {
  assert.equal(await use(":memory:", inserted), false);
});

Deno.test("restored is false after an end without close()", () =>
  withFile(async (path) => {
    await use(path, inserted);
    const killed = openSqliteStores(path);
    await inserted(killed);
    await copyDatabase(path, `${path}.left`);
    await Deno.copyFile(sidecarOf(path), sidecarOf(`${path}.left`));
    assert.equal(await use(`${path}.left`), false);
    await killed.close();
  }));

Deno.test("restored is true for a copy that was put back after the store was used further", () =>
  withFile(async (path) => {
    await use(path, inserted);
    await copyDatabase(path, `${path}.copy`);
    await use(path, inserted);
    await copyDatabase(`${path}.copy`, path);
    assert.equal(await use(path), true);
  }));

Deno.test("restored is true for a copy that was made while the store was open", () =>
  withFile(async (path) => {
    await use(path, async (stores) => {
      await inserted(stores);
      await copyDatabase(path, `${path}.copy`);
      await inserted(stores);
    });
    await copyDatabase(`${path}.copy`, path);
    assert.equal(await use(path), true);
  }));

Deno.test("restored is true for a copy from before the last upkeep of a killed process", () =>
  withFile(async (path) => {
    const killed = openSqliteStores(path, { checkpointEveryMs: 5 });
    await inserted(killed);
    await copyDatabase(path, `${path}.copy`);
    const copied = await Deno.readTextFile(sidecarOf(path));
    await eventually(async () => await Deno.readTextFile(sidecarOf(path)) !== copied);
    await Deno.copyFile(sidecarOf(path), sidecarOf(`${path}.copy`));
    assert.equal(await use(`${path}.copy`), true);
    await killed.close();
  }));

Deno.test("restored is true when the mark beside the file is gone or cannot be read", () =>
  withFile(async (path) => {
    for (const text of [undefined, "", "{", "null", "{}", '{"lineage":1,"count":"9"}']) {
      await use(path, (stores) => stores.acceptRestore());
      if (text === undefined) await Deno.remove(sidecarOf(path));
      else await Deno.writeTextFile(sidecarOf(path), text);
      assert.equal(await use(path), true, text);
    }
  }));

Deno.test("restored is true for another store's file, however much older or newer it is", () =>
  withFile(async (path) => {
    const other = `${path}.other`;
    for (const opens of [1, 5]) {
      await use(path, inserted);
      for (let n = 0; n < opens; n++) await use(other, inserted);
      await copyDatabase(other, path);
      assert.equal(await use(path, (stores) => stores.acceptRestore()), true);
    }
  }));

Deno.test("restored is true for a file whose history went on elsewhere, put back later", () =>
  withFile(async (path) => {
    await use(path, inserted);
    const fork = `${path}.fork`;
    await copyDatabase(path, fork);
    await use(fork, (stores) => stores.acceptRestore());
    for (let n = 0; n < 5; n++) await use(fork, inserted);
    await use(path, inserted);
    await copyDatabase(fork, path);
    assert.equal(await use(path), true);
  }));

Deno.test("restored stays true, whatever is done in between, until it is accepted", () =>
  withFile(async (path) => {
    await use(path, inserted);
    await Deno.remove(sidecarOf(path));
    for (let opens = 0; opens < 3; opens++) assert.equal(await use(path, inserted), true);
    assert.equal(await use(path, (stores) => stores.acceptRestore()), true);
    for (let opens = 0; opens < 3; opens++) assert.equal(await use(path, inserted), false);
  }));

Deno.test("acceptRestore() changes nothing of a store that was not restored", () =>
  withFile(async (path) => {
    await use(path, async (stores) => {
      const before = await Deno.readTextFile(sidecarOf(path));
      await stores.acceptRestore();
      assert.equal(await Deno.readTextFile(sidecarOf(path)), before);
    });
    assert.equal(await use(path), false);
  }));

/** What a crash after each write of the marks leaves, written by hand. */
const CRASHES: readonly (readonly [title: string, sql: string, beside: string | undefined])[] = [
  ["before a new file has its first mark", "DELETE FROM epoch", '{"lineage":"a","count":0}'],
  ["before any mark", "DELETE FROM epoch", undefined],
  [
    "between the two first marks",
    "UPDATE epoch SET lineage='a', count=1",
    '{"lineage":"a","count":0}',
  ],
  ["between two marks", "UPDATE epoch SET lineage='a', count=7", '{"lineage":"a","count":6}'],
  ["there several times", "UPDATE epoch SET lineage='a', count=9", '{"lineage":"a","count":6}'],
];

for (const [title, sql, beside] of CRASHES) {
  Deno.test(`restored is false after a crash ${title}`, () =>
    withFile(async (path) => {
      await use(path, inserted);
      asOther(path, (database) => database.exec(sql));
      if (beside === undefined) await Deno.remove(sidecarOf(path));
      else await Deno.writeTextFile(sidecarOf(path), beside);
      assert.equal(await use(path), false);
      assert.equal(await use(path), false);
    }));
}

Deno.test("restored is still true after a crash in the middle of acceptRestore()", () =>
  withFile(async (path) => {
    await use(path, inserted);
    await Deno.writeTextFile(sidecarOf(path), '{"lineage":"new","count":0}');
    assert.equal(await use(path), true);
  }));

Deno.test("restored tells a file without a mark by whether one was here before", () =>
  withFile(async (path) => {
    asOther(path, (database) => {
      database.exec(`PRAGMA journal_mode = WAL; ${MIGRATIONS[0]}`);
      database.exec("PRAGMA application_id = 0x6b706179; PRAGMA user_version = 1");
      const payment = aPayment();
      database.prepare("INSERT INTO payments (id, version, record) VALUES (?, 1, ?)")
        .run(payment.id, JSON.stringify(payment));
    });
    await copyDatabase(path, `${path}.first`);
    assert.equal(await use(path), false, "it was only brought to the new schema");
    await copyDatabase(`${path}.first`, path);
    assert.equal(await use(path), true, "it came back after that");
  }));

Deno.test("restored is true for a new file where one was lost, until whoever wants that accepts it", () =>
  withFile(async (path) => {
    await use(path, inserted);
    await Deno.remove(path);
    assert.equal(await use(path), true);
    assert.equal(await use(path, (stores) => stores.acceptRestore()), true);
    assert.equal(await use(path, inserted), false);
    for (const file of [path, sidecarOf(path)]) await Deno.remove(file);
    assert.equal(await use(path), false, "a new start: nothing was left");
  }));

Deno.test("restored is true for a new file where one was lost in the first minute of its use", () =>
  withFile(async (path) => {
    const killed = openSqliteStores(path);
    await inserted(killed);
    await Deno.copyFile(sidecarOf(path), sidecarOf(`${path}.lost`));
    assert.equal(await use(`${path}.lost`), true);
    await killed.close();
  }));

Deno.test("restored is true for a backup put back by hand, however short the store was used after it", () =>
  withFile(async (path) => {
    const killed = openSqliteStores(path);
    await inserted(killed);
    await backupDatabase(path, `${path}.copy`);
    await inserted(killed);
    await Deno.copyFile(sidecarOf(path), sidecarOf(`${path}.copy`));
    assert.equal(await use(`${path}.copy`), true);
    await killed.close();
  }));

Deno.test("openSqliteStores() says why when the mark beside the file cannot be written", () =>
  withFile((path) => {
    Deno.mkdirSync(sidecarOf(path));
    assert.throws(() => openSqliteStores(path), /Cannot open the database .* as /);
    return Promise.resolve();
  }));

Deno.test("restored is false for a file that two processes have open", () =>
  withFile(async (path) => {
    const [one, other] = [openSqliteStores(path), openSqliteStores(path)];
    await inserted(one);
    await inserted(other);
    await other.close();
    await one.close();
    assert.deepEqual([one.restored, other.restored, await use(path)], [false, false, false]);
  }));
