// The service as a real process on MongoDB: its permissions, and what it does while the database is gone.

import assert from "node:assert/strict";
import { mongoProgram, startLocalMongo } from "../../tasks/local_mongo.ts";
import { freePort, startLocalStack } from "../../tasks/local_stack.ts";
import { eventually } from "../support/eventually.ts";
import { mongoForTests } from "../support/mongo_server.ts";
import { seedCard } from "./rig.ts";

const SLOW = { timeoutMs: 30_000, everyMs: 50 };
/** The longest that a request may take while the database is gone. */
const BOUND_MS = 15_000;

const program = mongoProgram();
const mongo = await mongoForTests();

async function openProcesses(databaseUrl: string) {
  const folder = await Deno.makeTempDir();
  const lines: string[] = [];
  const stack = await startLocalStack({
    env: {
      PORT: freePort(),
      SANDBOX_PORT: freePort(),
      SANDBOX_STATE: `${folder}/sandbox.json`,
      SANDBOX_STEP_MS: "50",
      DATABASE_URL: databaseUrl,
      LOG_FORMAT: "json",
    },
    onLine: (name, line) => lines.push(`${name}| ${line}`),
  });
  const headers = {
    authorization: `Bearer ${stack.token}`,
    "content-type": "application/json",
  };
  const ask = (path: string, init?: RequestInit) =>
    fetch(stack.serviceUrl + path, { ...init, headers, signal: AbortSignal.timeout(BOUND_MS) });
  return {
    lines,
    ask,
    pay: (external_id: string) =>
      ask("/konsol/payments", {
        method: "POST",
        body: JSON.stringify({ ...seedCard, external_id, callback_url: undefined }),
      }),
    untilCompleted: (id: string) =>
      eventually(async () => {
        const shown = await (await ask(`/konsol/payments/${id}`)).json();
        return shown.status === "completed";
      }, SLOW),
    async executed() {
      const response = await fetch(`${stack.sandboxUrl}/sandbox/state`);
      return (await response.json()).creates_executed;
    },
    stopService: () => stack.service().stop("SIGTERM"),
    async [Symbol.asyncDispose]() {
      await stack.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

if (mongo !== undefined) {
  Deno.test("main.ts pays on MongoDB, with no more permissions than the service is started with", async () => {
    await using rig = await openProcesses(mongo.ownDatabase());
    const { id } = await (await rig.pay("order_1")).json();
    await rig.untilCompleted(id);
    assert.equal(await rig.executed(), 1);
    assert.deepEqual(rig.lines.filter((line) => line.includes("NotCapable")), []);
    assert.equal(await rig.stopService(), 0, rig.lines.join("\n"));
  });
}

if (program !== undefined) {
  Deno.test("main.ts answers 503 while MongoDB is gone, /readyz says why, and all recovers by itself", async () => {
    const storage = await Deno.makeTempDir();
    const port = freePort();
    const first = await startLocalMongo(program, storage, port);
    await using rig = await openProcesses(first.url);
    const before = await (await rig.pay("order_1")).json();
    await rig.untilCompleted(before.id);
    await first.kill();

    const refused = await rig.pay("order_2");
    assert.equal(refused.status, 503);
    assert.ok(Number(refused.headers.get("retry-after")) > 0);
    await refused.body?.cancel();
    // What it found out within the last second still holds.
    await eventually(async () => {
      const unready = await rig.ask("/readyz");
      assert.match(await unready.text(), /Cannot use MongoDB as it failed: .*ECONNREFUSED/);
      assert.equal(unready.status, 503);
    }, SLOW);

    const second = await startLocalMongo(program, storage, port);
    await eventually(async () => {
      const ready = await rig.ask("/readyz");
      await ready.body?.cancel();
      return ready.status === 200;
    }, SLOW);
    const after = await (await rig.pay("order_2")).json();
    await rig.untilCompleted(after.id);
    await rig.untilCompleted(before.id);
    assert.equal(await rig.executed(), 2);
    await rig.stopService();
    await second.kill();
    await Deno.remove(storage, { recursive: true });
  });
}
