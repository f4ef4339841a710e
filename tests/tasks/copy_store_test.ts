// Laws of the move from SQLite to MongoDB: all of it arrives, equal, and never two stores send the same queue.

import assert from "node:assert/strict";
import { dirname } from "node:path";
import { MovingTarget } from "../../adapters/mongo/moving_target.ts";
import { openMongoStores } from "../../adapters/mongo/open_mongo_stores.ts";
import { MovingSource } from "../../adapters/sqlite/moving_source.ts";
import { openSqliteStores, type SqliteStores } from "../../adapters/sqlite/open_sqlite_stores.ts";
import { sidecarOf } from "../../adapters/sqlite/store_epoch.ts";
import type { PaymentEvent } from "../../domain/payment.ts";
import { copyStore } from "../../tasks/copy_store.ts";
import { asOther, withFile } from "../adapters/sqlite/temp_file.ts";
import { inserted } from "../contracts/stores.ts";
import { listedEvents, storedCallback } from "../contracts/told_events.ts";
import { eventually } from "../support/eventually.ts";
import { anInvoice } from "../support/invoices.ts";
import { inDatabase, mongoForTests } from "../support/mongo_server.ts";
import { aPhone } from "../support/payments.ts";
import { aWebhook } from "../support/webhooks.ts";
import { runOperatorTask } from "./run_operator_task.ts";

const OPTIONS = {
  targetName: "mongodb://there/konsol",
  at: "2026-01-31T12:00:00.000Z",
  batchSize: 5,
};
const mongo = await mongoForTests();

async function use<Answer>(path: string, work: (stores: SqliteStores) => Promise<Answer>) {
  const stores = openSqliteStores(path);
  try {
    return await work(stores);
  } finally {
    await stores.close();
  }
}

/** Of every kind, with what is hard to carry over: strange text, a long history, a time between two. */
async function fill(stores: SqliteStores, count: number) {
  const { payments, invoices, webhooks, control } = stores;
  const event: PaymentEvent = {
    at: 1.5,
    submission: "queued",
    status: "pending",
    attempt: 0,
    cause: { kind: "timer" },
  };
  const history = Array.from({ length: 450 }, (_, n) => ({ ...event, note: `${n} \ud800` }));
  await inserted({ payments }, { history, metadata: { "$a.b": [null, 1e21, "\u0000"] } });
  await inserted({ payments }, {
    recipient: aPhone(),
    userId: 2 ** 40,
    dueAt: 1_750_000_000_000.5,
  });
  for (let n = 0; n < count; n++) await inserted({ payments });
  await storedCallback(stores, { state: "dead" });
  await storedCallback(stores);
  await invoices.insertOrGet(anInvoice());
  await webhooks.insertOrGet(aWebhook());
  await control.put("submission_pause", undefined, {
    paused: true,
    by: "anna",
    reason: "x",
    at: 1,
  });
}

type Moved = SqliteStores | Awaited<ReturnType<typeof openMongoStores>>;

async function everythingIn(stores: Moved) {
  const page = { perPage: 1_000, page: 1 };
  const { payments, invoices, webhooks, callbacks } = stores;
  return [
    (await payments.list({}, page)).items,
    (await invoices.list({}, page)).items,
    (await webhooks.list({}, page)).items,
    (await callbacks.list({}, page)).items,
    await listedEvents(stores),
  ];
}

interface Move {
  readonly path: string;
  readonly url: string;
  /** One run of the move; `change` stands in for what breaks. */
  run(change?: (target: MovingTarget) => MovingTarget): ReturnType<typeof copyStore>;
}

function withMove(test: (move: Move) => Promise<void>): Promise<void> {
  return withFile(async (path) => {
    const url = mongo?.ownDatabase() ?? "";
    await test({
      path,
      url,
      async run(change = (target) => target) {
        const source = new MovingSource(path);
        const target = await MovingTarget.open(url);
        try {
          return await copyStore(source, change(target), OPTIONS);
        } finally {
          source.close();
          await target.close();
        }
      },
    });
  });
}

/** Fails at the `nth` load, as a lost connection does. */
function breakingAt(nth: number): (target: MovingTarget) => MovingTarget {
  let loads = 0;
  return (target) =>
    changed(target, "load", (load) => (kind, entries) => {
      if (++loads === nth) return Promise.reject(new Error("the connection is gone"));
      return load(kind, entries);
    });
}

function changed<Name extends "load" | "read" | "finish">(
  target: MovingTarget,
  name: Name,
  change: (real: MovingTarget[Name]) => MovingTarget[Name],
): MovingTarget {
  const real = target[name].bind(target) as MovingTarget[Name];
  return new Proxy(target, {
    get(on, asked) {
      if (asked === name) return change(real);
      const value = Reflect.get(on, asked);
      return typeof value === "function" ? value.bind(on) : value;
    },
  });
}

function law(title: string, test: (move: Move) => Promise<void>): void {
  Deno.test({ name: title, ignore: mongo === undefined, fn: () => withMove(test) });
}

law(
  "copyStore() brings every record over, equal in the stores that the service opens",
  async ({ path, url, run }) => {
    await use(path, (stores) => fill(stores, 20));
    const before = await use(path, async (stores) => await everythingIn(stores));
    const { counts, written } = await run();
    assert.deepEqual(counts, {
      payments: 24,
      invoices: 1,
      webhooks: 1,
      events: 2,
      callbacks: 2,
      control: 1,
    });
    assert.equal(written, 31);
    const moved = await openMongoStores(url);
    const after = await everythingIn(moved);
    assert.deepEqual(after, before);
    const longest = await inDatabase(
      url,
      (database) =>
        database.collection("konsol_payments").find({ history_moved: { $gt: 0 } }).toArray(),
    );
    assert.deepEqual(longest.map(({ history }) => history.length), [150]);
    const pause = await moved.control.get<{ by: string }>("submission_pause");
    assert.deepEqual([pause?.version, pause?.value.by], [1, "anna"]);
    const [first] = await listedEvents(moved);
    await storedCallback(moved);
    await eventually(async () => (await listedEvents(moved)).length === 3);
    assert.deepEqual((await listedEvents(moved))[0], first);
    await moved.close();
  },
);

law(
  "copyStore() marks the file, so that no service opens it and no second copy is made",
  async ({ path, url, run }) => {
    await use(path, (stores) => fill(stores, 1));
    await run();
    assert.throws(() => openSqliteStores(path), /moved to mongodb:\/\/there\/konsol/);
    await assert.rejects(run(), /it was moved already/);
    const moved = await openMongoStores(url);
    await moved.close();
  },
);

law(
  "MovingSource is refused while a service has the file open, and keeps one from opening it",
  async ({ path, run }) => {
    await use(path, async (stores) => {
      await fill(stores, 1);
      await assert.rejects(run(), /stop the service first/);
    });
    const source = new MovingSource(path);
    assert.throws(() => openSqliteStores(path, { busyTimeoutMs: 1 }), /locked/);
    source.close();
    await use(path, inserted);
  },
);

law(
  "copyStore() that broke off leaves the file in service and the target out of it",
  async ({ path, url, run }) => {
    await use(path, (stores) => fill(stores, 20));
    await assert.rejects(run(breakingAt(4)), /connection is gone/);
    await assert.rejects(openMongoStores(url), /a copy into it is unfinished/);
    await use(path, inserted);
    const { written, counts } = await run();
    assert.equal(counts.payments, 25);
    assert.ok(written < 24, `${written} written again`);
    await (await openMongoStores(url)).close();
  },
);

law(
  "copyStore() that broke off after the file was marked is finished by the next run",
  async ({ path, url, run }) => {
    await use(path, (stores) => fill(stores, 1));
    const unfinished = (target: MovingTarget) =>
      changed(target, "finish", () => () => Promise.reject(new Error("the connection is gone")));
    await assert.rejects(run(unfinished), /connection is gone/);
    assert.throws(() => openSqliteStores(path), /moved/);
    await assert.rejects(openMongoStores(url), /unfinished/);
    assert.equal((await run()).written, 0);
    await (await openMongoStores(url)).close();
  },
);

law(
  "copyStore() that broke off leaves its queue to the file, also where a service has the target open",
  async ({ path, url, run }) => {
    await use(path, (stores) => fill(stores, 3));
    const other = await openMongoStores(url);
    const due = () => other.payments.due(["queued"], Number.MAX_SAFE_INTEGER, 99);
    assert.deepEqual(await due(), []);
    await assert.rejects(run(breakingAt(4)), /connection is gone/);
    await assert.rejects(due(), /a copy into it is unfinished/);
    await run();
    assert.ok((await due()).length > 0);
    await other.close();
  },
);

law(
  "copyStore() takes back nothing that was changed in the target since an earlier run",
  async ({ path, url, run }) => {
    const payment = await use(path, async (stores) => {
      await fill(stores, 0);
      return await inserted(stores);
    });
    const other = await openMongoStores(url);
    await assert.rejects(run(breakingAt(4)), /connection is gone/);
    const copied = await other.payments.get(payment.id) ?? payment;
    await other.payments.save(copied, { ...copied, description: "changed there" });
    await assert.rejects(run(), /differs in the target/);
    assert.equal((await other.payments.get(payment.id))?.description, "changed there");
    await other.close();
    await use(path, inserted);
  },
);

law(
  "copyStore() brings over what the file changed after an earlier run broke off",
  async ({ path, url, run }) => {
    const payment = await use(path, async (stores) => {
      await fill(stores, 0);
      return await inserted(stores);
    });
    await assert.rejects(run(breakingAt(4)), /connection is gone/);
    await use(path, async ({ payments }) => {
      await payments.save(payment, { ...payment, description: "changed" });
    });
    await run();
    const moved = await openMongoStores(url);
    assert.equal((await moved.payments.get(payment.id))?.description, "changed");
    await moved.close();
  },
);

law(
  "copyStore() does not mark the file when one record reads otherwise in the target",
  async ({ path, run }) => {
    await use(path, (stores) => fill(stores, 3));
    const lying = (target: MovingTarget) =>
      changed(
        target,
        "read",
        (read) => async (kind, ids) =>
          (await read(kind, ids)).map(({ id, value }) => ({
            id,
            value: kind === "payments" ? { ...(value as object), amountMinor: 1 } : value,
          })),
      );
    await assert.rejects(run(lying), /differs in the target/);
    await use(path, inserted);
  },
);

law(
  "copyStore() does not mark the file when the target has a record more",
  async ({ path, url, run }) => {
    await use(path, (stores) => fill(stores, 1));
    const joined = (target: MovingTarget) =>
      changed(target, "load", (load) => async (kind, entries) => {
        await load(kind, entries);
        if (kind !== "control") return;
        const another = { _id: "another" as unknown as never, version: 1, value: "1" };
        await inDatabase(
          url,
          (database) => database.collection("konsol_control").insertOne(another),
        );
      });
    await assert.rejects(run(joined), /another number of control: 2, not 1/);
    await use(path, inserted);
  },
);

law(
  "copyStore() fills no database that has a history of its own, or another store's half",
  async ({ path, url, run }) => {
    await use(path, (stores) => fill(stores, 1));
    const other = await openMongoStores(url);
    await inserted(other);
    await other.close();
    await assert.rejects(run(), /the target has payments of its own \(1\)/);
    await inDatabase(url, async (database) => {
      await database.collection("konsol_payments").deleteMany({});
      const mark = {
        _id: "store_copy_unfinished" as unknown as never,
        version: 1,
        value: '"other"',
      };
      await database.collection("konsol_control").insertOne(mark);
    });
    await assert.rejects(run(), /another store's copy into it is unfinished/);
  },
);

law(
  "MovingSource takes no file that came back from a backup unfenced, nor one with unknown rows",
  async ({ path }) => {
    await use(path, inserted);
    await Deno.remove(sidecarOf(path));
    assert.throws(() => new MovingSource(path), /start the service on it once/);
    await use(path, (stores) => stores.acceptRestore());
    asOther(
      path,
      (database) => database.exec("CREATE TABLE newer (n); INSERT INTO newer VALUES (1)"),
    );
    assert.throws(() => new MovingSource(path), /cannot move: newer/);
  },
);

law(
  "task copy --dry-run counts and copies nothing; without it the history moves",
  async ({ path, url }) => {
    await use(path, (stores) => fill(stores, 2));
    const args = ["--from", path, "--to", url];
    const dry = await runOperatorTask("copy", [...args, "--dry-run"]);
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(
      dry.stdout,
      /Would copy 6 payments, 1 invoices, 1 webhooks, 2 events, 2 callbacks, 1 control/,
    );
    const names = await inDatabase(url, (database) => database.listCollections().toArray());
    assert.deepEqual(names, []);
    await use(path, inserted);

    const done = await runOperatorTask("copy", args);
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /Moved 7 payments/);
    assert.match(done.stdout, /Hash over all records, the same on both sides: [0-9a-f]{64}/);
    const again = await runOperatorTask("copy", args);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /it was moved already/);
  },
);

Deno.test("task copy explains itself, and tells no password", async () => {
  const help = await runOperatorTask("copy", ["--help"]);
  assert.deepEqual([help.code, help.stdout.startsWith("deno task copy ")], [0, true]);
  for (const args of [["--nope"], ["--from", "memory:"], ["--to", "http://x"]]) {
    assert.equal((await runOperatorTask("copy", args)).code, 64, args.join(" "));
  }
  await withFile(async (path) => {
    const to = "mongodb://someone:s3cret@127.0.0.1:1/konsol?w=0";
    const missing = await runOperatorTask("copy", ["--from", path, "--to", to]);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /there is no such file/);
    assert.deepEqual(
      [...Deno.readDirSync(dirname(path))],
      [],
      "nothing was made, nothing is moved",
    );
    await use(path, inserted);
    const wrong = await runOperatorTask("copy", ["--from", path, "--to", to]);
    assert.equal(wrong.code, 1);
    assert.ok(!(wrong.stdout + wrong.stderr).includes("s3cret"));
  });
});
