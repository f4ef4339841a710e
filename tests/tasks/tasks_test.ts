// What a newcomer runs first, as real processes: `deno task dev` and `deno task demo`.

import assert from "node:assert/strict";
import { type Child, startChild } from "../../tasks/child.ts";
import { DEVELOPMENT_TOKEN, freePort } from "../../tasks/local_stack.ts";
import { eventually } from "../support/eventually.ts";

const SLOW = { timeoutMs: 30_000, everyMs: 50 };
const WATCHED_FILE = new URL("../../domain/money.ts", import.meta.url);

interface Dev extends AsyncDisposable {
  readonly child: Child;
  readonly port: string;
  text(): string;
}

async function startDev(): Promise<Dev> {
  const folder = await Deno.makeTempDir();
  const lines: string[] = [];
  const port = freePort();
  const child = startChild({
    name: "dev",
    args: ["run", "--allow-all", "tasks/dev.ts"],
    env: {
      PORT: port,
      SANDBOX_PORT: freePort(),
      SANDBOX_STATE: `${folder}/sandbox.json`,
      DATABASE_URL: `sqlite:${folder}/konsol.db`,
    },
    onLine: (line) => lines.push(line),
  });
  await eventually(() => lines.some((line) => line.includes("Ctrl-C ends both")), SLOW);
  return {
    child,
    port,
    text: () => lines.join("\n"),
    async [Symbol.asyncDispose]() {
      await child.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test("task dev prints both addresses, the token and a curl that works as it is printed", async () => {
  await using dev = await startDev();
  assert.match(dev.text(), new RegExp(`Service\\s+http://localhost:${dev.port}`));
  assert.match(dev.text(), /Konsol\s+http:\/\/127\.0\.0\.1:\d+/);
  assert.ok(dev.text().includes(DEVELOPMENT_TOKEN));
  const [curl = ""] = /curl -X POST[\s\S]*?}'/.exec(dev.text()) ?? [];
  const ran = await new Deno.Command("sh", { args: ["-c", `${curl} -sS --fail-with-body`] })
    .output();
  const answer = new TextDecoder().decode(ran.stdout);
  assert.equal(ran.code, 0, answer);
  assert.equal(JSON.parse(answer).external_id, "order_123");
});

Deno.test("task dev restarts the service when a file changes", async () => {
  await using dev = await startDev();
  const now = new Date();
  await Deno.utime(WATCHED_FILE, now, now);
  await eventually(() => dev.text().includes("Restarted."), SLOW);
  const ready = await fetch(`http://127.0.0.1:${dev.port}/readyz`);
  assert.equal((await ready.json()).status, "ready");
});

Deno.test("task dev ends both cleanly at one Ctrl-C, which comes as several signals", async () => {
  await using dev = await startDev();
  for (let n = 0; n < 3; n++) Deno.kill(dev.child.pid, "SIGINT");
  assert.equal(await dev.child.ended, 0);
  assert.match(dev.text(), /Stopped\./);
  await assert.rejects(fetch(`http://127.0.0.1:${dev.port}/healthz`));
});

Deno.test("task dev says which port is in use and how to choose another", async () => {
  await using dev = await startDev();
  const lines: string[] = [];
  const second = startChild({
    name: "dev",
    args: ["run", "--allow-all", "tasks/dev.ts"],
    env: { PORT: dev.port, SANDBOX_PORT: freePort() },
    onLine: (line) => lines.push(line),
  });
  assert.equal(await second.ended, 1);
  assert.match(lines.join("\n"), new RegExp(`Port ${dev.port} is in use.*PORT=`));
});

Deno.test("task demo ends with its summary and exit code 0", async () => {
  const lines: string[] = [];
  const demo = startChild({
    name: "demo",
    args: ["run", "--allow-all", "tasks/demo.ts"],
    env: {},
    onLine: (line) => lines.push(line),
  });
  assert.equal(await demo.ended, 0, lines.slice(-30).join("\n"));
  assert.match(lines.at(-1) ?? "", /^Demo: 12 steps of 12 right in \d+\.\d s\.$/);
});
