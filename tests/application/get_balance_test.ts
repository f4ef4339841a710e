// Laws of application/get_balance.ts and of the refusals that it gives for Konsol's failures.

import assert from "node:assert/strict";
import { providerRefusal } from "../../application/provider_refusal.ts";
import { openRig } from "../support/application_rig.ts";
import { NOW } from "../support/payment_states.ts";

Deno.test("getBalance() is Konsol's, as of now", async () => {
  const { application, clock, create } = openRig({ konsol: { balanceMinor: 1_000_000 } });
  await create();
  await clock.advance(5);
  assert.deepEqual(await application.getBalance(), {
    amountMinor: 900_000,
    currency: "RUB",
    more: {},
    asOf: NOW + 5,
  });
});

Deno.test("getBalance() says why Konsol could not be asked", async () => {
  const { application, gateway } = openRig();
  const codes = ["provider_timeout", "provider_circuit_open", "provider_failed"];
  gateway.next.balance.push("timeout", "circuit_open", "failed");
  for (const code of codes) await assert.rejects(application.getBalance(), { code });
});

Deno.test("providerRefusal() carries Konsol's status and words", () => {
  const refusal = providerRefusal("get the balance", {
    kind: "unavailable",
    reason: "failed",
    httpStatus: 500,
    words: { error: "broken" },
  });
  assert.match(refusal.message, /^Cannot get the balance as Konsol is needed for it: .*HTTP 500/);
  assert.deepEqual(refusal.details.provider, { error: "broken" });
});
