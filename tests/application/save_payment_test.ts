// Laws of application/save_payment.ts: a change is saved over what it was decided from, or decided anew.

import assert from "node:assert/strict";
import { changePayment, logChange, savePayment } from "../../application/save_payment.ts";
import type { Payment } from "../../domain/payment.ts";
import { openRig, type Rig } from "../support/application_rig.ts";
import { alarmsOf } from "../support/instances.ts";
import { claimed, inDoubt, queued, submitted } from "../support/payment_states.ts";

const described = (payment: Payment) => ({ ...payment, description: "another" });

/** Another process changes it just before it is saved. */
function overtakeNext(rig: Rig, id: string, change: (payment: Payment) => Payment): void {
  rig.next.payments.save.push(async () => {
    const current = await rig.stored(id);
    await rig.overwrite(current, change(current));
  });
}

Deno.test("savePayment() logs a move once it is stored, and none that was not", async () => {
  const rig = openRig();
  const payment = await rig.put(queued());
  const stale = { ...payment, version: 7 };
  assert.equal((await savePayment(rig.ports, stale, claimed(stale))).kind, "stale");
  assert.deepEqual(rig.log.of("state_change"), []);
  assert.equal((await savePayment(rig.ports, payment, claimed(payment))).kind, "saved");
  const [line] = rig.log.of("state_change");
  assert.deepEqual([line?.move, line?.from, line?.to], ["T3", "queued", "submitting"]);
});

Deno.test("changePayment() saves nothing where there is nothing to do", async () => {
  const rig = openRig();
  const payment = await rig.put(queued());
  assert.equal(await changePayment(rig.ports, payment, (current) => current), payment);
  assert.equal((await rig.stored(payment.id)).version, payment.version);
});

Deno.test("changePayment() decides anew over what another wrote meanwhile", async () => {
  const rig = openRig();
  const payment = await rig.put(queued());
  overtakeNext(rig, payment.id, claimed);
  const after = await changePayment(rig.ports, payment, described);
  assert.deepEqual([after.submission, after.description], ["submitting", "another"]);
});

Deno.test("changePayment() gives up with changed_meanwhile when the races do not end", async () => {
  const rig = openRig();
  const payment = await rig.put(queued());
  for (let race = 0; race < 50; race++) {
    overtakeNext(rig, payment.id, ({ looks, ...rest }) => ({ ...rest, looks: looks + 1 }));
  }
  await assert.rejects(changePayment(rig.ports, payment, described), { code: "changed_meanwhile" });
});

Deno.test("changePayment() of a payment that is in no store ends, too", async () => {
  const rig = openRig();
  const gone = changePayment(rig.ports, queued(), described);
  await assert.rejects(gone, { code: "changed_meanwhile" });
});

Deno.test("changePayment() leaves it as it is where Konsol's id is another payment's, with an alarm", async () => {
  const rig = openRig();
  const owner = await rig.put({ ...submitted(), konsolId: "konsol_1" });
  const payment = await rig.put(inDoubt());
  const linked = (current: Payment) => ({ ...current, konsolId: "konsol_1" });
  assert.equal(await changePayment(rig.ports, payment, linked), payment);
  assert.equal((await rig.stored(payment.id)).konsolId, undefined);
  assert.deepEqual(alarmsOf(rig), ["konsol_id_is_another_payments"]);
  assert.equal(rig.log.of("alarm")[0]?.owner_payment_id, owner.id);
});

Deno.test("changePayment() refuses an Idempotency-Key that names another payment", async () => {
  const rig = openRig();
  await rig.put({ ...queued(), idempotencyKey: "key_1" });
  const payment = await rig.put(queued());
  const bound = changePayment(rig.ports, payment, (one) => ({ ...one, idempotencyKey: "key_1" }));
  await assert.rejects(bound, { code: "handles_name_two_payments" });
  assert.equal((await rig.stored(payment.id)).idempotencyKey, undefined);
});

Deno.test("logChange() tells a new payment (T1), and nothing where the history says no more", () => {
  const { log } = openRig();
  const payment = queued();
  logChange(log, payment, described(payment));
  logChange(log, undefined, { ...payment, history: [] });
  assert.deepEqual(log.of("state_change"), []);
  logChange(log, undefined, payment);
  const [line] = log.of("state_change");
  assert.deepEqual([line?.move, line?.from, line?.to], ["T1", undefined, "queued"]);
});
