// Laws of application/look_for_another.ts where two instances look at the same moment.

import assert from "node:assert/strict";
import { lookForAnother } from "../../application/look_for_another.ts";
import { createScanner } from "../../application/scanner.ts";
import { lookAgain, lookedLate } from "../../domain/payment_change.ts";
import { openRig } from "../support/application_rig.ts";
import { HOUR, inReview, NOW } from "../support/payment_states.ts";

const NOT_PAID = {
  decision: "not_paid",
  attempt: 1,
  then: "fail",
  reason: "said so",
  by: "anna",
  konsolConfirmation: "letter 7",
} as const;

Deno.test("lookForAnother() leaves what another instance looked at, or put off, meanwhile", async () => {
  for (const meanwhile of [lookedLate, lookAgain] as const) {
    const rig = openRig();
    const { id } = await rig.put(inReview());
    const failed = await rig.application.decideReview(id, NOT_PAID);
    rig.konsol.create(failed);
    const seen = await rig.overwrite(failed, meanwhile(failed, NOW + 2 * HOUR));
    rig.next.payments.save.push(() => {});
    const stale = await lookForAnother(rig.ports, createScanner(rig.ports), failed);
    assert.deepEqual(stale, seen);
    assert.equal((await rig.stored(id)).candidateKonsolId, undefined);
  }
});
