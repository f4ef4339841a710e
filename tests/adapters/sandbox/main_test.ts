// The sandbox as a process: one line when it listens, a clean end when it is told to stop.
import assert from "node:assert/strict";

async function withProcess(
  test: (process: Deno.ChildProcess, line: string) => Promise<void>,
): Promise<void> {
  const main = new URL("../../../adapters/sandbox/main.ts", import.meta.url).pathname;
  const statePath = await Deno.makeTempFile();
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net", "--allow-read", "--allow-write", "--allow-env", main],
    env: { SANDBOX_PORT: "0", SANDBOX_STATE: statePath },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    await test(process, (await lines.read()).value ?? "");
  } finally {
    await lines.cancel();
    await process.status;
    await Deno.remove(statePath);
  }
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`main.ts prints its address and ends cleanly on a doubled ${signal}`, () =>
    withProcess(async (process, line) => {
      const url = /^Sandbox of konsol\.pro listens on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(line)
        ?.[1];
      const headers = { authorization: "Bearer sandbox_konsol_token" };
      const response = await fetch(`${url}/api/balance`, { headers });
      assert.deepEqual(await response.json(), { balance: 10_000_000, currency: "RUB" });
      process.kill(signal);
      process.kill(signal);
      const { code, signal: killedBy } = await process.status;
      assert.deepEqual({ code, killedBy }, { code: 0, killedBy: null });
    }));
}
