// Laws of tasks/local_stack.ts.

import assert from "node:assert/strict";
import { developmentEnv, freePort, startLocalStack } from "../../tasks/local_stack.ts";

Deno.test("developmentEnv() takes every setting from the environment, an empty one as unset", () => {
  const set = { HOST: "0.0.0.0", PORT: "9000", SUBMIT_WAIT: "3", LOG_FORMAT: "" };
  const env = developmentEnv(set);
  assert.deepEqual(
    [env.HOST, env.PORT, env.SUBMIT_WAIT, env.LOG_FORMAT],
    ["0.0.0.0", "9000", "3", "text"],
  );
  assert.equal(env.PUBLIC_URL, "http://127.0.0.1:9000");
});

Deno.test("developmentEnv() chooses a free port for 0", () => {
  const { PORT, SANDBOX_PORT, KONSOL_BASE_URL, PUBLIC_URL } = developmentEnv({
    PORT: "0",
    SANDBOX_PORT: "0",
  });
  assert.notEqual(PORT, "0");
  assert.equal(KONSOL_BASE_URL, `http://127.0.0.1:${SANDBOX_PORT}`);
  assert.equal(PUBLIC_URL, `http://127.0.0.1:${PORT}`);
});

Deno.test("developmentEnv() leaves PUBLIC_URL out where only http could reach another machine", () => {
  assert.equal(developmentEnv({ HOST: "192.168.1.5" }).PUBLIC_URL, undefined);
});

Deno.test("startLocalStack() waits at the HOST that is set, and tells of a service that was killed", async () => {
  const folder = await Deno.makeTempDir();
  const lines: string[] = [];
  const stack = await startLocalStack({
    env: {
      HOST: "127.0.0.2",
      PORT: freePort(),
      SANDBOX_PORT: freePort(),
      SANDBOX_STATE: `${folder}/sandbox.json`,
      DATABASE_URL: `sqlite:${folder}/konsol.db`,
    },
    onLine: (name, line) => lines.push(`${name}| ${line}`),
  });
  try {
    assert.match(stack.serviceUrl, /^http:\/\/127\.0\.0\.2:\d+$/);
    Deno.kill(stack.service().pid, "SIGKILL");
    await stack.service().ended;
    assert.equal(lines.at(-1), "service| ended with exit code 137");
  } finally {
    await stack.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
