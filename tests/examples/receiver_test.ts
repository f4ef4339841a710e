// Laws of examples/receiver.ts, run as a process of its own and called by the real sender.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { freePort } from "../../tasks/local_stack.ts";
import { type Child, startChild } from "../../tasks/child.ts";
import { eventually } from "../support/eventually.ts";
import { KEY, type SenderRig, senderRig } from "../adapters/callbacks/rig.ts";

const SECRET = `whsec_${Buffer.from(KEY).toString("base64")}`;
const SLOW = { timeoutMs: 20_000, everyMs: 20 };

interface Rig extends AsyncDisposable {
  readonly url: string;
  readonly lines: readonly string[];
}

async function startReceiver(): Promise<Rig> {
  const PORT = freePort();
  const lines: string[] = [];
  const child: Child = startChild({
    name: "receiver",
    args: ["run", "--no-prompt", "--allow-net", "--allow-env", "examples/receiver.ts"],
    env: { PORT, CALLBACK_SECRET: SECRET, NO_COLOR: "1" },
    onLine: (line) => lines.push(line),
  });
  await eventually(() => lines.some((line) => line.includes("Listening")), SLOW);
  return {
    url: `http://127.0.0.1:${PORT}/hook`,
    lines,
    async [Symbol.asyncDispose]() {
      await child.stop();
    },
  };
}

function bodyOf(id: string): string {
  const data = { id: "pay_1", status: "completed", description: "Оплата" };
  return JSON.stringify({ id, type: "payment.completed", data });
}

async function answerTo(rig: SenderRig, url: string, id: string): Promise<unknown> {
  const answer = await rig.sender.send({ url, eventId: id, body: bodyOf(id) });
  return answer.kind === "answered" ? [answer.httpStatus, answer.start] : answer;
}

Deno.test("examples/receiver.ts takes our callbacks, once each, and nobody else's", async () => {
  await using receiver = await startReceiver();
  using ours = senderRig();
  using rotating = senderRig({ keys: [new Uint8Array(32), KEY] });
  using forger = senderRig({ keys: [new Uint8Array(32)] });
  using late = senderRig({ clock: { now: () => Date.now() - 600_000, monotonic: () => 0 } });

  assert.deepEqual(await answerTo(ours, receiver.url, "evt_1"), [200, "thanks"]);
  assert.deepEqual(await answerTo(ours, receiver.url, "evt_1"), [200, "seen already"]);
  assert.deepEqual(await answerTo(rotating, receiver.url, "evt_2"), [200, "thanks"]);
  assert.deepEqual(await answerTo(forger, receiver.url, "evt_3"), [401, "not ours"]);
  assert.deepEqual(await answerTo(late, receiver.url, "evt_4"), [401, "not ours"]);
  await eventually(() => {
    const heard = receiver.lines.filter((line) => line.startsWith("payment."));
    assert.deepEqual(heard, Array(2).fill("payment.completed pay_1 completed"));
  }, SLOW);
});

Deno.test("examples/receiver.ts is about thirty lines of code", async () => {
  const text = await Deno.readTextFile(new URL("../../examples/receiver.ts", import.meta.url));
  const lines = text.split("\n").filter((line) => !/^\s*(?:\/[/*].*)?$/.test(line));
  assert.ok(lines.length <= 30, String(lines.length));
});
