// Laws of docs/callbacks.md: its snippets verify what the sender signs, and its words are those of the code.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { signCallback } from "../../adapters/callbacks/sign_callback.ts";
import { CALLBACK_FAILURES } from "../../domain/callback.ts";
import { SCHEDULE_MS } from "../../domain/callback_tries.ts";
import { EVENT_TYPES } from "../../domain/payment_news.ts";
import { DEVELOPMENT_CALLBACK_SECRET } from "../../tasks/local_stack.ts";

const DOC = await Deno.readTextFile(new URL("../../docs/callbacks.md", import.meta.url));
const KEY = new Uint8Array(32).fill(0xfb);
const SECRET = `whsec_${Buffer.from(KEY).toString("base64")}`;
const NOW = 1_795_664_453;
const BODY = '{"id":"evt_1","data":{"description":"Оплата 😀"}}';

interface Case {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly now: number;
  readonly isOurs: boolean;
}

function cases(): Case[] {
  const body = new TextEncoder().encode(BODY);
  const signed = { id: "evt_1", sentAt: NOW * 1_000, body };
  const headers = signCallback([KEY], signed);
  const rotating = signCallback([new Uint8Array(32), KEY], signed);
  const forged = signCallback([new Uint8Array(32)], signed);
  const { "webhook-signature": signature, ...unsigned } = headers;
  const right = { headers, body: BODY, now: NOW, isOurs: true };
  const wrong = { ...right, isOurs: false };
  return [
    right,
    { ...right, headers: rotating },
    { ...right, now: NOW + 299 },
    { ...wrong, headers: forged },
    { ...wrong, body: `${BODY} ` },
    { ...wrong, headers: { ...headers, "webhook-id": "evt_2" } },
    { ...wrong, headers: { ...headers, "webhook-timestamp": String(NOW + 1) } },
    { ...wrong, headers: { ...headers, "webhook-signature": signature.replace("v1,", "v2,") } },
    { ...wrong, headers: { ...headers, "webhook-signature": "v1, v1,é" } },
    { ...wrong, headers: unsigned },
    { ...wrong, headers: {} },
    { ...wrong, now: NOW + 301 },
    { ...wrong, now: NOW - 301 },
  ];
}

function snippet(language: string): string {
  const [, code] = new RegExp("```" + language + "\\n([^]*?)```").exec(DOC) ?? [];
  return code ?? assert.fail(`no snippet in ${language}`);
}

async function assertJudges(command: string, argsFor: (file: string) => string[], code: string) {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/verify.${command === "python3" ? "py" : "mjs"}`;
  await Deno.writeTextFile(file, code);
  const told = await new Deno.Command(command, {
    args: [...argsFor(file), JSON.stringify(cases()), SECRET],
    env: { NO_COLOR: "1" },
  }).output();
  await Deno.remove(folder, { recursive: true });
  const [out, err] = [told.stdout, told.stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.deepEqual(JSON.parse(out || "null"), cases().map(({ isOurs }) => isOurs), err);
}

async function hasPython(): Promise<boolean> {
  const asked = new Deno.Command("python3", {
    args: ["--version"],
    stdout: "null",
    stderr: "null",
  });
  return await asked.output().then(({ success }) => success, () => false);
}

Deno.test("the JavaScript of docs/callbacks.md believes our callbacks and nothing else", async () => {
  const code = `import { Buffer } from "node:buffer";\n${snippet("js")}
    const [cases, secret] = [JSON.parse(Deno.args[0]), Deno.args[1]];
    const judged = cases.map((one) => isOurs(secret, one.headers, one.body, one.now));
    console.log(JSON.stringify(judged));`;
  await assertJudges(Deno.execPath(), (file) => ["run", file], code);
});

Deno.test({
  name: "the Python of docs/callbacks.md believes our callbacks and nothing else",
  ignore: !await hasPython(),
  async fn() {
    const code = `${snippet("python")}
import json, sys
cases, secret = json.loads(sys.argv[1]), sys.argv[2]
print(json.dumps([is_ours(secret, one["headers"], one["body"].encode(), one["now"]) for one in cases]))
`;
    await assertJudges("python3", (file) => [file], code);
  },
});

Deno.test("docs/callbacks.md names every type of event, every error of a try and the schedule", () => {
  for (const word of [...EVENT_TYPES, ...CALLBACK_FAILURES]) {
    assert.ok(DOC.includes(`\`${word}\``), word);
  }
  const [seconds, ...rest] = SCHEDULE_MS.slice(1).map((ms) => ms / 1_000);
  const minutes = rest.slice(0, 2).map((wait) => `${wait / 60} min`);
  const hours = rest.slice(2).map((wait) => `${wait / 3_600} h`);
  const told = [`${seconds} s`, ...minutes, ...hours];
  const sentence = `At once, then after ${told.slice(0, -1).join(", ")} and ${told.at(-1)}`;
  assert.ok(DOC.replace(/\s+/g, " ").includes(sentence), sentence);
});

Deno.test("docs/callbacks.md tells the secret of development", () => {
  assert.ok(DOC.includes(DEVELOPMENT_CALLBACK_SECRET));
});
