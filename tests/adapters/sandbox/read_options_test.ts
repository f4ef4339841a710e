// The environment becomes options, or a start that says which settings are wrong.
import assert from "node:assert/strict";
import { readOptions } from "../../../adapters/sandbox/read_options.ts";

Deno.test("readOptions() has the documented defaults", () => {
  const { host, port, statePath, token } = readOptions({ KONSOL_API_TOKEN: "" });
  assert.deepEqual({ host, port, statePath, token }, {
    host: "127.0.0.1",
    port: 8001,
    statePath: "data/sandbox.json",
    token: undefined,
  });
});

Deno.test("readOptions() takes every setting from its variable", () => {
  const options = readOptions({
    SANDBOX_HOST: "::1",
    SANDBOX_PORT: "0",
    SANDBOX_STATE: "x.json",
    SANDBOX_BALANCE: "5.00",
    SANDBOX_WEBHOOK_SECRET: "s",
    SANDBOX_STEP_MS: "0",
    KONSOL_API_TOKEN: "t",
  });
  assert.deepEqual(options, {
    host: "::1",
    port: 0,
    statePath: "x.json",
    balanceRoubles: "5.00",
    webhookSecret: "s",
    stepMs: 0,
    token: "t",
  });
});

Deno.test("readOptions() names the settings that are not valid, not their values", () => {
  const environment = { SANDBOX_PORT: "70000", SANDBOX_BALANCE: "much", SANDBOX_STEP_MS: "-1" };
  assert.throws(
    () => readOptions(environment),
    /not valid: SANDBOX_PORT, SANDBOX_BALANCE, SANDBOX_STEP_MS$/,
  );
});
