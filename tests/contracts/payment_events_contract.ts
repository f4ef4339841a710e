// Laws of a PaymentStore's events: stored with the change that they tell of, in one write, or not at all.

import assert from "node:assert/strict";
import { newCallback } from "../../domain/callback.ts";
import { anEvent, CALLBACK_URL } from "../support/callbacks.ts";
import { aPayment } from "../support/payments.ts";
import { asStored, idsOf, inserted, lawOf, type OpenStores } from "./stores.ts";
import { asListed, toldEvents } from "./told_events.ts";

export function paymentEventsContract(name: string, open: OpenStores): void {
  insertLaws(name, open);
  saveLaws(name, open);
  callbackLaws(name, open);
}

function insertLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("insertOrGet() stores the events with the payment", async (stores) => {
    const payment = aPayment();
    const two = [anEvent({ paymentId: payment.id }), anEvent({ paymentId: payment.id })];
    assert.equal((await stores.payments.insertOrGet(payment, two)).kind, "inserted");
    assert.deepEqual(await toldEvents(stores), two.map(asListed));
  });

  law("insertOrGet() stores no event of a payment that exists", async (stores) => {
    const { externalId } = await inserted(stores);
    const event = anEvent({ callbackUrl: CALLBACK_URL });
    const answer = await stores.payments.insertOrGet(aPayment({ externalId }), [event]);
    assert.equal(answer.kind, "exists");
    assert.deepEqual(await toldEvents(stores), []);
    assert.equal(await stores.callbacks.get(event.id), undefined);
  });

  law("insertOrGet() that rejects stores no event", async (stores) => {
    const { id } = await inserted(stores);
    const event = anEvent({ callbackUrl: CALLBACK_URL });
    await assert.rejects(stores.payments.insertOrGet(aPayment({ id }), [event]), /Cannot insert/);
    assert.deepEqual(await toldEvents(stores), []);
    assert.equal(await stores.callbacks.get(event.id), undefined);
  });

  law("insertOrGet() tells of one of many that come at once with one handle", async (stores) => {
    const repeats = Array.from({ length: 20 }, () => aPayment({ externalId: "one" }));
    const answers = await Promise.all(repeats.map((payment) => {
      return stores.payments.insertOrGet(payment, [anEvent({ paymentId: payment.id })]);
    }));
    const made = answers.flatMap((answer) => answer.kind === "inserted" ? [answer.payment.id] : []);
    const told = await toldEvents(stores);
    assert.deepEqual(told.map(({ paymentId }) => paymentId), made);
  });
}

function saveLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("save() stores the events with the change", async (stores) => {
    const before = await inserted(stores);
    const event = anEvent({ paymentId: before.id, type: "payment.updated" });
    assert.equal((await stores.payments.save(before, before, [event])).kind, "saved");
    assert.deepEqual(await toldEvents(stores), [asListed(event)]);
  });

  law("save() that is stale stores no event", async (stores) => {
    const before = await inserted(stores);
    const stale = { ...before, version: 7 };
    const event = anEvent({ callbackUrl: CALLBACK_URL });
    assert.equal((await stores.payments.save(stale, before, [event])).kind, "stale");
    assert.deepEqual(await toldEvents(stores), []);
    assert.equal(await stores.callbacks.get(event.id), undefined);
  });

  law("save() of a konsolId that is taken stores no event", async (stores) => {
    await inserted(stores, { konsolId: "k" });
    const before = await inserted(stores);
    const event = anEvent({ callbackUrl: CALLBACK_URL });
    const answer = await stores.payments.save(before, { ...before, konsolId: "k" }, [event]);
    assert.equal(answer.kind, "konsol_id_taken");
    assert.deepEqual(await toldEvents(stores), []);
    assert.equal(await stores.callbacks.get(event.id), undefined);
  });

  law("save() that throws stores no event", async (stores) => {
    const before = await inserted(stores, { submission: "settled", status: "failed" });
    const after = { ...before, submission: "queued" } as const;
    await assert.rejects(stores.payments.save(before, after, [anEvent()]));
    assert.deepEqual(await toldEvents(stores), []);
  });

  law("save() tells of the one change that won of many that came at once", async (stores) => {
    const before = await inserted(stores);
    const answers = await Promise.all(Array.from({ length: 20 }, async (_, n) => {
      const event = anEvent({ paymentId: before.id });
      const { kind } = await stores.payments.save(before, { ...before, looks: n }, [event]);
      return { kind, id: event.id };
    }));
    const won = answers.filter(({ kind }) => kind === "saved");
    assert.equal(won.length, 1);
    assert.deepEqual(idsOf(await toldEvents(stores)), idsOf(won));
  });
}

function callbackLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("insertOrGet() and save() make a callback of each event that has a URL", async (stores) => {
    const payment = aPayment();
    const [first, silent, second] = [
      anEvent({ paymentId: payment.id, callbackUrl: CALLBACK_URL, ordinal: 1 }),
      anEvent({ paymentId: payment.id }),
      anEvent({ paymentId: payment.id, callbackUrl: "https://other.example/", ordinal: 2 }),
    ];
    const answer = await stores.payments.insertOrGet(payment, [first, silent]);
    const stored = answer.kind === "inserted" ? answer.payment : assert.fail();
    await stores.payments.save(stored, stored, [second]);
    await toldEvents(stores);
    for (const event of [first, second]) {
      const callback = await stores.callbacks.get(event.id);
      assert.deepEqual(callback, asStored(newCallback(event, event.callbackUrl!)));
    }
    assert.equal(await stores.callbacks.get(silent.id), undefined);
  });
}
