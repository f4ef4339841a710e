// Laws of adapters/system/config.ts and of .env.example.

import assert from "node:assert/strict";
import { ConfigError, readConfig, SETTING_NAMES } from "../../../adapters/system/config.ts";
import {
  API_TOKEN,
  CALLBACK_SECRET,
  CARD_KEY,
  configOf,
  problemsOf,
  REQUIRED_SETTINGS,
  takenOf,
} from "../../support/settings.ts";

const EXAMPLE = await Deno.readTextFile(new URL("../../../.env.example", import.meta.url));

function exampleEnv(): Record<string, string> {
  const lines = EXAMPLE.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

Deno.test("readConfig() needs five settings and has a default for every other", () => {
  const { konsolApiToken, apiTokens, cardKey, callbackSecrets, ...plain } = configOf();
  assert.deepEqual(JSON.parse(JSON.stringify(plain)), {
    konsolBaseUrl: "https://swagger-payments.konsol.pro",
    konsolTimeoutMs: 30_000,
    callbackUrls: { allowLoopbackHttp: false, ports: [443], ranges: [] },
    host: "0.0.0.0",
    port: 8000,
    database: { kind: "sqlite", path: "data/konsol.db" },
    submitWaitMs: 10_000,
    shutdownGraceMs: 35_000,
    amountLimit: "1000000",
    queueMaxAgeMs: 86_400_000,
    resubmit: "never",
    resubmitHorizonMs: 86_400_000,
    resubmitDailyMax: 10,
    logLevel: "info",
    logFormat: "json",
    isSandbox: false,
    sandboxPort: 8001,
  });
  assert.equal(konsolApiToken.reveal(), "konsol-token");
  assert.deepEqual(apiTokens.map((token) => token.reveal()), [API_TOKEN]);
  assert.deepEqual(cardKey.reveal(), new TextEncoder().encode("k".repeat(32)));
  const callbackKeys = callbackSecrets.map((secret) => secret.reveal());
  assert.deepEqual(callbackKeys, [new TextEncoder().encode("c".repeat(32))]);
});

Deno.test("readConfig() tells every missing setting at once", () => {
  assert.deepEqual(problemsOf({}), {
    KONSOL_API_TOKEN: "is required",
    KONSOL_BASE_URL: "is required",
    API_TOKEN: "is required",
    CARD_KEY: "is required",
    CALLBACK_SECRETS: 'is required; make one: echo "whsec_$(openssl rand -base64 32)"',
  });
});

Deno.test("readConfig() tells every wrong setting at once, by name", () => {
  const env = Object.fromEntries(SETTING_NAMES.map((name) => [name, "\u0001 wrong:"]));
  assert.deepEqual(
    Object.keys(problemsOf(env)).sort(),
    [
      ...SETTING_NAMES.filter((name) => name !== "KONSOL_WEBHOOK_SECRET"),
      "KONSOL_WEBHOOK_SECRET",
    ].sort(),
  );
});

Deno.test("readConfig() tells settings that disagree even where others are missing", () => {
  const problems = problemsOf({
    KONSOL_BASE_URL: "https://konsol.example",
    KONSOL_SANDBOX: "1",
    KONSOL_TIMEOUT: "30",
    SHUTDOWN_GRACE: "29",
  });
  assert.deepEqual(Object.keys(problems).sort(), [
    "API_TOKEN",
    "CALLBACK_SECRETS",
    "CARD_KEY",
    "KONSOL_API_TOKEN",
    "KONSOL_SANDBOX",
    "SHUTDOWN_GRACE",
  ]);
});

Deno.test("readConfig() never tells a value", () => {
  const env = Object.fromEntries(SETTING_NAMES.map((name) => [name, "s3cr3t value"]));
  assert.throws(
    () => readConfig(env),
    (error: ConfigError) =>
      !Deno.inspect(error).includes("s3cr3t") && !JSON.stringify(error).includes("s3cr3t"),
  );
});

Deno.test("readConfig() takes an empty setting as an unset one", () => {
  const empty = Object.fromEntries(SETTING_NAMES.map((name) => [name, " "]));
  assert.deepEqual(readConfig({ ...empty, ...REQUIRED_SETTINGS }), configOf());
});

Deno.test("readConfig() ignores spaces around a value", () => {
  assert.equal(configOf({ PORT: " 9000\r" }).port, 9000);
});

Deno.test("readConfig() is frozen, with all that is in it", () => {
  const config = configOf();
  const { apiTokens, database, callbackSecrets, callbackUrls } = config;
  const inside = [apiTokens, database, callbackSecrets, callbackUrls, callbackUrls.ports];
  assert.ok([config, ...inside].every(Object.isFrozen));
});

Deno.test("readConfig() shows no secret when it is printed", () => {
  const config = configOf({ KONSOL_WEBHOOK_SECRET: "whsec-0123456789" });
  const shown = Deno.inspect(config, { depth: 10 }) + JSON.stringify(config);
  const secrets = ["konsol-token", API_TOKEN, CARD_KEY, "107", "whsec-0123456789"];
  for (const secret of [...secrets, CALLBACK_SECRET, "99,99"]) {
    assert.ok(!shown.includes(secret), secret);
  }
});

Deno.test("readConfig() gives a shutdown five seconds more than a call to Konsol", () => {
  assert.equal(configOf({ KONSOL_TIMEOUT: "12" }).shutdownGraceMs, 17_000);
});

Deno.test("readConfig() takes no SHUTDOWN_GRACE smaller than KONSOL_TIMEOUT, set or not", () => {
  assert.deepEqual(takenOf("SHUTDOWN_GRACE", ["29.9", "30", "60"]), ["30", "60"]);
  assert.deepEqual(takenOf("SHUTDOWN_GRACE", ["5", "4"], { KONSOL_TIMEOUT: "5" }), ["5"]);
});

Deno.test("readConfig() takes a RESUBMIT_HORIZON under an hour with the sandbox only", () => {
  const values = ["3599.9", "3600", "172800"];
  const sandbox = { KONSOL_BASE_URL: "http://localhost:8001", KONSOL_SANDBOX: "1" };
  assert.deepEqual(takenOf("RESUBMIT_HORIZON", values), ["3600", "172800"]);
  assert.deepEqual(takenOf("RESUBMIT_HORIZON", values, sandbox), values);
  assert.equal(configOf({ ...sandbox, RESUBMIT_HORIZON: "5" }).resubmitHorizonMs, 5_000);
});

Deno.test("readConfig() logs as text in a terminal, unless LOG_FORMAT says otherwise", () => {
  const isTerminal = { isTerminal: true };
  assert.deepEqual(
    [
      configOf({}, isTerminal),
      configOf({ LOG_FORMAT: "json" }, isTerminal),
      configOf({ LOG_FORMAT: "text" }),
    ]
      .map(({ logFormat }) => logFormat),
    ["text", "json", "text"],
  );
});

Deno.test("readConfig() takes KONSOL_SANDBOX as 1 only, and only with a Konsol on this machine", () => {
  const loopback = { KONSOL_BASE_URL: "http://localhost:8001" };
  assert.deepEqual(takenOf("KONSOL_SANDBOX", ["1", "0", "true"], loopback), ["1"]);
  assert.deepEqual(takenOf("KONSOL_SANDBOX", ["1"]), []);
  assert.equal(configOf({ ...loopback, KONSOL_SANDBOX: "1" }).isSandbox, true);
});

Deno.test("ConfigError tells all problems in one sentence", () => {
  const error = new ConfigError([
    { name: "PORT", message: "is required" },
    { name: "HOST", message: "is required" },
  ]);
  assert.equal(
    error.message,
    "Cannot start as the settings are wrong: PORT is required; HOST is required",
  );
});

Deno.test("SETTING_NAMES are the names in .env.example", () => {
  assert.deepEqual(Object.keys(exampleEnv()), [...SETTING_NAMES]);
});

Deno.test(".env.example has one comment line above each setting", () => {
  assert.match(EXAMPLE, /^(?:# .+\n[A-Z_]+=.*\n)+$/);
});

Deno.test(".env.example shows the seed's values and the defaults", () => {
  const example = exampleEnv();
  const seed = { KONSOL_API_TOKEN: "your_konsol_api_token_here", KONSOL_TIMEOUT: "30" };
  assert.deepEqual(
    readConfig({ ...example, API_TOKEN, CARD_KEY, CALLBACK_SECRETS: CALLBACK_SECRET }),
    configOf(seed),
  );
  assert.equal(example.KONSOL_BASE_URL, "https://swagger-payments.konsol.pro");
});

Deno.test("readConfig() refuses memory: with a Konsol that is not on this machine", () => {
  const problems = problemsOf({ ...REQUIRED_SETTINGS, DATABASE_URL: "memory:" });
  assert.deepEqual(Object.keys(problems), ["DATABASE_URL"]);
});
