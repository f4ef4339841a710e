// Laws of the migration: everything of the older service is known here afterwards, and nothing of it is sent.

import assert from "node:assert/strict";
import { type Document, Double, ObjectId } from "mongodb";
import { OlderCollections } from "../../adapters/mongo/older_collections.ts";
import { openMongoStores } from "../../adapters/mongo/open_mongo_stores.ts";
import { createVault } from "../../adapters/vault/vault.ts";
import { createPayment } from "../../application/create_payment.ts";
import type { Ports } from "../../application/ports.ts";
import { type Migrated, migrateStore } from "../../tasks/migrate_store.ts";
import { CARD_DIGITS } from "../support/application_rig.ts";
import { BY_REQUEST, NOW } from "../support/payment_states.ts";
import { inDatabase, mongoForTests } from "../support/mongo_server.ts";
import { runOperatorTask } from "./run_operator_task.ts";

const mongo = await mongoForTests();
const vault = createVault(new Uint8Array(32).fill(7));
const MADE = new Date("2024-05-06T07:08:09.123Z");

/** As Beanie wrote them. */
function olderCard(overrides: Document = {}): Document {
  return {
    _id: new ObjectId(),
    revision_id: null,
    konsol_id: new ObjectId().toHexString(),
    amount: new Double(1000),
    currency: "RUB",
    status: "completed",
    payment_type: "card_payment",
    card_number: CARD_DIGITS,
    phone_number: null,
    user_id: 123456789,
    description: "Оплата услуг",
    created_at: MADE,
    updated_at: MADE,
    ...overrides,
  };
}

const PHONE = {
  payment_type: "phone_payment",
  card_number: null,
  phone_number: "8 912 345-67-89",
  bank: "Сбер",
};

interface Older {
  readonly url: string;
  put(collection: string, ...documents: Document[]): Promise<void>;
  all(collection: string): Promise<Document[]>;
  run(): Promise<Migrated>;
}

function law(title: string, test: (older: Older) => Promise<void>): void {
  Deno.test({
    name: title,
    ignore: mongo === undefined,
    async fn() {
      const url = mongo?.ownDatabase() ?? "";
      await test({
        url,
        put: (name, ...documents) =>
          inDatabase(url, async (database) => {
            await database.collection(name).insertMany(documents);
          }),
        all: (name) => inDatabase(url, (database) => database.collection(name).find().toArray()),
        run: () => migrateIn(url),
      });
    },
  });
}

async function migrateIn(url: string): Promise<Migrated> {
  const older = await OlderCollections.open(url);
  try {
    await older.setAside();
    const stores = await openMongoStores(url, { migrating: true });
    try {
      await older.returnOurs();
      const migrated = await migrateStore(older, { vault, now: NOW, stores });
      if (migrated.left.length === 0) await older.finish();
      return migrated;
    } finally {
      await stores.close();
    }
  } finally {
    await older.close();
  }
}

async function use<Answer>(
  url: string,
  work: (stores: Pick<Ports, "payments" | "invoices" | "webhooks">) => Promise<Answer>,
) {
  const stores = await openMongoStores(url);
  try {
    return await work(stores);
  } finally {
    await stores.close();
  }
}

const paymentsIn = (url: string) =>
  use(url, async ({ payments }) => (await payments.list({}, { perPage: 99, page: 1 })).items);

for (const name of ["konsol_payments", "KonsolPayment"]) {
  law(
    `migrateStore() brings payments over from ${name}, each to where it goes on`,
    async ({ url, put, run, all }) => {
      await put(
        name,
        olderCard(),
        olderCard({ status: "pending", ...PHONE, amount: 1000.1 }),
        olderCard({ status: "processing", konsol_id: null, external_id: "claim_7" }),
      );
      const { became, left } = await run();
      assert.deepEqual(left, []);
      assert.deepEqual(became, {
        "payment settled": 1,
        "payment submitted": 1,
        "payment review": 1,
      });
      const payments = await paymentsIn(url);
      const bySubmission = new Map(payments.map((payment) => [payment.submission, payment]));
      assert.equal(bySubmission.get("settled")?.amountMinor, 100_000);
      assert.equal(bySubmission.get("settled")?.createdAt, Number(MADE));
      const phone = bySubmission.get("submitted");
      assert.deepEqual(phone?.recipient, {
        kind: "phone",
        phoneNumber: "+79123456789",
        bankId: "100000000111",
        bankName: "Сбербанк",
      });
      assert.deepEqual([phone?.amountMinor, phone?.dueAt], [100_010, NOW]);
      const review = bySubmission.get("review");
      const { recipient, id = "" } = review ?? {};
      assert.ok(recipient?.kind === "card");
      assert.equal(vault.open(recipient.sealedNumber ?? "", id), CARD_DIGITS);
      assert.deepEqual(await all(name === "KonsolPayment" ? name : "konsol_payments_older"), []);
    },
  );
}

law("migrateStore() leaves no card number in clear anywhere", async ({ url, put, run }) => {
  await put("konsol_payments", olderCard(), olderCard({ status: "pending", konsol_id: null }));
  await put("konsol_webhook_logs", {
    event: "payment.completed",
    payload: { data: { id: "k-1", card_number: CARD_DIGITS } },
    created_at: MADE,
  });
  await run();
  const everything = await inDatabase(url, async (database) => {
    const collections = await database.listCollections().toArray();
    return await Promise.all(
      collections.map(({ name }) => database.collection(name).find().toArray()),
    );
  });
  const told = JSON.stringify(everything);
  assert.ok(told.includes("payment.completed") && told.includes("Оплата услуг"));
  assert.ok(!told.includes(CARD_DIGITS));
});

law(
  "migrateStore() keeps the handles: a client that asks again gets the same payment",
  async ({ url, put, run }) => {
    await put("konsol_payments", olderCard({ external_id: "order_1" }));
    await run();
    const [payment] = await paymentsIn(url);
    await use(url, async ({ payments }) => {
      const ports = { payments, vault, clock: { now: () => NOW }, ids: { next: () => "pay_new" } };
      const asking = { guesses: { assertFew: () => {} } };
      const again = await createPayment(ports as never, { submitWaitMs: 1 }, asking as never, {
        amountMinor: 100_000,
        currency: "RUB",
        recipient: {
          kind: "card",
          card: { digits: CARD_DIGITS, first6: "220012", last4: "3456", length: 16, brand: "mir" },
        },
        description: "Оплата услуг",
        userId: 123456789,
        externalId: "order_1",
      }, BY_REQUEST);
      assert.deepEqual([again.replayed, again.payment.id], [true, payment?.id]);
    });
  },
);

law(
  "migrateStore() lists what cannot be understood, leaves it, and no service starts meanwhile",
  async ({ url, put, run, all }) => {
    const wrong = {
      amount_too_precise: olderCard({ amount: 0.1 + 0.2 }),
      amount_not_positive: olderCard({ amount: -5 }),
      "currency is not one": olderCard({ currency: "руб" }),
      "status is none of the five": olderCard({ status: "refunded" }),
      "card_number is missing": olderCard({ card_number: null }),
      bank_unknown: olderCard({ ...PHONE, konsol_id: null, status: "pending", bank: "xyz???" }),
      phone_number_invalid: olderCard({ ...PHONE, phone_number: "12" }),
      "callback_url is no http(s) address": olderCard({ callback_url: "example.com/hook" }),
      "its external_id is": olderCard({ external_id: "twice" }),
    };
    await put("konsol_payments", olderCard({ external_id: "twice" }));
    await put("KonsolPayment", ...Object.values(wrong));
    const { left } = await run();
    for (const [reason, { _id }] of Object.entries(wrong)) {
      const told = left.find(({ id }) => id === String(_id));
      assert.ok(told?.reason.startsWith(reason), `${reason}: ${told?.reason}`);
    }
    assert.equal(left.length, Object.keys(wrong).length);
    const factsOf = (
      { _id, amount, status, card_number }: Document,
    ) => [String(_id), Number(amount), status, card_number];
    const kept = await all("KonsolPayment");
    assert.deepEqual(kept.map(factsOf), Object.values(wrong).map(factsOf));
    await assert.rejects(openMongoStores(url), /run deno task migrate to its end/);
  },
);

law("migrateStore() that broke off goes on, and makes nothing twice", async ({ url, put, run }) => {
  const documents = Array.from({ length: 40 }, (_, n) => olderCard({ external_id: `order_${n}` }));
  await put("konsol_payments", ...documents);
  const older = await OlderCollections.open(url);
  await older.setAside();
  const stores = await openMongoStores(url, { migrating: true });
  let removed = 0;
  const remove = older.remove.bind(older);
  older.remove = async (source, id) => {
    if (++removed > 20) throw new Error("the connection is gone");
    await remove(source, id);
  };
  await assert.rejects(migrateStore(older, { vault, now: NOW, stores }), /connection is gone/);
  await stores.close();
  await older.close();
  await assert.rejects(openMongoStores(url), /run deno task migrate to its end/);
  const { left, became } = await run();
  assert.deepEqual(left, []);
  assert.ok((became["payment settled"] ?? 0) < 40);
  assert.equal((await paymentsIn(url)).length, 40);
});

law("migrateStore() brings invoices and webhooks over", async ({ url, put, run }) => {
  const invoice = { ...olderCard({ konsol_id: "inv-1" }), due_date: "2024-06-01", paid_at: MADE };
  await put("konsol_invoices", invoice);
  await put(
    "konsol_webhook_logs",
    ...["k-1", "k-2"].map((id) => ({
      event: "payment.updated",
      konsol_id: id,
      data: { id },
      created_at: MADE,
    })),
  );
  assert.deepEqual((await run()).became, { invoice: 1, webhook: 2 });
  await use(url, async ({ invoices, webhooks }) => {
    const kept = await invoices.getByKonsolId("inv-1");
    assert.deepEqual([kept?.amountMinor, kept?.dueDate, kept?.paidAt], [
      100_000,
      "2024-06-01",
      Number(MADE),
    ]);
    assert.equal((await webhooks.list({ state: "processed" }, { perPage: 9, page: 1 })).total, 2);
    assert.equal(await webhooks.countUnworked(9), 0);
  });
});

law(
  "migrateStore() leaves a payment with a callback_url open to every later change",
  async ({ url, put, run }) => {
    await put("konsol_payments", olderCard({ status: "pending", callback_url: "https://Shop.ru" }));
    await run();
    await use(url, async ({ payments }) => {
      const [before] = (await payments.list({}, { perPage: 1, page: 1 })).items;
      assert.ok(before?.callbackUrl === "https://shop.ru/");
      const event = { id: "evt_1", type: "payment.updated" as const, createdAt: NOW, body: "{}" };
      const { id: paymentId, callbackUrl } = before;
      const events = [{ ...event, paymentId, callbackUrl, ordinal: 2 }];
      assert.equal((await payments.save(before, before, events)).kind, "saved");
    });
  },
);

law(
  "migrateStore() leaves what is of the new shape already where it was",
  async ({ url, put, run }) => {
    await put("konsol_payments", olderCard());
    await run();
    const [before] = await paymentsIn(url);
    await put("KonsolPayment", olderCard());
    assert.deepEqual((await run()).became, { "payment settled": 1 });
    assert.ok((await paymentsIn(url)).some(({ id }) => id === before?.id));
  },
);

law(
  "OlderCollections.returnOurs() puts back what of ours was renamed with the rest",
  async ({ url, put, run }) => {
    await put("KonsolPayment", olderCard({ external_id: "mine" }));
    await run();
    await inDatabase(url, async (database) => {
      const exactly = { promoteValues: false };
      const [ours] = await database.collection("konsol_payments").find({}, exactly).toArray();
      await database.collection("konsol_payments").drop();
      await database.collection("konsol_payments").insertMany([ours!, olderCard()]);
    });
    await run();
    const payments = await paymentsIn(url);
    assert.equal(payments.length, 2);
    assert.ok(payments.some(({ externalId }) => externalId === "mine"));
  },
);

law(
  "task migrate: a dry run writes nothing, a run leaves what is wrong, --leave-rest ends it",
  async ({ url, put, all }) => {
    await put("konsol_payments", olderCard(), olderCard({ status: "lost" }));
    const before = await all("konsol_payments");
    const env = { DATABASE_URL: url, CARD_KEY: btoa("x".repeat(32)) };
    const dry = await runOperatorTask("migrate", ["--dry-run"], env);
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(
      dry.stdout,
      /Would bring over 1 payment settled\.\nleft: konsol_payments \w+: status/,
    );
    assert.deepEqual(await all("konsol_payments"), before);

    const run = await runOperatorTask("migrate", [], env);
    assert.equal(run.code, 1);
    assert.match(run.stderr, /1 are left, untouched: mend them/);
    const otherKey = { ...env, CARD_KEY: btoa("y".repeat(32)) };
    for (const args of [["--dry-run"], ["--leave-rest"]]) {
      const refused = await runOperatorTask("migrate", args, otherKey);
      assert.match(refused.stderr, /written with another one/);
    }
    const ended = await runOperatorTask("migrate", ["--leave-rest"], env);
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal((await paymentsIn(url)).length, 1);
    assert.equal((await all("konsol_payments_older")).length, 1);
  },
);

Deno.test("task migrate explains itself, and wants the service's CARD_KEY", async () => {
  const help = await runOperatorTask("migrate", ["--help"]);
  assert.deepEqual([help.code, help.stdout.startsWith("deno task migrate ")], [0, true]);
  const on = ["--on", "mongodb://127.0.0.1:1/konsol"];
  for (const args of [["--nope"], ["--on", "sqlite:x"], on]) {
    const wrong = await runOperatorTask("migrate", args, { CARD_KEY: "short" });
    assert.equal(wrong.code, 64, args.join(" "));
  }
});
