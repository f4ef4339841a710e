// The contract of WebhookStore: every law that a store of webhooks keeps, whatever it is made of.

import assert from "node:assert/strict";
import type { WebhookFilter } from "../../application/ports.ts";
import type { Webhook } from "../../domain/webhook.ts";
import { NOW } from "../support/payments.ts";
import { aWebhook } from "../support/webhooks.ts";
import { listContract } from "./list_contract.ts";
import { asStored, idsOf, lawOf, type OpenStores, type Stores, tamper } from "./stores.ts";

const ALL = { perPage: 100, page: 1 };

async function inserted({ webhooks }: Stores, overrides: Partial<Webhook> = {}): Promise<Webhook> {
  const answer = await webhooks.insertOrGet(aWebhook(overrides));
  assert.equal(answer.kind, "inserted");
  return answer.webhook;
}

export function webhookStoreContract(name: string, open: OpenStores): void {
  insertLaws(name, open);
  saveLaws(name, open);
  latestLaws(name, open);
  dueLaws(name, open);
  unworkedLaws(name, open);
  filterLaws(name, open);
  listContract(name, open, {
    make: (receivedAt) => aWebhook({ receivedAt }),
    insert: ({ webhooks }, webhook: Webhook) => webhooks.insertOrGet(webhook),
    list: ({ webhooks }, page) => webhooks.list({}, page),
  });
}

function insertLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("insertOrGet() gives a new webhook back as it was stored", async ({ webhooks }) => {
    const webhook = aWebhook({ body: { deep: [{ text: "Платёж \ud800\u0000" }, null, 0.5] } });
    const answer = await webhooks.insertOrGet(webhook);
    assert.deepEqual(answer, { kind: "inserted", webhook: asStored(webhook) });
    assert.deepEqual(await webhooks.get(webhook.id), asStored(webhook));
  });

  law("insertOrGet() gives the webhook that has the body hash", async (stores) => {
    const first = await inserted(stores);
    const repeat = aWebhook({ bodyHash: first.bodyHash });
    const answer = await stores.webhooks.insertOrGet(repeat);
    assert.deepEqual(answer, { kind: "exists", webhook: first });
    assert.equal(await stores.webhooks.get(repeat.id), undefined);
  });

  law("insertOrGet() stores one of many that come at once with one body hash", async (stores) => {
    const repeats = Array.from({ length: 50 }, () => aWebhook({ bodyHash: "one" }));
    const answers = await Promise.all(repeats.map((one) => stores.webhooks.insertOrGet(one)));
    assert.equal(answers.filter(({ kind }) => kind === "inserted").length, 1);
    assert.equal(new Set(answers.map(({ webhook }) => webhook.id)).size, 1);
  });

  law("insertOrGet() takes any number of webhooks about one payment", async (stores) => {
    await inserted(stores, { konsolId: "same" });
    await inserted(stores, { konsolId: "same" });
    assert.equal((await stores.webhooks.list({ konsolId: "same" }, ALL)).total, 2);
  });

  law("insertOrGet() rejects an id that another webhook has", async (stores) => {
    const { id } = await inserted(stores);
    await assert.rejects(stores.webhooks.insertOrGet(aWebhook({ id })), /Cannot insert/);
  });

  law("get() gives undefined for what is not there", async ({ webhooks }) => {
    assert.equal(await webhooks.get("whk_none"), undefined);
  });

  law("get() gives a value that nobody else holds", async (stores) => {
    const { id } = await inserted(stores, { body: { amount: 1 } });
    const held = await stores.webhooks.get(id);
    tamper(held?.body, { amount: 2 });
    assert.deepEqual((await stores.webhooks.get(id))?.body, { amount: 1 });
  });
}

function saveLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("save() gives the changed webhook under the next version", async (stores) => {
    const before = await inserted(stores);
    const expected = asStored({ ...before, state: "processed", version: 2 });
    const answer = await stores.webhooks.save(before, { ...before, state: "processed" });
    assert.deepEqual(answer, { kind: "saved", item: expected });
    assert.deepEqual(await stores.webhooks.get(before.id), expected);
  });

  law("save() is stale when the webhook was saved meanwhile", async (stores) => {
    const before = await inserted(stores);
    await stores.webhooks.save(before, { ...before, tries: 1 });
    const answer = await stores.webhooks.save(before, { ...before, tries: 2 });
    assert.deepEqual(answer, { kind: "stale" });
    assert.equal((await stores.webhooks.get(before.id))?.tries, 1);
  });

  law("save() is stale for a webhook that was never stored", async ({ webhooks }) => {
    const webhook = aWebhook();
    assert.deepEqual(await webhooks.save(webhook, webhook), { kind: "stale" });
  });

  law("save() lets one of many that come at once win", async (stores) => {
    const before = await inserted(stores);
    const changes = Array.from({ length: 50 }, (_, tries) => ({ ...before, tries }));
    const answers = await Promise.all(changes.map((one) => stores.webhooks.save(before, one)));
    assert.equal(answers.filter(({ kind }) => kind === "saved").length, 1);
  });
}

function latestLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("latestOf() gives the newest of that payment, equal ones by id", async (stores) => {
    const konsolId = "Платёж \ud800";
    const kept = [];
    for (const receivedAt of [20, 30, 30, 10]) {
      kept.push(await inserted(stores, { konsolId, receivedAt }));
    }
    await inserted(stores, { receivedAt: 40 });
    assert.deepEqual(await stores.webhooks.latestOf(konsolId, 1), kept[2]);
  });

  law("latestOf() gives none while fewer than that are kept of the payment", async (stores) => {
    for (let count = 0; count < 3; count++) await inserted(stores, { konsolId: "one" });
    for (let count = 0; count < 3; count++) await inserted(stores);
    const answers = [1, 3, 4, 99].map((keptMin) => stores.webhooks.latestOf("one", keptMin));
    const found = (await Promise.all(answers)).map((webhook) => webhook !== undefined);
    assert.deepEqual(found, [true, true, false, false]);
    assert.equal(await stores.webhooks.latestOf("none", 1), undefined);
  });

  law("latestOf() gives a webhook as it was saved last, whatever its state", async (stores) => {
    const before = await inserted(stores, { konsolId: "one" });
    const after = { ...before, state: "failed" as const, dueAt: undefined };
    const saved = await stores.webhooks.save(before, after);
    assert.ok(saved.kind === "saved");
    assert.deepEqual(await stores.webhooks.latestOf("one", 1), saved.item);
  });
}

function dueLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("due() gives the longest due first, in any state, equal ones by id", async (stores) => {
    const third = await inserted(stores, { dueAt: 30 });
    const first = await inserted(stores, { dueAt: 10, state: "orphan" });
    const fourth = await inserted(stores, { dueAt: 30, state: "failed" });
    const second = await inserted(stores, { dueAt: 20, state: "processed" });
    assert.deepEqual(await stores.webhooks.due(99, 9), [first, second, third, fourth]);
  });

  law("due() gives no more than the limit, the longest due ones", async (stores) => {
    for (const dueAt of [5, 3, 1, 4, 2]) await inserted(stores, { dueAt });
    assert.deepEqual((await stores.webhooks.due(99, 3)).map(({ dueAt }) => dueAt), [1, 2, 3]);
  });

  law("due() gives what is due at this millisecond and not what is due later", async (stores) => {
    const now = await inserted(stores, { dueAt: NOW });
    await inserted(stores, { dueAt: NOW + 1 });
    await inserted(stores, { dueAt: undefined });
    assert.deepEqual(idsOf(await stores.webhooks.due(NOW, 9)), [now.id]);
  });
}

function unworkedLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);
  const times = { lastReceivedAt: 10, wantedSince: 10 };

  law("hasUnworked() finds one that came at this millisecond or later", async (stores) => {
    await inserted(stores, { ...times, dueAt: 5 });
    const answers = [9, 10, 11].map((since) => stores.webhooks.hasUnworked(since));
    assert.deepEqual(await Promise.all(answers), [true, true, false]);
  });

  law("hasUnworked() goes by its last arrival and by when it was asked for", async (stores) => {
    await inserted(stores, { receivedAt: 1, lastReceivedAt: 20, wantedSince: 10, dueAt: 5 });
    assert.equal(await stores.webhooks.hasUnworked(20), true);
    await inserted(stores, { receivedAt: 1, lastReceivedAt: 10, wantedSince: 30, dueAt: 5 });
    assert.equal(await stores.webhooks.hasUnworked(30), true);
    assert.equal(await stores.webhooks.hasUnworked(31), false);
  });

  law("hasUnworked() goes by what is due at some time, in any state", async (stores) => {
    await inserted(stores, { ...times, dueAt: undefined, state: "received" });
    assert.equal(await stores.webhooks.hasUnworked(0), false);
    await inserted(stores, { ...times, dueAt: Number.MAX_SAFE_INTEGER, state: "orphan" });
    assert.equal(await stores.webhooks.hasUnworked(0), true);
  });

  law("hasUnworked() and countUnworked() follow a webhook as it changes", async (stores) => {
    const before = await inserted(stores, { ...times, dueAt: 5 });
    const done = await stores.webhooks.save(before, { ...before, dueAt: undefined });
    assert.ok(done.kind === "saved");
    assert.equal(await stores.webhooks.hasUnworked(0), false);
    assert.equal(await stores.webhooks.countUnworked(9), 0);
    await stores.webhooks.save(done.item, { ...done.item, dueAt: 0, wantedSince: 40 });
    assert.equal(await stores.webhooks.hasUnworked(40), true);
    assert.equal(await stores.webhooks.countUnworked(9), 1);
  });

  law("hasUnworked() and countUnworked() find nothing in an empty store", async ({ webhooks }) => {
    assert.deepEqual([await webhooks.hasUnworked(0), await webhooks.countUnworked(9)], [false, 0]);
  });

  law("countUnworked() counts what is due at some time, to the limit", async (stores) => {
    for (const dueAt of [1, undefined, 3, Number.MAX_SAFE_INTEGER]) {
      await inserted(stores, { dueAt });
    }
    const counts = [0, 1, 2, 3, 4, 99].map((limit) => stores.webhooks.countUnworked(limit));
    assert.deepEqual(await Promise.all(counts), [0, 1, 2, 3, 3, 3]);
  });
}

const CASES: readonly (readonly [WebhookFilter, Partial<Webhook>, Partial<Webhook>])[] = [
  [{ state: "orphan" }, { state: "orphan" }, { state: "received" }],
  [{ konsolId: "Платёж 1" }, { konsolId: "Платёж 1" }, { konsolId: "Платёж 2" }],
  [{ event: "payment.paid" }, { event: "payment.paid" }, { event: "payment.failed" }],
];

function filterLaws(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  for (const [filter, passes, fails] of CASES) {
    law(`list() filters by ${Object.keys(filter)}`, async (stores) => {
      const passing = await inserted(stores, passes);
      await inserted(stores, fails);
      const expected = { items: [passing], total: 1, totalIsLowerBound: false };
      assert.deepEqual(await stores.webhooks.list(filter, ALL), expected);
    });
  }

  law("list() passes only what passes every filter", async (stores) => {
    const filter = Object.assign({}, ...CASES.map(([one]) => one));
    const right = Object.assign({}, ...CASES.map(([, passes]) => passes));
    const passing = await inserted(stores, right);
    for (const [, , fails] of CASES) await inserted(stores, { ...right, ...fails });
    const expected = { items: [passing], total: 1, totalIsLowerBound: false };
    assert.deepEqual(await stores.webhooks.list(filter, ALL), expected);
  });
}
