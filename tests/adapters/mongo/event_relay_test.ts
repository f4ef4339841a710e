// Events that any number of processes store are told once each, in order, also when one is killed in between.

import assert from "node:assert/strict";
import { openMongoStores } from "../../../adapters/mongo/open_mongo_stores.ts";
import type { NewEvent } from "../../../domain/payment_news.ts";
import { idsOf, inserted, type Stores } from "../../contracts/stores.ts";
import { listedEvents } from "../../contracts/told_events.ts";
import { anEvent, CALLBACK_URL } from "../../support/callbacks.ts";
import { eventually } from "../../support/eventually.ts";
import { inDatabase, mongoForTests } from "../../support/mongo_server.ts";
import { aPayment } from "../../support/payments.ts";
import { openFailing } from "./fail_command.ts";

const mongo = await mongoForTests();
const SOON = { timeoutMs: 20_000, everyMs: 20 };
const LONG_MS = 3_600_000;
const CUT = { closeConnection: true };

/** A payment with `count` events, one a version, each with a callback. */
async function tellMany(stores: Stores, count: number): Promise<NewEvent[]> {
  const payment = aPayment();
  const told: NewEvent[] = [];
  const next = (ordinal: number) => {
    const event = anEvent({ paymentId: payment.id, ordinal, callbackUrl: CALLBACK_URL });
    told.push(event);
    return [event];
  };
  const answer = await stores.payments.insertOrGet(payment, next(1));
  let current = answer.kind === "inserted" ? answer.payment : assert.fail();
  for (let ordinal = 2; ordinal <= count; ordinal++) {
    const saved = await stores.payments.save(
      current,
      { ...current, looks: ordinal },
      next(ordinal),
    );
    current = saved.kind === "saved" ? saved.item : assert.fail();
  }
  return told;
}

if (mongo !== undefined) {
  const placesIn = (url: string) =>
    inDatabase(url, async (database) => {
      const all = await database.collection("konsol_events").find().sort({ _id: 1 }).toArray();
      return all.map(({ _id }) => Number(_id));
    });
  const waitingIn = (url: string) =>
    inDatabase(url, (database) =>
      database.collection("konsol_payments")
        .countDocuments({ $or: [{ outbox: { $exists: true } }, { untold: true }] }));

  Deno.test("four processes at once leave no gap, tell nothing twice and nothing behind a reader", async () => {
    const first = await mongo.openStores();
    const others = await Promise.all([1, 2, 3].map(() => openMongoStores(first.url)));
    const all = [first, ...others];
    const writing = Promise.all(all.map((stores) => tellMany(stores, 12)));
    let done = false;
    void writing.then(() => done = true);
    let seen: readonly string[] = [];
    while (!done) {
      const listed = idsOf(await listedEvents(first));
      assert.deepEqual(listed.slice(0, seen.length), seen);
      seen = listed;
    }
    const told = await writing;
    for (const stores of all) await stores.settled();
    const listed = await listedEvents(first);
    assert.deepEqual(await placesIn(first.url), Array.from({ length: 48 }, (_, n) => n + 1));
    for (const events of told) {
      const own = listed.filter(({ paymentId }) => paymentId === events[0]?.paymentId);
      assert.deepEqual(idsOf(own), idsOf(events));
    }
    assert.equal(await waitingIn(first.url), 0);
    for (const stores of others) await stores.close();
    await first.close();
  });

  for (
    const [step, commands] of [
      ["before the log has them", ["insert"]],
      ["before their callbacks are made", ["update"]],
    ] as const
  ) {
    Deno.test(`sweep() tells what a process left behind ${step}`, async () => {
      const { stores, fail, mend } = await openFailing(mongo, { sweepEveryMs: LONG_MS });
      const before = await inserted(stores);
      const event = anEvent({ paymentId: before.id, callbackUrl: CALLBACK_URL });
      await fail(commands, CUT);
      assert.equal((await stores.payments.save(before, before, [event])).kind, "saved");
      await stores.settled();
      await mend();
      assert.equal(await waitingIn(stores.url), 1);
      assert.equal(await stores.callbacks.get(event.id), undefined);

      const other = await openMongoStores(stores.url, { sweepEveryMs: LONG_MS });
      await other.sweep();
      assert.equal(await waitingIn(stores.url), 1, "it may be under way still");
      await other.sweep();
      assert.deepEqual(idsOf(await listedEvents(other)), [event.id]);
      assert.ok(await other.callbacks.get(event.id));
      assert.equal(await waitingIn(stores.url), 0);
      await other.close();
      await stores.close();
    });
  }

  Deno.test("openMongoStores() sweeps by itself", async () => {
    const { stores, fail, mend } = await openFailing(mongo, { sweepEveryMs: 30 });
    const before = await inserted(stores);
    const event = anEvent({ paymentId: before.id });
    await fail(["insert"], CUT);
    await stores.payments.save(before, before, [event]);
    await stores.settled();
    await mend();
    await eventually(async () => await stores.events.get(event.id) !== undefined, SOON);
    await stores.close();
  });

  Deno.test("save() after an outage tells what was left behind first", async () => {
    const { stores, fail, mend } = await openFailing(mongo, { sweepEveryMs: LONG_MS });
    const before = await inserted(stores);
    const two = [1, 2].map((ordinal) => anEvent({ paymentId: before.id, ordinal }));
    await fail(["insert"], CUT);
    const saved = await stores.payments.save(before, before, two.slice(0, 1));
    await stores.settled();
    await mend();
    assert.ok(saved.kind === "saved");
    await stores.payments.save(saved.item, saved.item, two.slice(1));
    await stores.settled();
    assert.deepEqual(idsOf(await listedEvents(stores)), idsOf(two));
    await stores.close();
  });

  Deno.test("save() of another change leaves in the outbox what waits there", async () => {
    const { stores, fail, mend } = await openFailing(mongo, { sweepEveryMs: LONG_MS });
    const before = await inserted(stores);
    const event = anEvent({ paymentId: before.id });
    await fail(["insert"], CUT);
    const saved = await stores.payments.save(before, before, [event]);
    assert.ok(saved.kind === "saved");
    await stores.payments.save(saved.item, { ...saved.item, looks: 5 });
    await stores.settled();
    assert.equal(await waitingIn(stores.url), 1);
    await mend();
    await stores.close();
  });

  Deno.test("an event that is taken out of the outbox leaves the payment's version as it was", async () => {
    const stores = await mongo.openStores();
    const before = await inserted(stores);
    const saved = await stores.payments.save(before, before, [anEvent({ paymentId: before.id })]);
    await stores.settled();
    assert.ok(saved.kind === "saved");
    assert.deepEqual(await stores.payments.get(before.id), saved.item);
    assert.equal((await stores.payments.save(saved.item, saved.item)).kind, "saved");
    await stores.close();
  });

  Deno.test("close() tells what was stored before it", async () => {
    const reader = await mongo.openStores({ sweepEveryMs: LONG_MS });
    const stores = await openMongoStores(reader.url, { sweepEveryMs: LONG_MS });
    const event = anEvent();
    const storing = stores.payments.insertOrGet(aPayment({ id: event.paymentId }), [event]);
    await Promise.all([storing, stores.close()]);
    assert.ok(await reader.events.get(event.id));
    await reader.close();
  });
}
