// Laws of application/look_for_another.ts where two instances look at the same moment.

import assert from "node:assert/strict";
import { lookForAnother } from "../../application/look_for_another.ts";
import { createScanner } from "../../application/scanner.ts";
import { lookAgain, lookedLate } from "../../domain/payment_change.ts";
import { openRig } from "../support/application_rig.ts";
import { calledNotPaid } from "../support/instances.ts";
import { HOUR, inReview, NOW } from "../support/payment_states.ts";

Deno.test("lookForAnother() leaves what another instance looked at, or put off, meanwhile", async () => {
  for (const meanwhile of [lookedLate, lookAgain] as const) {
    const rig = openRig();
    const failed = await calledNotPaid(rig, await rig.put(inReview()));
    rig.konsol.create(failed);
    const seen = await rig.overwrite(failed, meanwhile(failed, NOW + 2 * HOUR));
    rig.next.payments.save.push(() => {});
    const stale = await lookForAnother(rig.ports, createScanner(rig.ports), failed);
    assert.deepEqual(stale, seen);
    assert.equal((await rig.stored(failed.id)).candidateKonsolId, undefined);
  }
});
