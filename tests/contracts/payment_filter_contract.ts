// Laws of PaymentStore.list()'s filters.

import assert from "node:assert/strict";
import type { PaymentFilter } from "../../application/ports.ts";
import type { Payment } from "../../domain/payment.ts";
import { aCard, aPayment, aPhone } from "../support/payments.ts";
import { asStored, idsOf, inserted, lawOf, type OpenStores, saved } from "./stores.ts";

const ALL = { perPage: 100, page: 1 };

interface Case {
  readonly title: string;
  readonly filter: PaymentFilter;
  readonly passes: Partial<Payment>;
  readonly fails: Partial<Payment>;
}

const CASES: readonly Case[] = [
  {
    title: "by status",
    filter: { status: "failed" },
    passes: { submission: "settled", status: "failed" },
    fails: { submission: "settled", status: "completed" },
  },
  {
    title: "by currency",
    filter: { currency: "USD" },
    passes: { currency: "USD" },
    fails: { currency: "RUB" },
  },
  {
    title: "by user, the number zero too",
    filter: { userId: 0 },
    passes: { userId: 0 },
    fails: { userId: undefined },
  },
  {
    title: "by external id",
    filter: { externalId: "Заказ 1" },
    passes: { externalId: "Заказ 1" },
    fails: { externalId: "Заказ 11" },
  },
  {
    title: "by card",
    filter: { paymentType: "card_payment" },
    passes: {},
    fails: { recipient: aPhone() },
  },
  {
    title: "by phone",
    filter: { paymentType: "phone_payment" },
    passes: { recipient: aPhone() },
    fails: {},
  },
  {
    title: "from a time, inclusive",
    filter: { createdFrom: 5 },
    passes: { createdAt: 5 },
    fails: { createdAt: 4 },
  },
  {
    title: "to a time, exclusive",
    filter: { createdTo: 5 },
    passes: { createdAt: 4 },
    fails: { createdAt: 5 },
  },
];

const RIGHT: Partial<Payment> = {
  submission: "settled",
  status: "failed",
  currency: "USD",
  userId: 7,
  recipient: aPhone(),
  createdAt: 5,
};

const FILTER: PaymentFilter = {
  status: "failed",
  currency: "USD",
  userId: 7,
  paymentType: "phone_payment",
  createdFrom: 5,
  createdTo: 6,
};

const WRONG: readonly Partial<Payment>[] = [
  { status: "completed" },
  { currency: "RUB" },
  { userId: 8 },
  { recipient: aCard() },
  { createdAt: 4 },
  { createdAt: 6 },
];

export function paymentFilterContract(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  for (const { title, filter, passes, fails } of CASES) {
    law(`list() filters ${title}`, async (stores) => {
      const passing = await inserted(stores, passes);
      await inserted(stores, fails);
      const expected = { items: [passing], total: 1, totalIsLowerBound: false };
      assert.deepEqual(await stores.payments.list(filter, ALL), expected);
    });
  }

  law("list() passes only what passes every filter", async (stores) => {
    const passing = await inserted(stores, RIGHT);
    for (const wrong of WRONG) await inserted(stores, { ...RIGHT, ...wrong });
    const expected = { items: [passing], total: 1, totalIsLowerBound: false };
    assert.deepEqual(await stores.payments.list(FILTER, ALL), expected);
  });

  law("list() shows no more than passes the filter, by page and by cursor", async (stores) => {
    const currencies = ["USD", "RUB", "USD", "RUB", "USD"];
    const all = currencies.map((currency, createdAt) => aPayment({ currency, createdAt }));
    for (const payment of all) await stores.payments.insertOrGet(payment);
    const first = await stores.payments.list({ currency: "USD" }, { perPage: 2, page: 1 });
    const rest = await stores.payments.list({ currency: "USD" }, {
      perPage: 2,
      page: 1,
      after: first.next,
    });
    const expected = idsOf(all.filter(({ currency }) => currency === "USD")).reverse();
    assert.deepEqual(idsOf([...first.items, ...rest.items]), expected);
    assert.deepEqual([first.total, rest.total, rest.next], [3, 3, undefined]);
  });

  law("list() follows a payment's status as it changes", async (stores) => {
    const before = await inserted(stores);
    const after = await saved(stores, before, { ...before, status: "processing" });
    const lists = await Promise.all([
      stores.payments.list({ status: "pending" }, ALL),
      stores.payments.list({ status: "processing" }, ALL),
    ]);
    assert.deepEqual(lists.map(({ items }) => items), [[], [asStored(after)]]);
  });
}
