// Laws of adapters/system/settings_schema.ts: what each setting takes and what it becomes.

import assert from "node:assert/strict";
import { Secret } from "../../../adapters/system/secret.ts";
import {
  API_TOKEN,
  CARD_KEY,
  configOf,
  problemsOf,
  REQUIRED_SETTINGS,
  takenOf,
} from "../../support/settings.ts";

Deno.test("SETTINGS take an https address, or http to loopback only", () => {
  const right = [
    "https://api.konsol.pro",
    "https://api.konsol.pro/v1/",
    "http://localhost:8001",
    "http://127.0.0.1:8001",
    "http://127.8.8.8",
    "http://[::1]:8001",
  ];
  const wrong = [
    "http://api.konsol.pro",
    "http://localhost.konsol.pro",
    "http://127.0.0.1.konsol.pro",
    "http://0.0.0.0:8001",
    "https://user:password@api.konsol.pro",
    "https://api.konsol.pro/?key=1",
    "https://api.konsol.pro/#top",
    "api.konsol.pro",
    "ftp://localhost",
  ];
  for (const name of ["KONSOL_BASE_URL", "PUBLIC_URL"]) {
    assert.deepEqual(takenOf(name, [...right, ...wrong]), right, name);
  }
});

Deno.test("SETTINGS give addresses without a slash at the end", () => {
  const { konsolBaseUrl, publicUrl } = configOf({
    KONSOL_BASE_URL: "https://API.konsol.pro/v1//",
    PUBLIC_URL: "https://pay.example/",
  });
  assert.deepEqual([konsolBaseUrl, publicUrl], [
    "https://api.konsol.pro/v1",
    "https://pay.example",
  ]);
});

Deno.test("SETTINGS take durations as seconds, whole or not, and give milliseconds", () => {
  const { konsolTimeoutMs, submitWaitMs, queueMaxAgeMs } = configOf({
    KONSOL_TIMEOUT: "2.5",
    SUBMIT_WAIT: "0.05",
    QUEUE_MAX_AGE: "600",
  });
  assert.deepEqual([konsolTimeoutMs, submitWaitMs, queueMaxAgeMs], [2_500, 50, 600_000]);
});

Deno.test("SETTINGS take no duration that is not more than 0 or that no timer can wait", () => {
  const wrong = ["0", "0.0", "-1", "1e3", "0x10", "30s", "Infinity", "NaN", "1,5", "2000001"];
  const names = "KONSOL_TIMEOUT SUBMIT_WAIT SHUTDOWN_GRACE QUEUE_MAX_AGE RESUBMIT_HORIZON".split(
    " ",
  );
  for (const name of names) {
    assert.deepEqual(takenOf(name, wrong), [], name);
  }
});

Deno.test("SETTINGS take no milliseconds for how long one call may take", () => {
  for (const name of ["KONSOL_TIMEOUT", "SUBMIT_WAIT"]) {
    assert.deepEqual(
      takenOf(name, ["300", "301", "30000"], { SHUTDOWN_GRACE: "600" }),
      ["300"],
      name,
    );
  }
});

Deno.test("SETTINGS take several API tokens, so that they can be replaced", () => {
  const { apiTokens } = configOf({ API_TOKEN: `${API_TOKEN}, ${"b".repeat(40)},` });
  assert.deepEqual(apiTokens.map((token) => token.reveal()), [API_TOKEN, "b".repeat(40)]);
});

Deno.test("SETTINGS take no API token that is short or that no header can carry", () => {
  const wrong = ["a".repeat(31), `${API_TOKEN},short`, `${API_TOKEN} b`, "ключ".repeat(10), ","];
  assert.deepEqual(takenOf("API_TOKEN", wrong), []);
});

Deno.test("SETTINGS take a card key of 32 bytes in base64 or base64url only", () => {
  const bytes = new Uint8Array(32).fill(0xfb);
  const right = [
    CARD_KEY,
    bytes.toBase64(),
    bytes.toBase64({ alphabet: "base64url", omitPadding: true }),
  ];
  const wrong = [
    btoa("k".repeat(31)),
    btoa("k".repeat(33)),
    "k".repeat(32),
    `${CARD_KEY}!`,
    "ab".repeat(32),
  ];
  assert.deepEqual(takenOf("CARD_KEY", [...right, ...wrong]), right);
});

Deno.test("SETTINGS take a port from 0 to 65535", () => {
  const values = ["0", "1", "65535", "65536", "-1", "80a", "8000.0", "1e3"];
  for (const name of ["PORT", "SANDBOX_PORT"]) {
    assert.deepEqual(takenOf(name, values), ["0", "1", "65535"], name);
  }
});

Deno.test("SETTINGS take sqlite:PATH and memory:", () => {
  const KONSOL_BASE_URL = "http://127.0.0.1:8001";
  const databases = ["sqlite:data/other.db", "sqlite:/var/lib/konsol.db", "memory:"]
    .map((DATABASE_URL) => configOf({ DATABASE_URL, KONSOL_BASE_URL }).database);
  assert.deepEqual(databases, [
    { kind: "sqlite", path: "data/other.db" },
    { kind: "sqlite", path: "/var/lib/konsol.db" },
    { kind: "memory" },
  ]);
});

Deno.test("SETTINGS take mongodb:// and mongodb+srv:// and never show the password", () => {
  for (const url of ["mongodb://u:pw-of-u@a:1,b:2/pay?replicaSet=r", "mongodb+srv://u:pw-of-u@h"]) {
    const { database } = configOf({ DATABASE_URL: url });
    assert.ok(database.kind === "mongo" && database.url.reveal() === url);
    assert.doesNotMatch(JSON.stringify(database) + Deno.inspect(database), /pw-of-u/);
  }
});

Deno.test("SETTINGS take no other database, and name what there is", () => {
  const wrong = [
    "mongodb:localhost",
    "mongodb://",
    "mongo://localhost",
    "postgres://localhost/pay",
    "sqlite:",
    "sqlite::memory:",
    "sqlite://data/a.db",
    "memory",
  ];
  assert.deepEqual(takenOf("DATABASE_URL", wrong), []);
  assert.equal(
    problemsOf({ ...REQUIRED_SETTINGS, DATABASE_URL: "mongo://localhost" }).DATABASE_URL,
    "must be sqlite:PATH, mongodb://… or mongodb+srv://…, or memory: in tests",
  );
});

Deno.test("SETTINGS take a limit of roubles, kept as it was written", () => {
  const values = ["1", "1000000.50", "0", "-1", "1e6", "1 000", "0.001", "9".repeat(20)];
  assert.deepEqual(takenOf("AMOUNT_LIMIT", values), ["1", "1000000.50"]);
  assert.equal(configOf({ AMOUNT_LIMIT: "1000000.50" }).amountLimit, "1000000.50");
});

Deno.test("SETTINGS take RESUBMIT as one of its two words, and a daily number of 0 to 1000", () => {
  const rules = ["never", "after_horizon", "always", "1"];
  assert.deepEqual(takenOf("RESUBMIT", rules), ["never", "after_horizon"]);
  const numbers = ["0", "10", "1000", "1001", "-1", "1.5", "1e2", "ten"];
  assert.deepEqual(takenOf("RESUBMIT_DAILY_MAX", numbers), ["0", "10", "1000"]);
  const { resubmit, resubmitDailyMax } = configOf({
    RESUBMIT: "after_horizon",
    RESUBMIT_DAILY_MAX: "0",
  });
  assert.deepEqual([resubmit, resubmitDailyMax], ["after_horizon", 0]);
});

Deno.test("SETTINGS take the words of LOG_LEVEL and LOG_FORMAT only", () => {
  assert.deepEqual(takenOf("LOG_LEVEL", ["debug", "info", "warn", "error", "INFO", "trace"]), [
    "debug",
    "info",
    "warn",
    "error",
  ]);
  assert.deepEqual(takenOf("LOG_FORMAT", ["json", "text", "pretty"]), ["json", "text"]);
});

Deno.test("SETTINGS take a webhook secret of 16 characters and more", () => {
  assert.deepEqual(takenOf("KONSOL_WEBHOOK_SECRET", ["a".repeat(15), "a".repeat(16)]), [
    "a".repeat(16),
  ]);
  assert.ok(
    configOf({ KONSOL_WEBHOOK_SECRET: "a".repeat(16) }).konsolWebhookSecret instanceof Secret,
  );
});

Deno.test("SETTINGS take several callback secrets, so that they can be rotated", () => {
  const [first, second] = [24, 64].map((length) => new Uint8Array(length).fill(length));
  const CALLBACK_SECRETS = `whsec_${first!.toBase64()}, whsec_${second!.toBase64()},`;
  const { callbackSecrets } = configOf({ CALLBACK_SECRETS });
  assert.deepEqual(callbackSecrets.map((secret) => secret.reveal()), [first, second]);
});

Deno.test("SETTINGS take no callback secret without whsec_, of another length, or cut off", () => {
  const base64 = (length: number) => new Uint8Array(length).fill(0xfb).toBase64();
  const whole = `whsec_${base64(32)}`;
  const wrong = [base64(32), `whsec_${base64(23)}`, `whsec_${base64(65)}`, `${whole},x`, "whsec_"];
  const odd = [whole.slice(0, -1), `whsec_${base64(32).replaceAll("/", "_")}`, `${whole}!`, ","];
  assert.deepEqual(takenOf("CALLBACK_SECRETS", [whole, ...wrong, ...odd]), [whole]);
});

Deno.test("SETTINGS take ports for callbacks from 1 to 65535, separated by commas", () => {
  const values = ["443", "443, 8443,", "65535", "0", "65536", "https", "443;8443", "-1", ","];
  assert.deepEqual(takenOf("CALLBACK_PORTS", values), ["443", "443, 8443,", "65535"]);
  assert.deepEqual(configOf({ CALLBACK_PORTS: "443,8443" }).callbackUrls.ports, [443, 8443]);
});

Deno.test("SETTINGS take address ranges for callbacks, but no name, slip or whole Internet", () => {
  const right = ["10.0.0.0/8", "10.0.0.5", "fd00::/8, 192.168.0.0/16"];
  const wrong = ["10.0.0.5/8", "0.0.0.0/0", "::/0", "10.0.0.0/33", "intranet", "10.0.0.0-10.1.0.0"];
  assert.deepEqual(takenOf("CALLBACK_ALLOW", [...right, ...wrong]), right);
  const { ranges } = configOf({ CALLBACK_ALLOW: "10.0.0.0/8,fd00::/8" }).callbackUrls;
  assert.deepEqual(ranges.map(({ bytes, bits }) => [bytes[0], bits]), [[10, 8], [0xfd, 8]]);
});

Deno.test("SETTINGS let callbacks go to loopback with the sandbox only", () => {
  const sandbox = { KONSOL_BASE_URL: "http://localhost:8001", KONSOL_SANDBOX: "1" };
  const allowed = [configOf(), configOf(sandbox)].map(({ callbackUrls }) =>
    callbackUrls.allowLoopbackHttp
  );
  assert.deepEqual(allowed, [false, true]);
});
