// Laws of a restore: never under a running service, nothing is lost by it, and what came back starts fenced.

import assert from "node:assert/strict";
import { backupDatabase } from "../../../adapters/sqlite/backup_database.ts";
import { MIGRATIONS } from "../../../adapters/sqlite/migrations.ts";
import {
  openSqliteStores,
  type SqliteStores,
} from "../../../adapters/sqlite/open_sqlite_stores.ts";
import { restoreDatabase } from "../../../adapters/sqlite/restore_database.ts";
import { retire } from "../../../adapters/sqlite/retired_mark.ts";
import { sidecarOf } from "../../../adapters/sqlite/store_epoch.ts";
import type { Payment } from "../../../domain/payment.ts";
import { inserted } from "../../contracts/stores.ts";
import { asOther, withFile } from "./temp_file.ts";

const AT = "2026-01-31T12:00:00.000Z";

async function use<Answer>(path: string, work: (stores: SqliteStores) => Promise<Answer>) {
  const stores = openSqliteStores(path);
  try {
    return await work(stores);
  } finally {
    await stores.close();
  }
}

interface Case {
  readonly path: string;
  readonly copy: string;
  /** In the backup. */
  readonly early: Payment;
  /** Not in it any more. */
  readonly late: Payment;
}

function withBackup(test: (given: Case) => Promise<void>): Promise<void> {
  return withFile(async (path) => {
    const early = await use(path, inserted);
    const copy = `${path}.copy`;
    await backupDatabase(path, copy);
    const late = await use(path, inserted);
    await test({ path, copy, early, late });
  });
}

async function idsIn(path: string): Promise<(string | undefined)[]> {
  const page = await use(
    path,
    ({ payments }) => payments.list({}, { perPage: 100, page: 1 }),
  );
  return page.items.map(({ id }) => id).sort();
}

Deno.test("restoreDatabase() puts the backup in place and keeps what it replaced", () =>
  withBackup(async ({ path, copy, early, late }) => {
    const { report, keptAs = "" } = await restoreDatabase(copy, path, { at: AT });
    await assert.rejects(Deno.stat(sidecarOf(path)), Deno.errors.NotFound);
    assert.equal(report.rows.payments, 1);
    assert.deepEqual(await idsIn(path), [early.id]);
    asOther(keptAs, (database) => {
      const ids = database.prepare("SELECT id FROM payments ORDER BY id").all();
      assert.deepEqual(ids.map(({ id }) => id), [early.id, late.id].sort());
    });
    assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
  }));

Deno.test("restoreDatabase() makes the store start as restored, until that is accepted", () =>
  withBackup(async ({ path, copy }) => {
    await restoreDatabase(copy, path, { at: AT });
    assert.equal(await use(path, ({ restored }) => Promise.resolve(restored)), true);
    await use(path, (stores) => stores.acceptRestore());
    assert.equal(await use(path, ({ restored }) => Promise.resolve(restored)), false);
  }));

Deno.test("restoreDatabase() makes it start as restored even if a mark is put back beside it", () =>
  withBackup(async ({ path, copy }) => {
    const mark = await Deno.readTextFile(sidecarOf(path));
    await restoreDatabase(copy, path, { at: AT });
    await Deno.writeTextFile(sidecarOf(path), mark);
    assert.equal(await use(path, ({ restored }) => Promise.resolve(restored)), true);
  }));

Deno.test("restoreDatabase() fences a backup from before there were marks", () =>
  withFile(async (path) => {
    asOther(path, (database) => {
      database.exec(MIGRATIONS[0]!);
      database.exec("PRAGMA application_id = 0x6b706179");
      database.exec("PRAGMA user_version = 1");
    });
    await restoreDatabase(path, `${path}.new`, { at: AT });
    assert.equal(await use(`${path}.new`, ({ restored }) => Promise.resolve(restored)), true);
    assert.equal(asOther(path, (d) => d.prepare("PRAGMA user_version").get()?.user_version), 1);
  }));

Deno.test("restoreDatabase() refuses while the target is open anywhere, and touches nothing", () =>
  withBackup(async ({ path, copy, early, late }) => {
    await use(path, async (stores) => {
      const mark = await Deno.readTextFile(sidecarOf(path));
      await assert.rejects(restoreDatabase(copy, path, { at: AT }), /stop the service first/);
      assert.equal(await Deno.readTextFile(sidecarOf(path)), mark);
      await inserted(stores);
    });
    const ids = await idsIn(path);
    assert.equal(ids.length, 3);
    assert.ok(ids.includes(early.id) && ids.includes(late.id));
    await assert.rejects(Deno.stat(`${path}.restoring`), Deno.errors.NotFound);
  }));

Deno.test("restoreDatabase() leaves a file that no service opens by mistake, but a restore does", () =>
  withBackup(async ({ path, copy, late }) => {
    const { keptAs = "" } = await restoreDatabase(copy, path, { at: AT });
    assert.throws(() => openSqliteStores(keptAs), /a restore put another file in its place/);
    await restoreDatabase(keptAs, path, { at: "2026-01-31T13:00:00.000Z" });
    assert.ok((await idsIn(path)).includes(late.id));
  }));

Deno.test("restoreDatabase() keeps what only the log of a killed service had", () =>
  withBackup(async ({ path, copy }) => {
    const killed = openSqliteStores(path);
    const { id } = await inserted(killed);
    const left = `${path}.left`;
    for (const file of ["", "-wal"]) await Deno.copyFile(path + file, left + file);
    await killed.close();
    const { keptAs = "" } = await restoreDatabase(copy, left, { at: AT });
    const kept = asOther(
      keptAs,
      (database) => database.prepare("SELECT id FROM payments WHERE id = ?").get(id),
    );
    assert.equal(kept?.id, id);
    await assert.rejects(Deno.stat(`${left}-wal`), Deno.errors.NotFound);
  }));

Deno.test("restoreDatabase() keeps a log without a file from being replayed into the restored one", () =>
  withBackup(async ({ path, copy, early }) => {
    const killed = openSqliteStores(path);
    await inserted(killed);
    const target = `${path}.gone`;
    await Deno.copyFile(`${path}-wal`, `${target}-wal`);
    await killed.close();
    const { keptAs } = await restoreDatabase(copy, target, { at: AT });
    assert.equal(keptAs, undefined);
    assert.deepEqual(await idsIn(target), [early.id]);
    assert.equal(
      [...Deno.readDirSync(path.replace(/\/[^/]*$/, ""))].filter(({ name }) =>
        name.includes("gone.replaced")
      ).length,
      1,
    );
  }));

Deno.test("restoreDatabase() refuses a damaged backup and leaves the store as it was", () =>
  withBackup(async ({ path, copy, late }) => {
    using file = await Deno.open(copy, { write: true });
    await file.seek(4_096 * 2, Deno.SeekMode.Start);
    await file.write(new Uint8Array(4_096).fill(255));
    await assert.rejects(restoreDatabase(copy, path, { at: AT }), /Cannot restore/);
    assert.ok((await idsIn(path)).includes(late.id));
    assert.equal(await use(path, ({ restored }) => Promise.resolve(restored)), false);
  }));

Deno.test("restoreDatabase() refuses another program's file, what is not there and a newer schema", () =>
  withBackup(async ({ path, copy }) => {
    asOther(`${path}.theirs`, (database) => database.exec("CREATE TABLE theirs (n)"));
    asOther(copy, (database) => database.exec("PRAGMA user_version = 99"));
    for (const from of [`${path}.theirs`, `${path}.nothing`, copy]) {
      await assert.rejects(restoreDatabase(from, path, { at: AT }), /Cannot restore/, from);
    }
    assert.equal((await idsIn(path)).length, 2);
  }));

Deno.test("restoreDatabase() brings back no store that was moved, and puts nothing over one", () =>
  withBackup(async ({ path, copy }) => {
    const moved = { because: "moved", to: "mongodb", at: AT } as const;
    const before = `${path}.before`;
    await backupDatabase(path, before);
    asOther(path, (database) => retire(database, moved));
    await assert.rejects(restoreDatabase(copy, path, { at: AT }), /was moved to mongodb/);
    asOther(copy, (database) => retire(database, moved));
    await assert.rejects(restoreDatabase(copy, `${path}.new`, { at: AT }), /was moved to mongodb/);
    assert.throws(() => openSqliteStores(path), /moved to mongodb/);
  }));
