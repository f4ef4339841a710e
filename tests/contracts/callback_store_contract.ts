// The contract of CallbackStore: every law that a store of callbacks keeps, whatever it is made of.

import assert from "node:assert/strict";
import type { CallbackFilter } from "../../application/ports.ts";
import type { Callback } from "../../domain/callback.ts";
import { aCallback } from "../support/callbacks.ts";
import { NOW } from "../support/payments.ts";
import { listContract } from "./list_contract.ts";
import { asStored, idsOf, lawOf, type OpenStores, tamper } from "./stores.ts";
import { storedCallback } from "./told_events.ts";

const ALL = { perPage: 100, page: 1 };
const ENDED = { state: "delivered", dueAt: undefined } as const;

export function callbackStoreContract(name: string, open: OpenStores): void {
  saveLaws(name, open);
  dueLaws(name, open);
  dueHostsLaws(name, open);
  firstPendingLaws(name, open);
  filterLaws(name, open);
  listContract<Pick<Callback, "id" | "createdAt">>(name, open, {
    make: (createdAt) => aCallback({ createdAt }),
    insert: (stores, { id, createdAt }) => storedCallback(stores, { id, createdAt }),
    list: ({ callbacks }, page) => callbacks.list({}, page),
  });
}

function saveLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("get() gives undefined for what is not there", async ({ callbacks }) => {
    assert.equal(await callbacks.get("evt_none"), undefined);
  });

  law("get() gives a value that nobody else holds", async (stores) => {
    const { id } = await storedCallback(stores, { tries: [{ at: 1, start: "one" }] });
    const held = await stores.callbacks.get(id);
    tamper(held?.tries[0], { start: "two" });
    assert.deepEqual((await stores.callbacks.get(id))?.tries, [{ at: 1, start: "one" }]);
  });

  law("save() gives the changed callback under the next version", async (stores) => {
    const before = await storedCallback(stores);
    const tries = [{ at: NOW, ms: 0.5, httpStatus: 500, start: "Ошибка \ud800\u0000" }];
    const after = { ...before, ...ENDED, tries, version: 77 };
    const expected = asStored({ ...after, version: before.version + 1 });
    assert.deepEqual(await stores.callbacks.save(before, after), { kind: "saved", item: expected });
    assert.deepEqual(await stores.callbacks.get(before.id), expected);
  });

  law("save() is stale when the callback was saved meanwhile", async (stores) => {
    const before = await storedCallback(stores);
    await stores.callbacks.save(before, { ...before, tried: 1 });
    const answer = await stores.callbacks.save(before, { ...before, tried: 2 });
    assert.deepEqual(answer, { kind: "stale" });
    assert.equal((await stores.callbacks.get(before.id))?.tried, 1);
  });

  law("save() is stale for a callback that was never stored", async ({ callbacks }) => {
    const callback = aCallback();
    assert.deepEqual(await callbacks.save(callback, callback), { kind: "stale" });
    assert.equal(await callbacks.get(callback.id), undefined);
  });

  law("save() lets one of many that come at once win", async (stores) => {
    const before = await storedCallback(stores);
    const claims = Array.from({ length: 50 }, (_, n) => ({ ...before, tried: n }));
    const answers = await Promise.all(claims.map((one) => stores.callbacks.save(before, one)));
    assert.equal(answers.filter(({ kind }) => kind === "saved").length, 1);
  });
}

function dueLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);
  const host = "a.example";

  law(
    "due() gives the longest due first, equal ones by id, and no other host's",
    async (stores) => {
      const third = await storedCallback(stores, { host, dueAt: 30 });
      const first = await storedCallback(stores, { host, dueAt: 10 });
      await storedCallback(stores, { host: "b.example", dueAt: 10 });
      const fourth = await storedCallback(stores, { host, dueAt: 30 });
      const second = await storedCallback(stores, { host, dueAt: 20 });
      assert.deepEqual(await stores.callbacks.due(host, 99, 9), [first, second, third, fourth]);
    },
  );

  law("due() gives no more than the limit, the longest due ones", async (stores) => {
    for (const dueAt of [5, 3, 1, 4, 2]) await storedCallback(stores, { host, dueAt });
    const due = await stores.callbacks.due(host, 99, 3);
    assert.deepEqual(due.map(({ dueAt }) => dueAt), [1, 2, 3]);
  });

  law("due() gives what is due at this millisecond and not what is due later", async (stores) => {
    const now = await storedCallback(stores, { host, dueAt: NOW });
    await storedCallback(stores, { host, dueAt: NOW + 1 });
    await storedCallback(stores, { host, ...ENDED });
    assert.deepEqual(idsOf(await stores.callbacks.due(host, NOW, 9)), [now.id]);
  });
}

function dueHostsLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("dueHosts() gives each host with a callback due once, by name", async (stores) => {
    for (const host of ["b.example", "a.example:8443", "c.example", "b.example", "a.example"]) {
      await storedCallback(stores, { host, dueAt: NOW });
    }
    await storedCallback(stores, { host: "later.example", dueAt: NOW + 1 });
    await storedCallback(stores, { host: "ended.example", ...ENDED });
    const hosts = ["a.example", "a.example:8443", "b.example", "c.example"];
    assert.deepEqual(await stores.callbacks.dueHosts(NOW, 9), hosts);
    assert.deepEqual(await stores.callbacks.dueHosts(NOW, 3), hosts.slice(0, 3));
    assert.deepEqual(await stores.callbacks.dueHosts(NOW, 9, "a.example"), hosts.slice(1));
    assert.deepEqual(await stores.callbacks.dueHosts(NOW, 1, "a.examplf"), ["b.example"]);
    assert.deepEqual(await stores.callbacks.dueHosts(NOW, 9, "c.example"), []);
  });

  law(
    "dueHosts() finds a host by its one callback that is due among many that are not",
    async (stores) => {
      for (let n = 1; n <= 5; n++) {
        await storedCallback(stores, { host: "a.example", dueAt: NOW + n });
      }
      assert.deepEqual(await stores.callbacks.dueHosts(NOW, 9), []);
      await storedCallback(stores, { host: "a.example", dueAt: NOW - 1 });
      assert.deepEqual(await stores.callbacks.dueHosts(NOW, 9), ["a.example"]);
    },
  );

  law("dueHosts() gives nothing of an empty store", async ({ callbacks }) => {
    assert.deepEqual(await callbacks.dueHosts(Number.MAX_SAFE_INTEGER, 9), []);
  });
}

function firstPendingLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);
  const paymentId = "pay_1";

  law(
    "firstPending() gives the payment's pending callback with the lowest ordinal",
    async (stores) => {
      const first = await storedCallback(stores, { paymentId, ordinal: 2 });
      const third = await storedCallback(stores, { paymentId, ordinal: 10 });
      const second = await storedCallback(stores, { paymentId, ordinal: 9 });
      await storedCallback(stores, { paymentId: "pay_2", ordinal: 1 });
      for (const callback of [first, second, third]) {
        assert.deepEqual(await stores.callbacks.firstPending(paymentId), callback);
        await stores.callbacks.save(callback, { ...callback, ...ENDED });
      }
      assert.equal(await stores.callbacks.firstPending(paymentId), undefined);
    },
  );

  law("firstPending() goes by the state, not by whether it is due", async (stores) => {
    await storedCallback(stores, { paymentId, ordinal: 1, state: "dead", dueAt: undefined });
    const later = await storedCallback(stores, { paymentId, ordinal: 2, dueAt: NOW + 99 });
    assert.deepEqual(await stores.callbacks.firstPending(paymentId), later);
  });
}

const CASES: readonly (readonly [CallbackFilter, Partial<Callback>, Partial<Callback>])[] = [
  [{ state: "dead" }, { state: "dead" }, { state: "pending" }],
  [{ paymentId: "pay_1" }, { paymentId: "pay_1" }, { paymentId: "pay_2" }],
  [{ createdFrom: 5 }, { createdAt: 5 }, { createdAt: 4 }],
  [{ createdTo: 6 }, { createdAt: 5 }, { createdAt: 6 }],
];

function filterLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  for (const [filter, passes, fails] of CASES) {
    law(`list() filters by ${Object.keys(filter)}`, async (stores) => {
      const passing = await storedCallback(stores, passes);
      await storedCallback(stores, fails);
      const expected = { items: [passing], total: 1, totalIsLowerBound: false };
      assert.deepEqual(await stores.callbacks.list(filter, ALL), expected);
    });
  }

  law("list() passes only what passes every filter", async (stores) => {
    const filter = Object.assign({}, ...CASES.map(([one]) => one));
    const right = Object.assign({}, ...CASES.map(([, passes]) => passes));
    const passing = await storedCallback(stores, right);
    for (const [, , fails] of CASES) await storedCallback(stores, { ...right, ...fails });
    const expected = { items: [passing], total: 1, totalIsLowerBound: false };
    assert.deepEqual(await stores.callbacks.list(filter, ALL), expected);
  });
}
