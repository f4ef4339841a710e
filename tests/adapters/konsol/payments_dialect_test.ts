// Laws of adapters/konsol/payments_dialect.ts: our payments as requests, Konsol's answers in our words.

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createBody,
  readBalance,
  readPayment,
  updateBody,
} from "../../../adapters/konsol/payments_dialect.ts";
import { STATUSES } from "../../../domain/payment_status.ts";
import { differingFields, reasonsNotOurs } from "../../../domain/provider_payment.ts";
import { CARD_NUMBER, claimedPayment, NOW, PHONE, PHONE_NUMBER, wirePayment } from "./rig.ts";

const HOOK = "https://pay.example.com/konsol/webhook";

Deno.test("createBody() says a payment to a card in the fields of konsol-api.md", () => {
  const payment = claimedPayment({
    description: "Оплата услуг",
    userId: 123456789,
    externalId: "order_123",
    callbackUrl: "https://client.example.com/cb",
    metadata: { order_id: "123", payment_id: "forged", payment_type: "forged" },
  });
  assert.deepEqual(createBody({ payment, cardNumber: CARD_NUMBER }, HOOK), {
    amount: 1000.1,
    currency: "RUB",
    description: "Оплата услуг",
    user_id: 123456789,
    external_id: "order_123",
    callback_url: HOOK,
    metadata: { order_id: "123", payment_type: "card_payment", payment_id: "pay_1" },
    payment_method: "card",
    card_number: CARD_NUMBER,
  });
});

Deno.test("createBody() says a payment to a phone with its bank's name, and only what is set", () => {
  const body = createBody({ payment: claimedPayment({ recipient: PHONE }) }, undefined);
  assert.deepEqual(JSON.parse(JSON.stringify(body)), {
    amount: 1000.1,
    currency: "RUB",
    external_id: "pay_1",
    metadata: { payment_type: "phone_payment", payment_id: "pay_1" },
    payment_method: "phone",
    phone_number: PHONE_NUMBER,
    bank: "Сбербанк",
  });
});

Deno.test("createBody() writes an amount as a JSON number that reads back exactly, or not at all", () => {
  const amounts = fc.oneof(
    fc.integer({ min: 1, max: 10 ** 9 }),
    fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  );
  fc.assert(fc.property(amounts, (amountMinor) => {
    const body = createBody({ payment: claimedPayment({ amountMinor, recipient: PHONE }) }, HOOK);
    if (body === undefined) return assert.ok(amountMinor > 10 ** 15);
    const text = JSON.stringify(body.amount);
    const [whole = "", decimals = ""] = text.split(".");
    assert.equal(BigInt(whole + decimals.padEnd(2, "0")), BigInt(amountMinor));
  }));
});

Deno.test("createBody() builds nothing without the card's number or in a currency that is none", () => {
  assert.equal(createBody({ payment: claimedPayment() }, HOOK), undefined);
  const payment = claimedPayment({ recipient: PHONE, currency: "XXX" });
  assert.equal(createBody({ payment }, HOOK), undefined);
});

Deno.test("updateBody() holds nothing but the three fields", () => {
  const changes = { status: "completed", description: "x", metadata: { a: 1 } } as const;
  assert.deepEqual(updateBody({ ...changes, ...{ amount: 5 } }), changes);
});

Deno.test("readPayment() takes the answer to our own create for ours", () => {
  const reported = readPayment(wirePayment());
  assert.deepEqual(reasonsNotOurs(claimedPayment(), reported!), []);
});

Deno.test("readPayment() reads every field that a payment may have", () => {
  const wire = wirePayment({
    status: "completed",
    payment_url: "https://konsol.example/p/1",
    paid_at: "2026-05-04T13:05:00.250+03:00",
    phone_number: "8 912 345-67-89",
    unknown_field: { nested: [] },
  });
  assert.deepEqual(readPayment(wire), {
    konsolId: wire.id,
    status: "completed",
    statusText: "completed",
    amountMinor: 100_010,
    currency: "RUB",
    externalId: "pay_1",
    paymentId: "pay_1",
    recipient: { kind: "card", last4: "0065", phoneNumber: PHONE_NUMBER },
    paymentUrl: "https://konsol.example/p/1",
    failure: undefined,
    createdAt: NOW,
    paidAt: NOW + 5 * 60_000 + 250,
  });
});

Deno.test("readPayment() reads a payment of nothing but nulls beside its id and status", () => {
  const fields = Object.keys(wirePayment()).filter((name) => name !== "id" && name !== "status");
  const nulls = Object.fromEntries(fields.map((name) => [name, null]));
  const { konsolId, status, ...rest } = readPayment({ ...nulls, id: 7, status: "pending" }) ??
    assert.fail();
  assert.deepEqual([konsolId, status], ["7", "pending"]);
  const said = Object.entries(rest).filter(([, value]) => value !== undefined);
  assert.deepEqual(said, [["statusText", "pending"]]);
});

Deno.test("readPayment() knows the seed's statuses and guesses at no other", () => {
  for (const status of STATUSES) assert.equal(readPayment(wirePayment({ status }))?.status, status);
  const others = ["Completed", "paid", "canceled", "executed", "constructor", " completed"];
  for (const status of others) {
    const reported = readPayment(wirePayment({ status }));
    assert.equal(reported?.status, undefined);
    assert.equal(reported?.statusText, status);
  }
  const long = readPayment(wirePayment({ status: "x".repeat(5_000) }));
  assert.equal(long?.statusText.length, 100);
});

Deno.test("readPayment() does not take for a payment what has no id or status to follow", () => {
  const ids = [undefined, null, "", " ", "a b", "a/b", "..", ".", "ж", "x".repeat(129), 1.5, -0.5];
  for (const id of [...ids, 2 ** 53, {}, ["a"], true]) {
    assert.equal(readPayment(wirePayment({ id })), undefined, String(id));
  }
  for (const status of [undefined, null, "", 1, {}]) {
    assert.equal(readPayment(wirePayment({ status })), undefined);
  }
  for (const json of [undefined, null, "x", 1, [], [wirePayment()], { data: wirePayment() }]) {
    assert.equal(readPayment(json), undefined);
  }
});

Deno.test("readPayment() reads amounts in numbers and in texts, exactly", () => {
  for (const amount of [1000.1, "1000.1", "1000.10", " 1000.1000 "]) {
    assert.equal(readPayment(wirePayment({ amount }))?.amountMinor, 100_010);
  }
  const yen = readPayment(wirePayment({ amount: "1000.00", currency: "jpy" }));
  assert.deepEqual([yen?.amountMinor, yen?.currency], [1_000, "JPY"]);
  assert.equal(readPayment(wirePayment({ currency: null }))?.amountMinor, 100_010);
});

Deno.test("readPayment() lets no amount, currency or external_id pass that is there and is another", () => {
  const others = [
    { amount: 1000.11 },
    { amount: 0 },
    { amount: -1000.1 },
    { amount: "1000.101" },
    { amount: 1e21 },
    { amount: "1 000,10" },
    { amount: {} },
    { amount: true },
    { currency: "USD" },
    { currency: "RUR" },
    { currency: 643 },
    { external_id: "order_2" },
    { external_id: 5 },
    { external_id: {} },
    { external_id: 2 ** 60 },
    { metadata: { payment_id: "pay_2" } },
  ];
  for (const fields of others) {
    const reported = readPayment(wirePayment(fields));
    if (reported === undefined) continue;
    assert.notDeepEqual(differingFields(claimedPayment(), reported), [], JSON.stringify(fields));
  }
});

Deno.test("readPayment() finds no reference of ours in metadata that is no object", () => {
  for (
    const metadata of [null, [], "pay_1", 5, {}, { payment_id: null }, { payment_id: ["pay_1"] }]
  ) {
    const reported = readPayment(wirePayment({ metadata })) ?? assert.fail();
    assert.equal(reported.paymentId, undefined);
    assert.notDeepEqual(reasonsNotOurs(claimedPayment(), reported), []);
  }
});

Deno.test("readPayment() reads the last four of a card however it is masked", () => {
  const last4 = (card_number: unknown) =>
    readPayment(wirePayment({ card_number }))?.recipient?.last4;
  const shown = ["220220******0065", "2202 20** **** 0065", "**0065", "•••• 0065", CARD_NUMBER];
  for (const card of shown) assert.equal(last4(card), "0065", card);
  for (const card of ["", "****", "220220******", "tok_0065", null, 5]) {
    assert.equal(last4(card), undefined);
  }
});

Deno.test("readPayment() tells another whole phone from a masked one", () => {
  const payment = claimedPayment({ recipient: PHONE });
  const differing = (phone_number: unknown) => {
    const wire = wirePayment({ phone_number, payment_method: "phone", card_number: null });
    return differingFields(payment, readPayment(wire) ?? assert.fail());
  };
  for (const phone of [PHONE_NUMBER, "89123456789", "+7912*****89", "", null]) {
    assert.deepEqual(differing(phone), []);
  }
  for (const phone of ["+79123456780", "+380441234567", "+74951234567"]) {
    assert.deepEqual(differing(phone), ["phone_number"]);
  }
});

Deno.test("readPayment() reads a time only where it names its zone", () => {
  const createdAt = (created_at: unknown) => readPayment(wirePayment({ created_at }))?.createdAt;
  const same = [
    "2026-05-04T10:00:00Z",
    "2026-05-04T13:00:00+03:00",
    "2026-05-04T13:00:00.000000+0300",
    "2026-05-04 10:00:00Z",
    "2026-05-04T10:00Z",
  ];
  for (const time of same) assert.equal(createdAt(time), NOW, time);
  const others = ["2026-05-04T10:00:00", "2026-05-04", "2026-13-04T10:00:00Z", "soon", "", NOW, {}];
  for (const time of others) assert.equal(createdAt(time), undefined, String(time));
});

Deno.test("readPayment() gives no link but one that a browser may open", () => {
  const paymentUrl = (payment_url: unknown) =>
    readPayment(wirePayment({ payment_url }))?.paymentUrl;
  const others = ["javascript:alert(1)", "//x", "https://", "http://" + "x".repeat(3_000), 5, null];
  for (const url of others) assert.equal(paymentUrl(url), undefined, String(url));
});

Deno.test("readPayment() reads why a payment failed under each name, masked and cut", () => {
  const failure = (fields: Record<string, unknown>) => readPayment(wirePayment(fields))?.failure;
  const plain = { code: "konsol_failed", message: "Отказ" };
  assert.deepEqual(failure({ error_message: "Отказ" }), plain);
  assert.deepEqual(failure({ failure_reason: "Отказ" }), plain);
  assert.deepEqual(failure({ error: "Отказ", error_message: "Отказ" }), plain);
  const coded = { code: "bank_declined", message: "Отказ" };
  assert.deepEqual(failure({ failure: coded }), coded);
  assert.deepEqual(failure({ error: coded }), coded);
  assert.equal(failure({ error: null, error_message: "", failure: {} }), undefined);
  const long = failure({ error_message: `Карта ${CARD_NUMBER} ` + "x".repeat(1_000) });
  assert.ok(long?.message.startsWith("Карта 220220******0065 x"));
  assert.equal(long?.message.length, 500);
});

Deno.test("readBalance() reads the balance under both names, in roubles unless it says otherwise", () => {
  const balance = { amountMinor: 1_234_567, currency: "RUB", more: {} };
  assert.deepEqual(readBalance({ balance: 12345.67 }), balance);
  assert.deepEqual(readBalance({ amount: "12345.67", currency: "RUB" }), balance);
  assert.deepEqual(readBalance({ balance: null, amount: 12345.67, currency: null }), balance);
  assert.equal(readBalance({ balance: 0 })?.amountMinor, 0);
  assert.equal(readBalance({ balance: "-0.50" })?.amountMinor, -50);
  assert.equal(readBalance({ balance: -12.3 })?.amountMinor, -1_230);
});

Deno.test("readBalance() keeps what else is said, as long as it is small and no secret", () => {
  const more = readBalance({
    balance: 1,
    amount: 2,
    hold: "10.00",
    blocked: false,
    as_of: null,
    limits: { day: 1 },
    api_token: "abc",
    note: "x".repeat(1_000),
  })?.more;
  const kept = { amount: 2, hold: "10.00", blocked: false, api_token: "***" };
  assert.deepEqual(more, { ...kept, note: "x".repeat(200) });
});

Deno.test("readBalance() reads none where there is none", () => {
  const jsons = [null, [], {}, { balance: "много" }, { balance: {} }, { balance: 1.005 }];
  for (const json of [...jsons, { balance: 1, currency: "???" }, { balance: 10 ** 14 }]) {
    assert.equal(readBalance(json), undefined, JSON.stringify(json));
  }
});

Deno.test("readPayment() never breaks, whatever an answer holds", () => {
  const fields = fc.dictionary(
    fc.constantFrom(...Object.keys(wirePayment()), "error"),
    fc.anything(),
  );
  fc.assert(fc.property(fields, (said) => {
    readPayment({ ...wirePayment(), ...said });
    readBalance(said);
  }));
});
