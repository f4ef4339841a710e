// Laws of adapters/http/payment_requests.ts and of the fields that it is made of.

import assert from "node:assert/strict";
import { type Ask, errorsOf, httpApi, jsonOf } from "../../support/http_api.ts";

const CARD = {
  amount: 1000.1,
  currency: "RUB",
  description: "Оплата услуг",
  payment_type: "card_payment",
  card_number: "1234567890123456",
  user_id: 123456789,
  external_id: "order_123",
  callback_url: "https://your-domain.com/webhook",
  metadata: { order_id: "123", product: "premium" },
};

const PHONE = {
  amount: "1000.00",
  currency: "RUB",
  payment_type: "phone_payment",
  phone_number: "8 912 345-67-89",
  bank: "сбер",
  external_id: "order_124",
};

const PATH = "/konsol/payments";

async function commandOf(body: unknown, headers?: Ask["headers"]): Promise<unknown> {
  const api = httpApi();
  const response = await api.ask("POST", PATH, { body, headers });
  assert.equal(response.status, 201, await response.text());
  return api.calls[0]?.args[0];
}

/** `field code` of each error; nothing may have reached the use case. */
async function refused(body: unknown, headers?: Ask["headers"]): Promise<string[]> {
  const api = httpApi();
  const response = await api.ask("POST", PATH, { body, headers });
  assert.deepEqual([response.status, api.calls], [422, []], JSON.stringify(body));
  return errorsOf(response);
}

Deno.test("createPaymentReader() makes the command of the seed's card payment", async () => {
  assert.deepEqual(await commandOf(CARD), {
    amountMinor: 100_010,
    currency: "RUB",
    recipient: {
      kind: "card",
      card: {
        digits: "1234567890123456",
        brand: "unknown",
        first6: "123456",
        last4: "3456",
        length: 16,
      },
    },
    description: "Оплата услуг",
    userId: 123456789,
    externalId: "order_123",
    callbackUrl: "https://your-domain.com/webhook",
    metadata: { order_id: "123", product: "premium" },
  });
});

Deno.test("createPaymentReader() makes the command of a phone payment, phone and bank normalised", async () => {
  assert.deepEqual(await commandOf(PHONE), {
    amountMinor: 100_000,
    currency: "RUB",
    recipient: {
      kind: "phone",
      phoneNumber: "+79123456789",
      bank: {
        id: "100000000111",
        name: "Сбербанк",
        aliases: ["Сбер", "Sber", "Sberbank"],
      },
    },
    externalId: "order_124",
  });
});

Deno.test("createPaymentReader() refuses the seed's card where it is not allowed", async () => {
  const api = httpApi({}, { allowTestCard: false });
  const errors = await errorsOf(api.ask("POST", PATH, { body: CARD }));
  assert.deepEqual(errors, ["card_number card_number_checksum"]);
});

Deno.test("createPaymentReader() tells all that is missing at once, the handle too", async () => {
  assert.deepEqual(await refused({}), [
    "amount required",
    "currency required",
    "payment_type required",
    "external_id handle_required",
  ]);
});

Deno.test("createPaymentReader() tells every wrong field at once, unknown ones too", async () => {
  const body = {
    amount: "1e5",
    currency: "rub",
    description: 5,
    payment_type: "cash",
    card_number: "1",
    phone_number: "1",
    bank: "?",
    user_id: -1,
    external_id: "claim_7",
    callback_url: "http://localhost",
    metadata: [],
    colour: "red",
    constructor: 1,
  };
  const headers = { "Idempotency-Key": '"open' };
  assert.deepEqual(await refused(body, headers), [
    "amount amount_invalid",
    "currency currency_unknown",
    "payment_type invalid_value",
    "card_number card_number_length",
    "phone_number phone_number_invalid",
    "bank bank_unknown",
    "description invalid_type",
    "user_id too_small",
    "external_id external_id_reserved",
    "Idempotency-Key idempotency_key_invalid",
    "callback_url callback_url_not_https",
    "metadata invalid_type",
    "colour unknown_field",
    "constructor unknown_field",
  ]);
});

Deno.test("createPaymentReader() says what to do, and how many fields are wrong", async () => {
  const { detail, code, errors } = await jsonOf(httpApi().ask("POST", PATH, { body: {} }));
  assert.equal(code, "fields_invalid");
  assert.match(detail, /4 wrong/);
  assert.match(errors[3].message, /external_id or an Idempotency-Key header/);
});

Deno.test("createPaymentReader() wants the recipient's fields that the payment_type needs", async () => {
  const { card_number: _, ...card } = CARD;
  assert.deepEqual(await refused(card), ["card_number required"]);
  const { phone_number: __, bank: ___, ...phone } = PHONE;
  assert.deepEqual(await refused(phone), ["phone_number required", "bank required"]);
});

Deno.test("createPaymentReader() refuses the other kind's recipient fields, right or wrong", async () => {
  assert.deepEqual(await refused({ ...CARD, phone_number: "+79123456789", bank: "?" }), [
    "phone_number not_for_this_kind",
    "bank not_for_this_kind",
  ]);
  assert.deepEqual(await refused({ ...PHONE, card_number: "1", bank: "?" }), [
    "bank bank_unknown",
    "card_number not_for_this_kind",
  ]);
});

Deno.test("createPaymentReader() checks the amount in its currency", async () => {
  const amounts = [
    [{ amount: 0.001 }, "amount amount_too_precise"],
    [{ amount: 1.5, currency: "JPY" }, "amount amount_too_precise"],
    [{ amount: 0 }, "amount amount_not_positive"],
    [{ amount: -1 }, "amount amount_not_positive"],
    [{ amount: "" }, "amount amount_invalid"],
    [{ amount: "9".repeat(400) }, "amount amount_too_large"],
    [{ amount: null }, "amount invalid_type"],
    [{ amount: true }, "amount invalid_type"],
    [{ amount: "1000000.01" }, "amount amount_over_limit"],
    [{ amount: 1_000_001, currency: "JPY" }, "amount amount_over_limit"],
  ] as const;
  for (const [change, error] of amounts) {
    assert.deepEqual(await refused({ ...CARD, ...change }), [error]);
  }
  const infinite = JSON.stringify(CARD).replace("1000.1", "1e999");
  assert.deepEqual(await refused(infinite), ["amount invalid_type"]);
  const command = await commandOf({ ...CARD, amount: 1_000_000, currency: "KWD" });
  assert.equal((command as { amountMinor: number }).amountMinor, 1_000_000_000);
});

Deno.test("createPaymentReader() rounds the limit down to the currency's decimals", async () => {
  const statusOf = async (amountLimit: string, amount: number, currency: string) =>
    (await httpApi({}, { amountLimit }).ask("POST", PATH, { body: { ...CARD, amount, currency } }))
      .status;
  assert.equal(await statusOf("10.99", 10, "JPY"), 201);
  assert.equal(await statusOf("10.99", 11, "JPY"), 422);
  assert.equal(await statusOf("10.999", 10.99, "RUB"), 201);
  assert.equal(await statusOf("0.5", 1, "JPY"), 422);
  assert.equal(await statusOf("9".repeat(30), 11, "JPY"), 201);
  assert.equal(await statusOf("nonsense", 1, "JPY"), 422);
});

Deno.test("createPaymentReader() takes as user_id a positive safe integer only", async () => {
  for (const user_id of [0, -5, 1.5, 2 ** 53, "123", null, [1]]) {
    const [error, ...others] = await refused({ ...CARD, user_id });
    assert.match(error ?? "", /^user_id /);
    assert.deepEqual(others, []);
  }
  await commandOf({ ...CARD, user_id: Number.MAX_SAFE_INTEGER });
});

Deno.test("createPaymentReader() takes as external_id 1 to 128 printable characters", async () => {
  for (const external_id of ["", " ", "a ", " a", "a\n", "a\0", "\ud800", "x".repeat(129)]) {
    assert.deepEqual(await refused({ ...CARD, external_id }), ["external_id external_id_invalid"]);
  }
  for (const external_id of ["x", "заказ № 7 😀", "x".repeat(128), "Claim_1"]) {
    await commandOf({ ...CARD, external_id });
  }
});

Deno.test("createPaymentReader() refuses a description that is long or not text", async () => {
  const descriptions = [
    ["x".repeat(513), "description too_long"],
    ["a\0b", "description text_invalid"],
    ["\udc00", "description text_invalid"],
    [null, "description invalid_type"],
  ];
  for (const [description, error] of descriptions) {
    assert.deepEqual(await refused({ ...CARD, description }), [error]);
  }
  await commandOf({ ...CARD, description: "a\n\tb" + "x".repeat(508) });
});

Deno.test("createPaymentReader() bounds metadata in keys, bytes and depth", async () => {
  const keys = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, key) => [`k${key}`, key]));
  const deep = (levels: number): unknown => levels === 0 ? 1 : { a: deep(levels - 1) };
  const bad = [
    [keys(51), "metadata metadata_too_many_keys"],
    [{ a: "x".repeat(8_185) }, "metadata metadata_too_large"],
    [{ a: "я".repeat(4_100) }, "metadata metadata_too_large"],
    [deep(6), "metadata metadata_too_deep"],
    [deep(3_000), "metadata metadata_too_deep"],
    ["text", "metadata invalid_type"],
    [null, "metadata invalid_type"],
  ];
  for (const [metadata, error] of bad) {
    assert.deepEqual(await refused({ ...CARD, metadata }), [error]);
  }
  for (const metadata of [{}, keys(50), deep(5), { a: "x".repeat(8_184) }]) {
    const command = await commandOf({ ...CARD, metadata });
    assert.deepEqual((command as { metadata: unknown }).metadata, metadata);
  }
});

Deno.test("createPaymentReader() refuses metadata that would not come back as it was sent", async () => {
  const texts = ['{"__proto__":1}', '{"a":{"__proto__":{}}}', '{"a":1e999}', '{"a":"\\u0000"}'];
  for (
    const text of [
      ...texts,
      '{"a":12345678901234567890}',
      '{"a":[9007199254740993]}',
      '{"\\ud800":1}',
      '{"a":["\\udfff"]}',
    ]
  ) {
    const { metadata: _, ...rest } = CARD;
    const body = JSON.stringify(rest).replace(/}$/, `,"metadata":${text}}`);
    assert.deepEqual(await refused(body), ["metadata metadata_invalid"], text);
  }
});

Deno.test("createPaymentReader() takes loopback callbacks over http only where they are allowed", async () => {
  const body = { ...CARD, callback_url: "http://localhost:9/hook" };
  assert.deepEqual(await refused(body), ["callback_url callback_url_not_https"]);
  const callbackUrls = { allowLoopbackHttp: true, ports: [], ranges: [] };
  const api = httpApi({}, { callbackUrls });
  assert.equal((await api.ask("POST", PATH, { body })).status, 201);
});

Deno.test("createPaymentReader() takes the Idempotency-Key as the handle, plain or quoted", async () => {
  const { external_id: _, ...body } = CARD;
  const keys = [["abc", "abc"], ['"abc"', "abc"], ['"a\\"\\\\b"', 'a"\\b'], [
    "a b",
    "a b",
  ]] as const;
  for (const [sent, key] of keys) {
    const command = await commandOf(body, { "Idempotency-Key": sent });
    assert.equal((command as { idempotencyKey: string }).idempotencyKey, key);
  }
});

Deno.test("createPaymentReader() refuses another kind of Idempotency-Key, with an external_id too", async () => {
  for (const key of ['""', '"', '"a', '"a"b"', "é", "x".repeat(256)]) {
    const errors = await refused(CARD, { "Idempotency-Key": key });
    assert.deepEqual(errors, ["Idempotency-Key idempotency_key_invalid"], key);
  }
});

Deno.test("createPaymentReader() tells an own __proto__ field as unknown", async () => {
  const body = JSON.stringify(CARD).replace(/}$/, ',"__proto__":{"amount":1}}');
  assert.deepEqual(await refused(body), ["__proto__ unknown_field"]);
});

Deno.test("createPaymentReader() never repeats a value in what it answers", async () => {
  const body = {
    ...PHONE,
    card_number: "2200700012345678",
    phone_number: "+7 495 000",
    bank: "Zxq",
    "2200120000003456": 1,
  };
  const text = await (await httpApi().ask("POST", PATH, { body })).text();
  assert.doesNotMatch(text, /2200700012345678|2200120000003456|495|Zxq/);
});

Deno.test("createPaymentReader() bounds how many errors it tells", async () => {
  const body = Object.fromEntries(Array.from({ length: 5_000 }, (_, key) => [`k${key}`, 1]));
  const errors = await refused({ ...body, ["x".repeat(500)]: 1 });
  assert.equal(errors.length, 100);
  assert.deepEqual(errors.slice(0, 2), ["amount required", "currency required"]);
});
