// Laws of application/card_number_in_text.ts, and of the use cases that ask it.

import assert from "node:assert/strict";
import { type CreatePaymentCommand, fieldHashes } from "../../application/create_payment.ts";
import { Refusal } from "../../domain/refusal.ts";
import {
  CARD_COMMAND,
  CARD_DIGITS,
  openRig,
  PHONE_COMMAND,
  type Rig,
} from "../support/application_rig.ts";
import { BY_REQUEST } from "../support/payment_states.ts";

const SET_APART = "2200 1200-0000 3456";

async function fieldsRefused(asked: Promise<unknown>): Promise<string[]> {
  try {
    await asked;
  } catch (error) {
    assert.ok(error instanceof Refusal);
    assert.equal(error.code, "card_number_in_text");
    assert.ok(!JSON.stringify([error.message, error.details]).includes(CARD_DIGITS));
    return (error.details.fields ?? []).map(({ field }) => field);
  }
  return assert.fail("it was not refused");
}

function create({ application }: Rig, command: Partial<CreatePaymentCommand>) {
  return application.createPayment({ ...CARD_COMMAND, ...command }, BY_REQUEST);
}

Deno.test("createPayment() refuses each text that holds the whole card number, and stores nothing", async () => {
  const rig = openRig();
  const texts: Partial<CreatePaymentCommand> = {
    description: `to ${SET_APART}`,
    externalId: CARD_DIGITS,
    idempotencyKey: `pay-${CARD_DIGITS}`,
    callbackUrl: `https://shop.example/paid?card=${CARD_DIGITS}`,
    metadata: { order: { card: SET_APART } },
  };
  const names = ["description", "external_id", "Idempotency-Key", "callback_url", "metadata"];
  assert.deepEqual(await fieldsRefused(create(rig, texts)), names);
  for (const [index, [field, text]] of Object.entries(texts).entries()) {
    assert.deepEqual(await fieldsRefused(create(rig, { [field]: text })), [names[index]]);
  }
  const keyed = { externalId: undefined, idempotencyKey: "key_1", description: SET_APART };
  assert.deepEqual(await fieldsRefused(create(rig, keyed)), ["description"]);
  for (const metadata of [{ card: Number(CARD_DIGITS) }, { [CARD_DIGITS]: true }]) {
    assert.deepEqual(await fieldsRefused(create(rig, { metadata })), ["metadata"]);
  }
  assert.deepEqual(rig.gateway.calls, []);
  assert.equal((await rig.create({ externalId: "order_125" })).attempt, 1);
});

Deno.test("createPayment() takes a masked card, another card's number, and any number with a phone", async () => {
  const rig = openRig();
  const masked = await create(rig, { description: "to 220012******3456", externalId: "1" });
  const another = await create(rig, { description: "to 2200120000013457", externalId: "2" });
  const phone = await create(rig, {
    ...PHONE_COMMAND,
    description: CARD_DIGITS,
    externalId: "3",
  });
  assert.ok([masked, another, phone].every(({ replayed }) => !replayed));
});

Deno.test("createPayment() answers a repeat of what was stored before this was refused", async () => {
  const rig = openRig();
  const { id } = await rig.create({ idempotencyKey: "key_1" });
  const stored = await rig.stored(id);
  const described = { ...CARD_COMMAND, description: `to ${SET_APART}` };
  await rig.overwrite(stored, {
    ...stored,
    description: described.description,
    fieldHashes: fieldHashes(rig.ports.vault, described),
  });
  const { payment, replayed } = await create(rig, described);
  assert.deepEqual([payment.id, replayed], [id, true]);
});

Deno.test("updatePayment() refuses the card number of a payment in its texts, also once it is shredded", async () => {
  const rig = openRig();
  const { id } = await rig.create();
  const changes = { description: `to ${SET_APART}`, metadata: { card: CARD_DIGITS } };
  const asked = rig.application.updatePayment(id, { status: "cancelled", ...changes }, BY_REQUEST);
  assert.deepEqual(await fieldsRefused(asked), ["description", "metadata"]);
  const { description, status } = await rig.stored(id);
  assert.deepEqual([description, status], [CARD_COMMAND.description, "processing"]);
});
