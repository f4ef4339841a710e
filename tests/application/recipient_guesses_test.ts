// Laws of the bound on guessing a stored card or phone by repeats of its payment.

import assert from "node:assert/strict";
import type { CardNumber } from "../../domain/card_number.ts";
import { Refusal } from "../../domain/refusal.ts";
import type { NamedRecipient } from "../../application/create_payment.ts";
import { CARD_COMMAND, openRig, PHONE_COMMAND, type Rig } from "../support/application_rig.ts";
import { alarmsOf } from "../support/instances.ts";
import { BY_REQUEST } from "../support/payment_states.ts";

const HOUR_MS = 3_600_000;

/** What a repeat with that recipient is answered: a refusal's code or `replayed`. */
async function repeat({ application }: Rig, recipient: NamedRecipient): Promise<string> {
  try {
    await application.createPayment({ ...CARD_COMMAND, recipient }, BY_REQUEST);
    return "replayed";
  } catch (error) {
    assert.ok(error instanceof Refusal);
    return error.code;
  }
}

/** Others of the same mask. */
function otherCard(n: number): NamedRecipient {
  const { card } = CARD_COMMAND.recipient as { readonly card: CardNumber };
  return { kind: "card", card: { ...card, digits: `220012${100_000 + n}3456` } };
}

Deno.test("createPayment() tells ten wrong cards of a payment, then for an hour not even the right one", async () => {
  const rig = openRig();
  await rig.create();
  for (let n = 0; n < 10; n++) {
    assert.equal(await repeat(rig, otherCard(n)), "external_id_reused");
  }
  assert.equal(await repeat(rig, otherCard(10)), "too_many_repeats_differ");
  assert.equal(await repeat(rig, CARD_COMMAND.recipient), "too_many_repeats_differ");
  assert.deepEqual(alarmsOf(rig), ["recipient_is_being_guessed"]);
  await rig.clock.advance(HOUR_MS);
  assert.equal(await repeat(rig, CARD_COMMAND.recipient), "replayed");
});

Deno.test("createPayment() counts no repeat that differs in other fields, or is of another kind", async () => {
  const rig = openRig();
  await rig.create();
  for (let n = 0; n < 20; n++) {
    assert.equal(await repeat(rig, PHONE_COMMAND.recipient), "external_id_reused");
    const other = { ...CARD_COMMAND, amountMinor: 1 + n };
    await assert.rejects(rig.application.createPayment(other, BY_REQUEST), /differs in: amount/);
  }
  assert.equal(await repeat(rig, CARD_COMMAND.recipient), "replayed");
});
