// Laws of openSqliteStores(): what it opens and refuses, what lasts, and what is gone for good.

import assert from "node:assert/strict";
import { dirname } from "node:path";
import { assertSqliteVersion, openDatabase } from "../../../adapters/sqlite/open_database.ts";
import { openSqliteStores } from "../../../adapters/sqlite/open_sqlite_stores.ts";
import { readPragma } from "../../../adapters/sqlite/read_pragma.ts";
import { shredNumber } from "../../../domain/recipient.ts";
import { inserted, saved } from "../../contracts/stores.ts";
import { eventually } from "../../support/eventually.ts";
import { anInvoice } from "../../support/invoices.ts";
import { aCard, aPayment } from "../../support/payments.ts";
import { aWebhook } from "../../support/webhooks.ts";
import { asOther, withFile } from "./temp_file.ts";

const ALL = { perPage: 100, page: 1 };
const PAGE_BYTES = 4096;

function refuses(path: string, reason: RegExp): void {
  assert.throws(() => openSqliteStores(path), reason);
}

async function openAndClose(path: string): Promise<void> {
  await openSqliteStores(path).close();
}

Deno.test("openSqliteStores() finds everything again that was stored", () =>
  withFile(async (path) => {
    const first = openSqliteStores(path);
    const payment = await inserted(first);
    const { invoice } = await first.invoices.insertOrGet(anInvoice());
    const { webhook } = await first.webhooks.insertOrGet(aWebhook());
    await first.close();
    const second = openSqliteStores(path);
    assert.deepEqual((await second.payments.list({}, ALL)).items, [payment]);
    assert.deepEqual((await second.invoices.list({}, ALL)).items, [invoice]);
    assert.deepEqual((await second.webhooks.list({}, ALL)).items, [webhook]);
    await second.close();
  }));

Deno.test("openSqliteStores() finds what was acknowledged before an end without close()", () =>
  withFile(async (path) => {
    const stores = openSqliteStores(path);
    const payment = await inserted(stores);
    const after = await saved(stores, payment, { ...payment, description: "acknowledged" });
    for (const file of ["", "-wal"]) await Deno.copyFile(`${path}${file}`, `${path}.left${file}`);
    const left = openSqliteStores(`${path}.left`);
    assert.deepEqual(await left.payments.get(payment.id), after);
    await left.close();
    await stores.close();
  }));

Deno.test("openSqliteStores() makes the folders of its path", () =>
  withFile(async (path) => {
    await openAndClose(`${path}.d/deep/payments.db`);
    assert.ok((await Deno.stat(`${path}.d/deep/payments.db`)).isFile);
  }));

Deno.test("openSqliteStores() leaves one whole file and its mark behind after close()", () =>
  withFile(async (path) => {
    await openAndClose(path);
    const names = [...Deno.readDirSync(dirname(path))].map(({ name }) => name);
    assert.deepEqual(names.sort(), ["payments.db", "payments.db.epoch"]);
  }));

Deno.test("openDatabase() keeps the file as the promises need it", () =>
  withFile((path) => {
    const database = openDatabase(path);
    const names = ["journal_mode", "synchronous", "secure_delete", "foreign_keys", "busy_timeout"];
    const values = names.map((name) => readPragma(database, name));
    assert.deepEqual(values, ["wal", 2, 1, 1, 1_000]);
    database.close();
    return Promise.resolve();
  }));

Deno.test("openSqliteStores() refuses a file of a newer version", () =>
  withFile(async (path) => {
    await openAndClose(path);
    asOther(path, (database) => database.exec("PRAGMA user_version = 99"));
    refuses(
      path,
      /Cannot open the database .* as a newer version of this program wrote it: schema 99/,
    );
  }));

Deno.test("openSqliteStores() refuses another program's file and leaves it as it was", () =>
  withFile(async (path) => {
    asOther(path, (database) => database.exec("CREATE TABLE theirs (id)"));
    const before = await Deno.readFile(path);
    refuses(path, /it is another program's file: application_id 0/);
    assert.deepEqual(await Deno.readFile(path), before);
  }));

Deno.test("openSqliteStores() refuses a file with another application_id, even an empty one", () =>
  withFile((path) => {
    asOther(path, (database) => database.exec("PRAGMA application_id = 7"));
    refuses(path, /it is another program's file: application_id 7/);
    return Promise.resolve();
  }));

Deno.test("openSqliteStores() refuses a file that is no database", () =>
  withFile(async (path) => {
    await Deno.writeTextFile(path, "not a database, whatever its name says\n".repeat(200));
    refuses(path, /Cannot open the database .* as file is not a database/);
  }));

Deno.test("openSqliteStores() refuses a damaged file, whichever page is hit", () =>
  withFile(async (path) => {
    const stores = openSqliteStores(path);
    for (let n = 0; n < 60; n++) await inserted(stores, { metadata: { note: "x".repeat(2_000) } });
    await stores.close();
    const whole = await Deno.readFile(path);
    const pages = whole.length / PAGE_BYTES;
    for (let page = 1; page < pages; page++) {
      const damaged = whole.slice();
      damaged.fill(0xa5, page * PAGE_BYTES, page * PAGE_BYTES + 64);
      await Deno.writeFile(path, damaged);
      refuses(path, /it is damaged|malformed/);
    }
  }));

Deno.test("openSqliteStores() tells why it cannot open a path", () =>
  withFile((path) => {
    Deno.mkdirSync(path);
    refuses(path, /Cannot open the database .* as .*unable to open/);
    return Promise.resolve();
  }));

Deno.test("assertSqliteVersion() refuses versions before 3.45", () => {
  for (const version of ["3.45.0", "3.53.2", "4.0.0"]) assertSqliteVersion(version);
  for (const version of ["3.44.6", "2.99.0", ""]) {
    assert.throws(() => assertSqliteVersion(version), /SQLite must be at least 3\.45/);
  }
});

for (const [size, note] of [["small", "x"], ["of many pages", "x".repeat(20_000)]] as const) {
  Deno.test(`checkpoint() leaves no byte of a shredded number on disk, in a record ${size}`, () =>
    withFile(async (path) => {
      const sealedNumber = "v1.THE-SEALED-NUMBER-TO-FIND";
      const stores = openSqliteStores(path);
      const before = await inserted(stores, {
        recipient: aCard({ sealedNumber }),
        metadata: { note },
      });
      await inserted(stores);
      stores.checkpoint();
      assert.ok(onDisk(path, sealedNumber), "it must be there before");
      const recipient = shredNumber(before.recipient);
      // It grows as real ones do then, so that it moves and its old place is left behind.
      await saved(stores, before, { ...before, recipient, description: "y".repeat(500) });
      stores.checkpoint();
      assert.ok(!onDisk(path, sealedNumber));
      await stores.close();
      assert.ok(!onDisk(path, sealedNumber));
    }));
}

/** Whether any file beside the database holds these bytes. */
function onDisk(path: string, text: string): boolean {
  const folder = dirname(path);
  return [...Deno.readDirSync(folder)].some(({ name }) => {
    const bytes = Deno.readFileSync(`${folder}/${name}`);
    return new TextDecoder("latin1").decode(bytes).includes(text);
  });
}

Deno.test("save() through two connections to one file lets one win", () =>
  withFile(async (path) => {
    const [one, other] = [openSqliteStores(path), openSqliteStores(path)];
    for (let round = 0; round < 20; round++) {
      const before = await inserted(one);
      const answers = await Promise.all([
        one.payments.save(before, { ...before, description: "one" }),
        other.payments.save(before, { ...before, description: "other" }),
      ]);
      assert.deepEqual(answers.map(({ kind }) => kind).sort(), ["saved", "stale"]);
      const won = answers.find((answer) => answer.kind === "saved");
      assert.deepEqual(await one.payments.get(before.id), won?.item);
      assert.deepEqual(await other.payments.get(before.id), won?.item);
    }
    await one.close();
    await other.close();
  }));

Deno.test("insertOrGet() through two connections to one file stores one a handle", () =>
  withFile(async (path) => {
    const [one, other] = [openSqliteStores(path), openSqliteStores(path)];
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(
        [one, other].map(({ payments }) =>
          payments.insertOrGet(aPayment({ externalId: `${round}` }))
        ),
      );
      assert.deepEqual(answers.map(({ kind }) => kind).sort(), ["exists", "inserted"]);
    }
    await one.close();
    await other.close();
  }));

Deno.test("openSqliteStores() empties the write-ahead log by itself when it is asked to", () =>
  withFile(async (path) => {
    const stores = openSqliteStores(path, { checkpointEveryMs: 5 });
    await inserted(stores);
    await eventually(async () => (await Deno.stat(`${path}-wal`)).size === 0);
    await stores.close();
  }));
