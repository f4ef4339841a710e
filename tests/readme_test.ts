// The README's own requests, run as they stand there against the service and the sandbox.

import assert from "node:assert/strict";
import { DEVELOPMENT_TOKEN, freePort, startLocalStack } from "../tasks/local_stack.ts";

const README = new URL("../README.md", import.meta.url);

/** The shell blocks that call curl, in the order in which they stand. */
async function curlBlocks(): Promise<string[]> {
  const text = await Deno.readTextFile(README);
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block ?? "");
  return blocks.filter((block) => block.startsWith("curl "));
}

async function runShell(
  script: string,
  env: Record<string, string>,
): Promise<Record<string, unknown>> {
  const silent = script.replace("curl ", "curl -sS --fail-with-body ");
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", silent],
    env,
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.equal(code, 0, `${script}\n${text}\n${new TextDecoder().decode(stderr)}`);
  return JSON.parse(text);
}

Deno.test("README.md's requests work as they stand, in their order", async () => {
  const blocks = await curlBlocks();
  assert.ok(blocks.length >= 9, `only ${blocks.length} requests`);
  const folder = await Deno.makeTempDir();
  const port = freePort();
  const stack = await startLocalStack({
    env: {
      PORT: port,
      SANDBOX_PORT: freePort(),
      SANDBOX_STATE: `${folder}/sandbox.json`,
      DATABASE_URL: `sqlite:${folder}/konsol.db`,
    },
    onLine: () => {},
  });
  try {
    assert.equal(stack.token, DEVELOPMENT_TOKEN);
    const made: string[] = [];
    for (const block of blocks) {
      const script = block.replaceAll("localhost:8000", `127.0.0.1:${port}`);
      const env = { PAYMENT_ID: made[0] ?? "", OTHER_PAYMENT_ID: made.at(-1) ?? "" };
      const answer = await runShell(script, env);
      if (script.includes("POST") && script.includes("/payments")) made.push(String(answer.id));
    }
  } finally {
    await stack.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
