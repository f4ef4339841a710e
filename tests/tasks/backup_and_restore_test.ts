// The operator's backup and restore as real processes beside a store that is in use.

import assert from "node:assert/strict";
import { openSqliteStores } from "../../adapters/sqlite/open_sqlite_stores.ts";
import { withFile } from "../adapters/sqlite/temp_file.ts";
import { inserted } from "../contracts/stores.ts";
import { runOperatorTask } from "./run_operator_task.ts";

Deno.test("task backup copies the database of DATABASE_URL while a service uses it, to a name of its own", () =>
  withFile(async (path) => {
    const stores = openSqliteStores(path);
    await inserted(stores);
    const env = { DATABASE_URL: `sqlite:${path}` };
    const runs = [
      await runOperatorTask("backup", [], env),
      await runOperatorTask("backup", [], env),
    ];
    for (const { code, stdout, stderr } of runs) {
      assert.equal(code, 0, stderr);
      assert.match(stdout, /1 payments/);
    }
    const folder = path.replace(/[^/]*$/, "backups");
    assert.equal([...Deno.readDirSync(folder)].length, 2);
    await inserted(stores);
    await stores.close();
  }));

Deno.test("task restore refuses beside a service, with what to do, and works once that is stopped", () =>
  withFile(async (path) => {
    const stores = openSqliteStores(path);
    await inserted(stores);
    const copy = `${path}.copy`;
    assert.equal((await runOperatorTask("backup", ["--from", path, "--to", copy])).code, 0);
    await inserted(stores);
    const refused = await runOperatorTask("restore", [copy, "--to", `sqlite:${path}`]);
    assert.deepEqual([refused.code, refused.stdout], [1, ""]);
    assert.match(refused.stderr, /another process has it open: stop the service first/);
    await stores.close();

    const done = await runOperatorTask("restore", [copy, "--to", `sqlite:${path}`]);
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /1 payments that the backup shows as unsent become in doubt/);
    const restored = openSqliteStores(path);
    assert.equal(restored.restored, true);
    assert.equal((await restored.payments.list({}, { perPage: 9, page: 1 })).total, 1);
    await restored.close();
  }));

Deno.test("a service cannot be started on a file while a restore has it", () =>
  withFile(async (path) => {
    const { takeSoleUse } = await import("../../adapters/sqlite/sole_use.ts");
    await openSqliteStores(path).close();
    {
      using _sole = takeSoleUse(path);
      const { code, stderr } = await runOperatorTask("backup", [
        "--from",
        path,
        "--to",
        `${path}.x`,
      ]);
      assert.equal(code, 1);
      assert.match(stderr, /database is locked/);
      assert.throws(() => openSqliteStores(path, { busyTimeoutMs: 10 }), /locked/);
    }
    await openSqliteStores(path).close();
  }));

for (const task of ["backup", "restore"]) {
  Deno.test(`task ${task} explains itself with --help, and exits with 64 for wrong arguments`, async () => {
    const help = await runOperatorTask(task, ["--help"]);
    assert.equal(help.code, 0);
    assert.match(help.stdout, new RegExp(`^deno task ${task} `));
    for (const args of [["--nope"], ["--to"], ["a", "b"], ["--from", "mongodb://x"]]) {
      const wrong = await runOperatorTask(task, args);
      assert.equal(wrong.code, 64, args.join(" "));
      assert.ok(wrong.stderr.includes(`deno task ${task} `));
    }
  });
}
