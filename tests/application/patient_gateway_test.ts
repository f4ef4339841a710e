// Laws of application/patient_gateway.ts: nobody waits for a Konsol that does not answer.

import assert from "node:assert/strict";
import { patientGateway } from "../../application/patient_gateway.ts";
import type { PaymentGateway, Unavailable } from "../../application/provider_ports.ts";
import { openRig } from "../support/application_rig.ts";
import { MINUTE, NOW, queued } from "../support/payment_states.ts";

const ASKS: Readonly<Record<string, (gateway: PaymentGateway) => Promise<unknown>>> = {
  getPayment: (gateway) => gateway.getPayment("konsol_1"),
  listPayments: (gateway) => gateway.listPayments({ page: 1, perPage: 100 }),
  updatePayment: (gateway) => gateway.updatePayment("konsol_1", { description: "new" }),
  cancelPayment: (gateway) => gateway.cancelPayment("konsol_1"),
  getBalance: (gateway) => gateway.getBalance(),
};

for (const [name, ask] of Object.entries(ASKS)) {
  Deno.test(`${name}() is asked of Konsol while the breaker is closed`, async () => {
    const { gateway } = openRig();
    const patient = patientGateway(gateway, { openFor: () => undefined });
    assert.notEqual((await ask(patient) as Unavailable).reason, "circuit_open");
    assert.equal(gateway.calls.length, 1);
  });

  Deno.test(`${name}() is answered at once while the breaker is open, with the time to wait`, async () => {
    const { gateway } = openRig();
    const patient = patientGateway(gateway, { openFor: () => MINUTE });
    assert.deepEqual(await ask(patient), {
      kind: "unavailable",
      reason: "circuit_open",
      retryAfterMs: MINUTE,
    });
    assert.deepEqual(gateway.calls, []);
  });
}

Deno.test("createPayment() is held by no open breaker here: it has its own gate", async () => {
  const { gateway } = openRig();
  const patient = patientGateway(gateway, { openFor: () => MINUTE });
  await patient.createPayment({ payment: queued() }, { notAfter: NOW, notAfterMonotonic: 0 });
  assert.equal(gateway.calls.length, 1);
});

Deno.test("the application answers a refresh at once, with Retry-After, while the breaker is open", async () => {
  const rig = openRig();
  const { id } = await rig.create();
  rig.gateway.next.create.push("lose_before_effect", "lose_before_effect", "lose_before_effect");
  for (const n of [1, 2, 3]) await rig.create({ externalId: `order_${n}` });
  const asked = rig.application.getPayment(id, { refresh: true }, { kind: "request" });
  await assert.rejects(asked, (error: unknown) => {
    const { code, details } = error as { code: string; details: { retryAfterMs?: number } };
    assert.equal(code, "provider_circuit_open");
    assert.ok((details.retryAfterMs ?? 0) > 0);
    return true;
  });
  await rig.clock.advance(MINUTE);
  await rig.application.getPayment(id, { refresh: true }, { kind: "request" });
});
