// Laws of application/get_payment.ts.

import assert from "node:assert/strict";
import { openRig } from "../support/application_rig.ts";
import { BY_REQUEST, inDoubt } from "../support/payment_states.ts";

const STORED = { refresh: false };
const FRESH = { refresh: true };

Deno.test("getPayment() finds a payment by our id and by Konsol's", async () => {
  const { application, create } = openRig();
  const payment = await create();
  assert.deepEqual(await application.getPayment(payment.id, STORED, BY_REQUEST), payment);
  assert.deepEqual(await application.getPayment("konsol_1", STORED, BY_REQUEST), payment);
});

Deno.test("getPayment() refuses an id that no payment has, an external_id too", async () => {
  const { application, create } = openRig();
  await create();
  for (const id of ["pay_9", "order_124", ""]) {
    await assert.rejects(application.getPayment(id, FRESH, BY_REQUEST), {
      code: "payment_not_found",
    });
  }
});

Deno.test("getPayment() asks Konsol only when told to", async () => {
  const { application, create, konsol, gateway } = openRig();
  const { id } = await create();
  konsol.setStatus("konsol_1", "completed");
  assert.equal((await application.getPayment(id, STORED, BY_REQUEST)).status, "processing");
  assert.ok(!gateway.calls.includes("get konsol_1"));
  assert.equal((await application.getPayment(id, FRESH, BY_REQUEST)).status, "completed");
});

Deno.test("getPayment() with refresh gives what Konsol does not have yet as it is", async () => {
  const rig = openRig();
  const payment = await rig.put(inDoubt());
  assert.deepEqual(await rig.application.getPayment(payment.id, FRESH, BY_REQUEST), payment);
});

Deno.test("getPayment() with refresh says why Konsol could not be asked", async () => {
  const { application, create, gateway } = openRig();
  const { id } = await create();
  const codes = {
    timeout: "provider_timeout",
    circuit_open: "provider_circuit_open",
    failed: "provider_failed",
  } as const;
  for (const reason of ["timeout", "circuit_open", "failed"] as const) {
    gateway.next.get.push(reason);
    await assert.rejects(application.getPayment(id, FRESH, BY_REQUEST), { code: codes[reason] });
  }
});
