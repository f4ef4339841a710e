// The contract of EventLog: every law that a log of events keeps, whatever it is made of.

import assert from "node:assert/strict";
import type { StoredEvent } from "../../domain/payment_news.ts";
import { anEvent } from "../support/callbacks.ts";
import { aPayment } from "../support/payments.ts";
import { idsOf, lawOf, type OpenStores, type Stores, STRANGE_TEXTS } from "./stores.ts";
import { asListed, listedEvents, toldEvents } from "./told_events.ts";

const WRITERS = 8;
const CHANGES = 10;

export function eventLogContract(name: string, open: OpenStores): void {
  listLaws(name, open);
  orderLaws(name, open);
}

/** Each of another payment, one after the other. */
async function tell(stores: Stores, count: number): Promise<StoredEvent[]> {
  const told: StoredEvent[] = [];
  for (let n = 0; n < count; n++) {
    const event = anEvent();
    await stores.payments.insertOrGet(aPayment({ id: event.paymentId }), [event]);
    told.push(asListed(event));
  }
  return told;
}

function listLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("list() gives nothing of an empty log", async ({ events }) => {
    assert.deepEqual(await events.list(undefined, 9), []);
  });

  law("list() gives undefined after an event that is not there", async (stores) => {
    await tell(stores, 1);
    await toldEvents(stores);
    assert.equal(await stores.events.list("evt_none", 9), undefined);
  });

  law("list() gives every event once, whatever the page size", async (stores) => {
    const expected = await tell(stores, 7);
    await toldEvents(stores);
    for (const limit of [1, 2, 3, 6, 7]) {
      const listed: StoredEvent[] = [];
      while (listed.length < expected.length) {
        const page = await stores.events.list(listed.at(-1)?.id, limit);
        assert.ok(page !== undefined && page.length > 0 && page.length <= limit);
        listed.push(...page);
      }
      assert.deepEqual(listed.slice(0, 7), expected, `pages of ${limit}`);
    }
  });

  law(
    "list() gives nothing after the last event, and goes on when there is more",
    async (stores) => {
      await tell(stores, 2);
      await toldEvents(stores);
      const last = (await listedEvents(stores)).at(-1);
      assert.deepEqual(await stores.events.list(last?.id, 9), []);
      const [next] = await tell(stores, 1);
      await toldEvents(stores);
      assert.deepEqual((await stores.events.list(last?.id, 1))?.[0], next);
    },
  );

  law("list() and get() give a body back byte for byte", async (stores) => {
    const body = JSON.stringify({ id: "evt_1", data: STRANGE_TEXTS, amount: 10.5 });
    const event = anEvent({ body, createdAt: 5.5 });
    await stores.payments.insertOrGet(aPayment({ id: event.paymentId }), [event]);
    assert.deepEqual(await toldEvents(stores), [asListed(event)]);
    assert.deepEqual(await stores.events.get(event.id), asListed(event));
  });

  law("get() gives undefined for what is not there", async ({ events }) => {
    assert.equal(await events.get("evt_none"), undefined);
  });
}

function orderLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law(
    "list() gives events in the order of their writes, whatever their ids and times",
    async (stores) => {
      const ids = ["evt_c", "evt_a", "evt_b"];
      for (const [n, id] of ids.entries()) {
        const event = anEvent({ id, createdAt: 9 - n });
        await stores.payments.insertOrGet(aPayment({ id: event.paymentId }), [event]);
      }
      assert.deepEqual(idsOf(await toldEvents(stores)), ids);
    },
  );

  law("list() never shows an event before one that it gave, while many write", async (stores) => {
    const writing = Promise.all(Array.from({ length: WRITERS }, () => tell(stores, CHANGES)));
    let done = false;
    void writing.then(() => done = true);
    let seen: readonly string[] = [];
    while (!done) {
      const listed = idsOf(await listedEvents(stores));
      assert.deepEqual(listed.slice(0, seen.length), seen);
      seen = listed;
      await new Promise((resolve) => setTimeout(resolve));
    }
    const all = idsOf(await toldEvents(stores));
    assert.deepEqual(all.slice(0, seen.length), seen);
    assert.deepEqual(all.toSorted(), (await writing).flatMap(idsOf).toSorted());
  });

  law("list() gives a payment's events in the order of its versions", async (stores) => {
    const payments = await Promise.all(Array.from({ length: WRITERS }, async () => {
      const first = aPayment();
      const told = [anEvent({ paymentId: first.id })];
      const answer = await stores.payments.insertOrGet(first, told);
      let current = answer.kind === "inserted" ? answer.payment : assert.fail();
      for (let n = 0; n < CHANGES; n++) {
        const event = anEvent({ paymentId: first.id, ordinal: current.version + 1 });
        const saved = await stores.payments.save(current, { ...current, looks: n }, [event]);
        current = saved.kind === "saved" ? saved.item : assert.fail();
        told.push(event);
      }
      return told;
    }));
    const all = await toldEvents(stores);
    for (const told of payments) {
      const listed = all.filter(({ paymentId }) => paymentId === told[0]?.paymentId);
      assert.deepEqual(idsOf(listed), idsOf(told));
    }
  });
}
