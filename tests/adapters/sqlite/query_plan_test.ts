// Every query of the SQLite stores goes by an index, seen in the plans of what they really send.

import assert from "node:assert/strict";
import type { DatabaseSync } from "node:sqlite";
import { GroupCommit } from "../../../adapters/sqlite/group_commit.ts";
import { IN_MEMORY, openDatabase } from "../../../adapters/sqlite/open_database.ts";
import { SqliteCallbackStore } from "../../../adapters/sqlite/sqlite_callback_store.ts";
import { SqliteConnection } from "../../../adapters/sqlite/sqlite_connection.ts";
import { SqliteControlStore } from "../../../adapters/sqlite/sqlite_control_store.ts";
import { SqliteEventLog } from "../../../adapters/sqlite/sqlite_event_log.ts";
import { SqliteInvoiceStore } from "../../../adapters/sqlite/sqlite_invoice_store.ts";
import { SqlitePaymentStore } from "../../../adapters/sqlite/sqlite_payment_store.ts";
import { SqliteWebhookStore } from "../../../adapters/sqlite/sqlite_webhook_store.ts";
import type {
  CallbackFilter,
  PageRequest,
  PaymentFilter,
  RecordFilter,
  WebhookFilter,
} from "../../../application/ports.ts";
import { SUBMISSIONS } from "../../../domain/submission_table.ts";
import { aCallback, anEvent, CALLBACK_URL } from "../../support/callbacks.ts";
import { anInvoice } from "../../support/invoices.ts";
import { aPayment } from "../../support/payments.ts";
import { aWebhook } from "../../support/webhooks.ts";
import { recordStatements, type Statement } from "./recorded_database.ts";

const RECORD_FILTER: Required<RecordFilter> = {
  status: "completed",
  currency: "RUB",
  userId: 7,
  externalId: "order-1",
  createdFrom: 1,
  createdTo: 9,
};
const PAYMENT_FILTER: Required<PaymentFilter> = { ...RECORD_FILTER, paymentType: "card_payment" };
const WEBHOOK_FILTER: Required<WebhookFilter> = { state: "failed", konsolId: "k", event: "e" };
const CALLBACK_FILTER: Required<CallbackFilter> = {
  state: "dead",
  paymentId: "pay_1",
  createdFrom: 1,
  createdTo: 9,
};

const PAGE: PageRequest = { perPage: 20, page: 2 };
const AFTER: PageRequest = { perPage: 20, page: 1, after: { createdAt: 5, id: "pay_5" } };

type Stores = {
  payments: SqlitePaymentStore;
  invoices: SqliteInvoiceStore;
  webhooks: SqliteWebhookStore;
  events: SqliteEventLog;
  callbacks: SqliteCallbackStore;
  control: SqliteControlStore;
};

type Ask = (stores: Stores) => Promise<unknown>;

/** The plan of each query that `ask` sends, as SQLite prints it. */
function plansOf(ask: Ask): Promise<string[]> {
  return eachOf(ask, planOf);
}

/** What `look` sees in each query that `ask` sends. */
async function eachOf<Seen>(
  ask: Ask,
  look: (database: DatabaseSync, statement: Statement) => Seen,
): Promise<Seen[]> {
  const database = openDatabase(IN_MEMORY);
  const statements = recordStatements(database);
  const connection = new SqliteConnection(database);
  const commit = new GroupCommit(connection);
  await ask({
    payments: new SqlitePaymentStore(connection, commit),
    invoices: new SqliteInvoiceStore(connection, commit),
    webhooks: new SqliteWebhookStore(connection, commit),
    events: new SqliteEventLog(connection),
    callbacks: new SqliteCallbackStore(connection, commit),
    control: new SqliteControlStore(connection, commit),
  });
  const seen = statements.filter(({ sql }) => /^\s*(SELECT|UPDATE|WITH)/.test(sql))
    .map((statement) => look(database, statement));
  connection.close();
  return seen;
}

function planOf(database: DatabaseSync, { sql, values }: Statement): string {
  const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
  return `${sql}\n${steps.map(({ detail }) => `  ${detail}`).join("\n")}`;
}

/** How many times the query's program calls ->>, which parses JSON. */
function parsesOf(database: DatabaseSync, { sql, values }: Statement): number {
  const steps = database.prepare(`EXPLAIN ${sql}`).all(...values);
  return steps.filter(({ p4 }) => String(p4).startsWith("->>")).length;
}

/** Every filter that has some of the fields of `full`, but the one that has none. */
function subsets<Filter extends object>(full: Filter): Partial<Filter>[] {
  const fields = Object.entries(full);
  return Array.from(
    { length: 2 ** fields.length - 1 },
    (_, mask) =>
      Object.fromEntries(fields.filter((_, bit) => (mask + 1) & (1 << bit))) as Partial<Filter>,
  );
}

const TABLES = "payments|invoices|webhooks|events|callbacks|control";

function assertSearched(plans: readonly string[]): void {
  assert.ok(plans.length > 0);
  for (const plan of plans) {
    assert.match(
      plan,
      new RegExp(`SEARCH (${TABLES}) USING (COVERING |INTEGER )?(INDEX|PRIMARY KEY)`),
    );
    assert.doesNotMatch(plan, new RegExp(`SCAN (${TABLES})`));
    assert.doesNotMatch(plan, /USE TEMP B-TREE/);
  }
}

Deno.test("list() of payments searches an index in its order for any filters", async () => {
  assertSearched(
    await plansOf(async ({ payments }) => {
      for (const filter of subsets(PAYMENT_FILTER)) {
        await payments.list(filter, PAGE);
        await payments.list(filter, AFTER);
      }
    }),
  );
});

Deno.test("list() of invoices searches an index in its order for any filters", async () => {
  assertSearched(
    await plansOf(async ({ invoices }) => {
      for (const filter of subsets(RECORD_FILTER)) {
        await invoices.list(filter, PAGE);
        await invoices.list(filter, AFTER);
      }
    }),
  );
});

Deno.test("list() of webhooks searches an index in its order for any filters", async () => {
  assertSearched(
    await plansOf(async ({ webhooks }) => {
      for (const filter of subsets(WEBHOOK_FILTER)) {
        await webhooks.list(filter, PAGE);
        await webhooks.list(filter, AFTER);
      }
    }),
  );
});

Deno.test("list() of callbacks searches an index in its order for any filters", async () => {
  assertSearched(
    await plansOf(async ({ callbacks }) => {
      for (const filter of subsets(CALLBACK_FILTER)) {
        await callbacks.list(filter, PAGE);
        await callbacks.list(filter, AFTER);
      }
    }),
  );
});

Deno.test("list() without a filter walks the index of the newest, sorting nothing", async () => {
  const plans = await plansOf(async (stores) => {
    const { payments, invoices, webhooks, callbacks } = stores;
    for (const store of [payments, invoices, webhooks, callbacks]) await store.list({}, PAGE);
  });
  assert.equal(plans.length, 8);
  for (const plan of plans) {
    assert.match(plan, /SCAN (payments|invoices|webhooks|callbacks) USING (COVERING )?INDEX/);
    assert.doesNotMatch(plan, /USE TEMP B-TREE/);
  }
});

Deno.test("list() from a cursor searches the index of the newest, however far down", async () => {
  const plans = await plansOf(async (stores) => {
    const { payments, invoices, webhooks, callbacks } = stores;
    for (const store of [payments, invoices, webhooks, callbacks]) await store.list({}, AFTER);
  });
  assertSearched(plans.filter((plan) => !plan.includes("count(*)")));
});

Deno.test("list() looks for a rare pair of filters without parsing any record", async () => {
  const { status, currency, paymentType } = PAYMENT_FILTER;
  const pairs = [{ status, currency }, { status, paymentType }, { currency, paymentType }];
  const parsed = await eachOf(
    async ({ payments }) => {
      for (const filter of pairs) await payments.list(filter, PAGE);
    },
    parsesOf,
  );
  assert.deepEqual(parsed, [2, 2, 2, 2, 2, 2], "the two values bound, and nothing a row");
});

Deno.test("due() searches the index of the due, in its order", async () => {
  const plans = await plansOf(async ({ payments, webhooks }) => {
    await payments.due(SUBMISSIONS, 9, 100);
    await webhooks.due(9, 100);
  });
  assertSearched(plans);
  for (const plan of plans) assert.match(plan, /USING INDEX (payments|webhooks)_due/);
});

Deno.test("listReviews() searches the index of reviews in its order", async () => {
  const plans = await plansOf(async ({ payments }) => {
    await payments.listReviews(PAGE);
    await payments.listReviews(AFTER);
  });
  assert.equal(plans.length, 4);
  assertSearched(plans);
  for (const plan of plans) assert.match(plan, /INDEX payments_review /);
});

Deno.test("hasUnworked() and countUnworked() search an index, parsing no record", async () => {
  const ask: Ask = async ({ webhooks }) => {
    await webhooks.hasUnworked(9);
    await webhooks.countUnworked(9);
  };
  assert.deepEqual(await eachOf(ask, parsesOf), [0, 0]);
  const [has = "", count = ""] = await plansOf(ask);
  assert.match(has, /SEARCH webhooks USING INDEX webhooks_unworked \(unworked_at>\?\)/);
  assert.match(count, /SEARCH webhooks USING INDEX webhooks_due \(due_at>\?\)/);
});

Deno.test("latestOf() of webhooks searches the index of Konsol's payments, in its order", async () => {
  const [plan = "", ...more] = await plansOf(({ webhooks }) => webhooks.latestOf("k", 100));
  assert.deepEqual(more, []);
  assertSearched([plan]);
  assert.equal(plan.match(/INDEX webhooks_konsol_id \(konsol_id=\?\)/g)?.length, 2, plan);
});

Deno.test("list() of events searches by the number after which they come", async () => {
  const plans = await plansOf(async ({ payments, events }) => {
    const event = anEvent();
    await payments.insertOrGet(aPayment(), [event]);
    await events.list(undefined, 9);
    await events.list(event.id, 9);
  });
  assert.equal(plans.length, 3);
  assertSearched(plans);
});

Deno.test("dueHosts() steps from host to host, parsing no record", async () => {
  const ask: Ask = ({ callbacks }) => callbacks.dueHosts(9, 100, "a.example");
  assert.deepEqual(await eachOf(ask, parsesOf), [0]);
  const [plan = ""] = await plansOf(ask);
  const steps = plan.match(/SEARCH callbacks (EXISTS )?USING INDEX callbacks_due \(host[>=]\?/g);
  assert.equal(steps?.length, 3, plan);
  assert.doesNotMatch(plan, /SCAN callbacks|USE TEMP B-TREE/);
});

Deno.test("due() and firstPending() of callbacks search their index, in its order", async () => {
  const [due = "", first = "", ...more] = await plansOf(async ({ callbacks }) => {
    await callbacks.due("a.example", 9, 100);
    await callbacks.firstPending("pay_1");
  });
  assert.deepEqual(more, []);
  assertSearched([due, first]);
  assert.match(due, /INDEX callbacks_due \(host=\? AND due_at<\?\)/);
  assert.match(first, /INDEX callbacks_pending \(payment_id=\?\)/);
});

Deno.test("get(), getBy…(), save() and a repeated insertOrGet() search an index", async () => {
  const payment = aPayment();
  const [invoice, webhook] = [anInvoice(), aWebhook()];
  assertSearched(
    await plansOf(async ({ payments, invoices, webhooks, events, callbacks, control }) => {
      for (const _twice of [1, 2]) {
        await payments.insertOrGet(payment);
        await invoices.insertOrGet(invoice);
        await webhooks.insertOrGet(webhook);
      }
      await payments.get("id");
      await payments.getByKonsolId("id");
      await payments.getByExternalId("id");
      await payments.save(payment, payment);
      await invoices.get("id");
      await invoices.getByKonsolId("id");
      await invoices.save(invoice, invoice);
      await webhooks.get("id");
      await webhooks.save(webhook, webhook);
      await payments.save(payment, payment, [anEvent({ callbackUrl: CALLBACK_URL })]);
      await events.get("evt_1");
      await callbacks.get("evt_1");
      await callbacks.save(aCallback(), aCallback());
      await control.get("key");
      await control.put("key", 1, "value");
    }),
  );
});
