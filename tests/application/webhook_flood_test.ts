// Laws of polling beside a flood of webhooks: real workers on a clock that stands still between what they do.

import assert from "node:assert/strict";
import type { Payment } from "../../domain/payment.ts";
import { openRig, type Rig, webhookBody } from "../support/application_rig.ts";
import { HOUR, MINUTE } from "../support/payment_states.ts";

const POLLED = 60;
/** Known to whoever forges webhooks; each may make us ask three times at once, and then once in 10 s. */
const NAMED = 100;
const INBOX = 2_000;
/** Of a GET; Konsol answers one after the other, so that whatever else is asked keeps a poll waiting. */
const KONSOL = { fast: 2, busy: 40, slow: 100 };
const STEP_MS = 100;
const ARRIVALS_A_STEP = 5;
const STEPS = 250;

interface Polls {
  /** Until the last of them is done. */
  readonly lateMs: number;
  /** What webhooks made us ask beside them. */
  readonly others: number;
}

/** One line to Konsol, first come first served. */
function queueAtKonsol({ gateway, clock }: Rig, getMs: number): void {
  const get = gateway.getPayment.bind(gateway);
  let line: Promise<unknown> = Promise.resolve();
  gateway.getPayment = (konsolId) => {
    const turn = line.then(() => clock.sleep(getMs)).then(() => get(konsolId));
    line = turn;
    return turn;
  };
}

async function createMany(rig: Rig, count: number, name: string): Promise<Payment[]> {
  const orders = Array.from({ length: count }, (_, n) => ({ externalId: `${name}_${n}` }));
  const made = [];
  for (const order of orders) made.push(await rig.create(order));
  return made;
}

/** Of known and of unknown payments by turns, each body another one. */
function createForger({ application }: Rig, named: readonly Payment[]) {
  let forged = 0;
  return async (count: number) => {
    for (let n = 0; n < count; n++) {
      const known = named[forged++ % (2 * named.length)]?.konsolId;
      const webhook = webhookBody(known ?? `made_up_${forged}`, "payment.updated", { forged });
      await application.receiveWebhook(webhook).catch(() => {});
    }
  };
}

/** How late the payments' polls are when all of them are due at once. */
async function poll(getMs: number, { flooded }: { readonly flooded: boolean }): Promise<Polls> {
  const rig = openRig();
  const named = await createMany(rig, NAMED, "named");
  for (const one of named) await rig.overwrite(one, { ...one, dueAt: rig.clock.now() + HOUR });
  const polled = await createMany(rig, POLLED, "polled");
  for (const { konsolId = "" } of polled) rig.konsol.setStatus(konsolId, "completed");
  queueAtKonsol(rig, getMs);
  const forge = createForger(rig, named);
  if (flooded) await forge(INBOX);
  rig.workers.start();
  for (let step = 0; step < STEPS; step++) {
    if (flooded) await forge(ARRIVALS_A_STEP);
    await rig.clock.advance(STEP_MS);
  }
  const stopped = rig.workers.stop();
  await rig.clock.advance(MINUTE);
  await stopped;
  const lates = await Promise.all(polled.map(async ({ id, dueAt = NaN }) => {
    const { status, updatedAt } = await rig.stored(id);
    return status === "completed" ? updatedAt - dueAt : Infinity;
  }));
  const gets = rig.gateway.calls.filter((call) => call.startsWith("get")).length;
  return { lateMs: Math.max(...lates), others: gets - POLLED };
}

for (const [konsol, getMs] of Object.entries(KONSOL)) {
  Deno.test(`start() polls a ${konsol} Konsol at most twice as late in a flood of webhooks`, async () => {
    const calm = await poll(getMs, { flooded: false });
    const flood = await poll(getMs, { flooded: true });
    assert.ok(flood.others > POLLED, `only ${flood.others} questions for webhooks`);
    const told = `${flood.lateMs} ms late, without the flood ${calm.lateMs}`;
    assert.ok(flood.lateMs <= 2 * calm.lateMs, told);
  });
}
