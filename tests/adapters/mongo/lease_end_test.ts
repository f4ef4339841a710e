// A lease is over when the server's clock says so, whatever the clocks of the instances say.

import assert from "node:assert/strict";
import type { Payment } from "../../../domain/payment.ts";
import { claimForSending, expireLease } from "../../../domain/payment_sending.ts";
import { inserted, saved, type Stores } from "../../contracts/stores.ts";
import { eventually } from "../../support/eventually.ts";
import { mongoForTests } from "../../support/mongo_server.ts";
import { NOW } from "../../support/payments.ts";

const mongo = await mongoForTests();
const YEARS_MS = 3e11;
const LONG_MS = 3_600_000;
const SHORT_MS = 300;

/** A payment claimed by an instance whose clock shows `now`, for so long. */
async function claimed(stores: Stores, now: number, forMs: number): Promise<Payment> {
  const lease = { owner: "one", sendNotAfter: now, until: now + forMs };
  const before = await inserted(stores, { createdAt: now, dueAt: now });
  return await saved(stores, before, claimForSending(before, lease, now));
}

if (mongo !== undefined) {
  Deno.test("due() shows no claim to an instance whose clock is years ahead, until it is over", async () => {
    const stores = await mongo.openStores();
    await claimed(stores, NOW, LONG_MS);
    const short = await claimed(stores, NOW, SHORT_MS);
    const due = () => stores.payments.due(["submitting"], NOW + YEARS_MS, 9);
    await eventually(async () => (await due()).length > 0);
    assert.deepEqual(await due(), [short]);
    await stores.close();
  });

  Deno.test("save() takes no claim away before it is over in the server's time", async () => {
    const stores = await mongo.openStores();
    const payment = await claimed(stores, NOW, LONG_MS);
    const late = NOW + YEARS_MS;
    const expired = expireLease(payment, late, late);
    assert.deepEqual(await stores.payments.save(payment, expired), { kind: "stale" });
    assert.deepEqual(await stores.payments.get(payment.id), payment);
    await stores.close();
  });

  Deno.test("save() takes a claim away once it is over, also by an instance whose clock is behind", async () => {
    const stores = await mongo.openStores();
    const payment = await claimed(stores, NOW, SHORT_MS);
    const expired = expireLease(payment, NOW, NOW);
    await eventually(async () => (await stores.payments.save(payment, expired)).kind === "saved");
    assert.equal((await stores.payments.get(payment.id))?.submission, "in_doubt");
    await stores.close();
  });

  Deno.test("save() keeps the end of a claim through changes that leave the claim", async () => {
    const stores = await mongo.openStores();
    const payment = await claimed(stores, NOW, LONG_MS);
    const described = await saved(stores, payment, { ...payment, description: "new words" });
    const late = NOW + YEARS_MS;
    const expired = expireLease(described, late, late);
    assert.deepEqual(await stores.payments.save(described, expired), { kind: "stale" });
    await stores.close();
  });

  Deno.test("save() takes what the holder of the claim has to say at any time", async () => {
    const stores = await mongo.openStores();
    const payment = await claimed(stores, NOW, LONG_MS);
    const told = { ...payment, lease: undefined, submission: "submitted", konsolId: "k" } as const;
    assert.equal((await stores.payments.save(payment, told)).kind, "saved");
    await stores.close();
  });
}
