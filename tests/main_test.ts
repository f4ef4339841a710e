// The service as a real process: its permissions, its settings, its signals, its crashes.

import assert from "node:assert/strict";
import {
  developmentEnv,
  freePort,
  type LocalStack,
  startLocalStack,
} from "../tasks/local_stack.ts";
import { startChild } from "../tasks/child.ts";
import { servicePermissions } from "../tasks/permissions.ts";
import { eventually } from "./support/eventually.ts";
import { seedCard } from "./whole_app/rig.ts";

const SLOW = { timeoutMs: 20_000, everyMs: 50 };

interface Rig extends AsyncDisposable {
  readonly folder: string;
  readonly stack: LocalStack;
  readonly lines: string[];
  pay(fields: Record<string, unknown>): Promise<Response>;
  shown(id: string): Promise<Record<string, unknown>>;
  fault(fault: string, more?: Record<string, unknown>): Promise<void>;
  executed(): Promise<number>;
}

async function openProcesses(env: Record<string, string> = {}): Promise<Rig> {
  const folder = await Deno.makeTempDir();
  const lines: string[] = [];
  const stack = await startLocalStack({
    env: {
      PORT: freePort(),
      SANDBOX_PORT: freePort(),
      SANDBOX_STATE: `${folder}/sandbox.json`,
      SANDBOX_STEP_MS: "50",
      DATABASE_URL: `sqlite:${folder}/konsol.db`,
      LOG_FORMAT: "json",
      ...env,
    },
    onLine: (name, line) => lines.push(`${name}| ${line}`),
  });
  const headers = {
    authorization: `Bearer ${stack.token}`,
    "content-type": "application/json",
  };
  return {
    folder,
    stack,
    lines,
    pay: (fields) =>
      fetch(`${stack.serviceUrl}/konsol/payments`, {
        method: "POST",
        headers,
        body: JSON.stringify({ ...seedCard, callback_url: undefined, ...fields }),
      }),
    async shown(id) {
      const response = await fetch(`${stack.serviceUrl}/konsol/payments/${id}`, { headers });
      return await response.json();
    },
    async fault(fault, more) {
      const body = JSON.stringify({ fault, ...more });
      const response = await fetch(`${stack.sandboxUrl}/sandbox/faults`, { method: "POST", body });
      await response.body?.cancel();
    },
    async executed() {
      const response = await fetch(`${stack.sandboxUrl}/sandbox/state`);
      return (await response.json()).creates_executed;
    },
    async [Symbol.asyncDispose]() {
      await stack.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test("main.ts pays, with no more permissions than the service is started with", async () => {
  await using rig = await openProcesses();
  const { id } = await (await rig.pay({})).json();
  await eventually(async () => (await rig.shown(id)).status === "completed", SLOW);
  assert.equal(await rig.executed(), 1);
  assert.equal(rig.lines.filter((line) => line.includes("NotCapable")).length, 0);
});

Deno.test("main.ts calls the payment's address back, with those permissions", async () => {
  const types: string[] = [];
  await using receiver = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (c) => {
      types.push((await c.json()).type);
      return new Response();
    },
  );
  await using rig = await openProcesses();
  await rig.pay({ callback_url: `http://127.0.0.1:${receiver.addr.port}/hook` });
  await eventually(() => types.includes("payment.completed"), SLOW);
  assert.equal(types[0], "payment.created");
});

Deno.test("main.ts tells every missing setting by name and exits with 78", async () => {
  const lines: string[] = [];
  const child = startChild({
    name: "service",
    args: ["run", ...servicePermissions("data"), "main.ts"],
    env: { API_TOKEN: "short-and-secret" },
    onLine: (line) => lines.push(line),
  });
  assert.equal(await child.ended, 78);
  const told = lines.join("\n");
  for (
    const name of [
      "KONSOL_API_TOKEN",
      "KONSOL_BASE_URL",
      "API_TOKEN",
      "CARD_KEY",
      "CALLBACK_SECRETS",
    ]
  ) {
    assert.ok(told.includes(name), name);
  }
  assert.ok(!told.includes("short-and-secret"));
});

Deno.test("SIGTERM in the middle of a send lets the send finish, and nothing is in doubt", async () => {
  await using rig = await openProcesses({ SUBMIT_WAIT: "0.01" });
  const { id } = await (await rig.pay({ amount: 10.03 })).json();
  assert.equal(await rig.stack.service().stop("SIGTERM"), 0);
  await rig.stack.restartService();
  await eventually(async () => (await rig.shown(id)).status === "completed", SLOW);
  assert.equal(await rig.executed(), 1);
  const doubts = rig.lines.filter((line) => line.includes('"to":"in_doubt"'));
  assert.deepEqual(doubts, []);
});

Deno.test("several signals of one Ctrl-C end the service cleanly", async () => {
  await using rig = await openProcesses();
  const service = rig.stack.service();
  for (let press = 0; press < 3; press++) Deno.kill(service.pid, "SIGINT");
  assert.equal(await service.ended, 0);
  assert.ok(rig.lines.some((line) => line.includes('"stopped"') && line.includes('"clean":true')));
});

Deno.test("kill -9 in the middle of a send loses no payment and makes none twice", async () => {
  await using rig = await openProcesses({ SUBMIT_WAIT: "0.01", KONSOL_TIMEOUT: "5" });
  const { id } = await (await rig.pay({ amount: 10.03 })).json();
  // Konsol has it and has not answered yet; killed before that, it would rightly stay in doubt.
  await eventually(async () => await rig.executed() === 1, SLOW);
  await rig.stack.service().stop("SIGKILL");
  await rig.stack.restartService();
  const shown = await eventually(async () => {
    const payment = await rig.shown(id);
    return payment.status === "completed" && payment;
  }, { ...SLOW, timeoutMs: 40_000 });
  assert.equal(await rig.executed(), 1);
  assert.ok(shown.konsol_id);
});

Deno.test("kill -9 keeps every payment that was acknowledged, and its card number stays sealed", async () => {
  await using rig = await openProcesses();
  await rig.fault("status", { times: 50, status: 429, body: '{"errors":["x"]}' });
  const ids: string[] = [];
  for (let n = 0; n < 10; n++) {
    ids.push((await (await rig.pay({ external_id: `kept_${n}` })).json()).id);
  }
  await rig.stack.service().stop("SIGKILL");
  await rig.stack.restartService();
  for (const id of ids) assert.equal((await rig.shown(id)).id, id);
});

Deno.test("a database brought back from a backup starts fenced: in doubt, paused, and told", async () => {
  await using rig = await openProcesses({ SUBMIT_WAIT: "0.01" });
  const database = `${rig.folder}/konsol.db`;
  const held = {
    times: 50,
    status: 429,
    body: '{"errors":["x"]}',
    headers: { "retry-after": "60" },
  };
  await rig.fault("status", held);
  const { id } = await (await rig.pay({})).json();
  await rig.stack.service().stop("SIGTERM");
  await Deno.copyFile(database, `${database}.backup`);
  await rig.stack.restartService();
  await rig.stack.service().stop("SIGTERM");
  await Deno.copyFile(`${database}.backup`, database);
  await rig.stack.restartService();
  const shown = await rig.shown(id);
  assert.deepEqual([shown.status, shown.detail], ["processing", "awaiting_confirmation"]);
  const { checks } = await (await fetch(`${rig.stack.serviceUrl}/readyz`)).json();
  const submission = checks.find(({ name }: { name: string }) => name === "submission");
  assert.match(submission.reason, /paused.*backup/);
  assert.ok(rig.lines.some((line) => line.includes("store_restored_from_backup")));
});

Deno.test("SIGTERM ends the service although a client never ends its request", async () => {
  await using rig = await openProcesses();
  const { hostname, port } = new URL(rig.stack.serviceUrl);
  const client = await Deno.connect({ hostname, port: Number(port) });
  const head = "POST /konsol/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{";
  await client.write(new TextEncoder().encode(head));
  await eventually(async () => (await fetch(`${rig.stack.serviceUrl}/healthz`)).ok);
  assert.equal(await rig.stack.service().stop("SIGTERM"), 0, rig.lines.join("\n"));
  client.close();
});

for (
  const [setting, value] of [
    ["DATABASE_URL", "sqlite:/nowhere-it-may-write/konsol.db"],
    ["DATABASE_URL", "mongodb://127.0.0.1:9/pay?w=1"],
    ["HOST", "no such host"],
  ] as const
) {
  Deno.test(`main.ts says in one line that ${setting} ${value} cannot be used, and exits with 78`, async () => {
    const lines: string[] = [];
    const env = developmentEnv({ PORT: freePort(), [setting]: value });
    const child = startChild({
      name: "service",
      args: ["run", ...servicePermissions("data"), "main.ts"],
      env: { ...env, DATABASE_URL: setting === "DATABASE_URL" ? value : "memory:" },
      onLine: (line) => lines.push(line),
    });
    assert.equal(await child.ended, 78, lines.join("\n"));
    assert.match(lines.join("\n"), new RegExp(setting));
    assert.ok(!lines.some((line) => line.includes("    at ")), lines.join("\n"));
  });
}

Deno.test("main.ts exits with 78 when the database was written with another CARD_KEY", async () => {
  await using rig = await openProcesses();
  const lines: string[] = [];
  const child = startChild({
    name: "service",
    args: ["run", ...servicePermissions(rig.folder), "main.ts"],
    env: {
      ...developmentEnv({ PORT: freePort() }),
      DATABASE_URL: `sqlite:${rig.folder}/konsol.db`,
      CARD_KEY: new Uint8Array(32).fill(9).toBase64(),
    },
    onLine: (line) => lines.push(line),
  });
  assert.equal(await child.ended, 78, lines.join("\n"));
  assert.match(lines.join("\n"), /Cannot start with this CARD_KEY: .* written with another one/);
});

Deno.test("main.ts exits with 1 when the database does not answer: a restart may help", async () => {
  const lines: string[] = [];
  const DATABASE_URL = `mongodb://127.0.0.1:${freePort()}/pay`;
  const child = startChild({
    name: "service",
    args: ["run", ...servicePermissions("data"), "main.ts"],
    env: { ...developmentEnv({ PORT: freePort() }), DATABASE_URL },
    onLine: (line) => lines.push(line),
  });
  assert.equal(await child.ended, 1, lines.join("\n"));
  assert.match(lines.join("\n"), /Cannot start with this DATABASE_URL: .*ECONNREFUSED/);
});
