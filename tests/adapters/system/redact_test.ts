// Laws of adapters/system/redact.ts.

import assert from "node:assert/strict";
import fc from "fast-check";
import { redact, redactText } from "../../../adapters/system/redact.ts";
import { Secret } from "../../../adapters/system/secret.ts";
import { luhnCard } from "../../support/card_numbers.ts";

const UUID_V7 = "019a5c1e-7d10-7abc-8def-123456789012";
const GAPS = ["", " ", "-", "\u00a0", "\u2013", " - ", "%20", "+", "\u200b", "\n"];

const phone = fc.stringMatching(/^9[0-9]{9}$/);
const around = fc.string({ maxLength: 30 });

/** A card as people write it: in one piece, in fours, or with something after every digit. */
const writtenCard = fc.record({
  card: luhnCard,
  gap: fc.constantFrom(...GAPS),
  group: fc.constantFrom(1, 3, 4, 6),
}).map(({ card, gap, group }) => ({
  card,
  text: card.match(new RegExp(`.{1,${group}}`, "g"))!.join(gap),
}));

const writtenPhone = fc.record({
  phone,
  form: fc.constantFrom<(digits: string) => string>(
    (d) => `+7${d}`,
    (d) => `8${d}`,
    (d) => `7${d}`,
    (d) => d,
    (d) => `+7 (${d.slice(0, 3)}) ${d.slice(3, 6)}-${d.slice(6, 8)}-${d.slice(8)}`,
    (d) => `8 ${d.slice(0, 3)} ${d.slice(3, 6)} ${d.slice(6, 8)} ${d.slice(8)}`,
    (d) => `8-${d.slice(0, 3)}-${d.slice(3)}`,
    (d) => `%2B7${d}`,
  ),
}).map(({ phone, form }) => ({ phone, text: form(phone) }));

/** Whether the digits can still be read in one piece, whatever was put between them. */
function survives(digits: string, shown: unknown): boolean {
  const text = typeof shown === "string" ? shown : JSON.stringify(shown);
  return text.replace(/%20|[^0-9*]/g, "").includes(digits);
}

function assertUnchanged(...texts: string[]): void {
  assert.deepEqual(texts.map(redactText), texts);
}

Deno.test("redactText() lets no card survive, however it is written and whatever is around it", () => {
  fc.assert(fc.property(writtenCard, around, around, ({ card, text }, before, after) => {
    assert.ok(!survives(card, redactText(before + text + after)));
  }));
});

Deno.test("redactText() lets no card survive among other digits", () => {
  const digits = fc.stringMatching(/^[0-9 -]{0,12}$/);
  fc.assert(fc.property(writtenCard, digits, digits, ({ card, text }, before, after) => {
    assert.ok(!survives(card, redactText(before + text + after)));
  }));
});

Deno.test("redactText() lets no card survive at any place of a text that is cut", () => {
  fc.assert(fc.property(writtenCard, fc.nat(80), ({ card, text }, shift) => {
    const shown = redactText("a ".repeat(2_010 + shift) + text + " b".repeat(100));
    assert.ok(!survives(card.slice(0, 12), shown));
  }));
});

Deno.test("redactText() lets no Russian mobile survive, however it is written", () => {
  const word = fc.stringMatching(/^[a-zа-я ,:;"]{0,20}$/);
  fc.assert(fc.property(writtenPhone, word, word, ({ phone, text }, before, after) => {
    assert.ok(!survives(phone, redactText(`${before} ${text} ${after}`)));
  }));
});

Deno.test("redactText() shows first 6 and last 4 of a card, and nothing of what only may be one", () => {
  assert.equal(
    redactText("card 4111 1111-1111 1111, not 4111111111111112"),
    "card 411111******1111, not ***",
  );
});

Deno.test("redactText() shows no more than 6 digits of a card in a row", () => {
  const spaced = fc.stringMatching(/^[a-zа-я .,:]{0,20}$/);
  fc.assert(fc.property(writtenCard, spaced, spaced, ({ text }, before, after) => {
    assert.doesNotMatch(redactText(before + text + after), /[0-9]{7}/);
  }));
});

Deno.test("redactText() masks a card inside of what only looks like a UUID", () => {
  assert.equal(redactText("12345678-4111-1111-1111-111100000000"), "***");
});

Deno.test("redactText() masks a card in groups of four between dots", () => {
  assert.equal(redactText("4111.1111.1111.1111"), "411111******1111");
});

Deno.test("redactText() shows a phone as clients see it", () => {
  assert.equal(redactText("tel. 8 (912) 345-67-89, 2 times"), "tel. +7912*****89, 2 times");
});

Deno.test("redactText() masks a phone beside other short numbers", () => {
  assert.equal(
    redactText("2 89123456789 and +79123456789 +79123456780"),
    "2 +7912*****89 and +7912*****89 +7912*****80",
  );
});

Deno.test("redactText() keeps ids, times, amounts and addresses", () => {
  assertUnchanged(
    `pay_${UUID_V7} ${UUID_V7}`,
    "pay_01900000-0000-7000-8000-000000000001",
    "2026-01-15T12:00:00.123Z 2026-01-15 12:00:00+03:00",
    "1000000.00 RUB, 2500.50 RUB",
    "user 123456789, claim_77, order_2026_01",
    "http://127.0.0.1:8001/v1/payments 192.168.100.100:8000",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  );
});

Deno.test("redactText() keeps any UUIDv4 and UUIDv7", () => {
  fc.assert(
    fc.property(fc.uuid({ version: [4, 7] }), (uuid) => assertUnchanged(`pay_${uuid} sent`)),
  );
});

Deno.test("redactText() masks bearer tokens, webhook secrets, logins in URLs and named values", () => {
  const shown = [
    "Authorization: Bearer s3cr3t.s3cr3t-x",
    "whsec_s3cr3t+/=",
    "mongodb://app:s3cr3t@host/db",
    "GET /hook?token=s3cr3t&page=1",
    '{"api_token": "s3cr3t", "status": "ok"}',
    String.raw`{\"password\":\"s3cr3t\"}`,
  ].map(redactText).join("\n");
  assert.ok(!shown.includes("s3cr3t"), shown);
});

Deno.test("redactText() masks a card in fours, whatever stands between them", () => {
  for (const mark of ["_", "/", ",", "."]) {
    assert.equal(redactText(["4111", "1111", "1111", "1111"].join(mark)), "411111******1111", mark);
  }
});

Deno.test("redactText() masks what an error message names a token or a password, in Russian too", () => {
  const shown = [
    "Invalid token: s3cr3t",
    "неверный токен: s3cr3t; Пароль=s3cr3t",
    '{"ключ": "s3cr3t"}',
  ].map(redactText).join("\n");
  assert.ok(!shown.includes("s3cr3t"), shown);
});

Deno.test("redactText() changes nothing the second time", () => {
  fc.assert(fc.property(writtenCard, writtenPhone, around, (card, phone, text) => {
    const once = redactText(`${card.text} ${text} ${phone.text}`);
    assert.equal(redactText(once), once);
  }));
});

Deno.test("redactText() cuts long text", () => {
  assert.ok(redactText("word ".repeat(10_000)).length <= 4_097);
});

Deno.test("redactText() takes no longer for text made to be slow", () => {
  const hard = [
    "1 ".repeat(50_000),
    "7(((((".repeat(20_000),
    "%20".repeat(30_000),
    "token:::".repeat(9_000),
  ];
  const startMs = performance.now();
  hard.forEach(redactText);
  assert.ok(performance.now() - startMs < 1_000);
});

Deno.test("redact() lets no card survive in any structure, as value or as name", () => {
  const structure = (leaf: string) =>
    fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: "small" },
        fc.constant<unknown>(leaf),
        fc.constant<unknown>(new Error(leaf, { cause: leaf })),
        fc.constant<unknown>(new Map([[leaf, leaf]])),
        fc.dictionary(fc.constantFrom(leaf, "note", "user_id", "id"), tie("node")),
        fc.array(tie("node"), { maxLength: 3 }),
      ),
    })).node;
  const sample = writtenCard.chain(({ card, text }) =>
    structure(text).map((value) => ({ card, value }))
  );
  fc.assert(fc.property(sample, ({ card, value }) => {
    assert.ok(!survives(card, redact(value)));
  }));
});

Deno.test("redact() masks what is under a sensitive name, in any case and at any depth", () => {
  const names = [
    ["card_number", "cardNumber", "X-Card-Number", "pan", "card_numbers"],
    ["phone_number", "phone", "recipientPhone", "phones"],
    ["authorization", "token", "api_token", "API_TOKEN", "secret", "webhookSecret", "signature"],
    ["Webhook-Signature", "password", "sealedNumber", "cardKey", "api-key", "cookie", "cvv"],
  ].flat();
  const value = Object.fromEntries(names.map((name) => [name, "s3cr3t-12345"]));
  const shown = Object.fromEntries(names.map((name) => [name, "***"]));
  assert.deepEqual(redact([{ deep: value }]), [{ deep: shown }]);
});

Deno.test("redact() masks numbers and lists under a sensitive name too", () => {
  assert.deepEqual(
    redact({ card_number: 4111111111111111, phones: [79123456789], token: { a: 1 }, pin_code: 12 }),
    { card_number: "411111******1111", phones: ["+7912*****89"], token: "***", pin_code: "***" },
  );
});

Deno.test("redact() keeps what is masked already", () => {
  const masked = { card_number: "411111******1111", phone_number: "+7912*****89" };
  assert.deepEqual(redact(masked), masked);
});

Deno.test("redact() keeps flags, emptiness and verdicts under a sensitive name", () => {
  const fields = { has_token: true, secret: "", password: null, signature: "valid" };
  assert.deepEqual(redact(fields), fields);
});

Deno.test("redact() keeps ids, amounts, times and small numbers", () => {
  const fields = {
    id: `pay_${UUID_V7}`,
    user_id: 4111111111111111,
    external_id: "order_123",
    amount: 1000.5,
    amount_minor: 999_999_999_999,
    at: 1_768_478_400_000,
    status: 201,
    ms: 12.25,
  };
  assert.deepEqual(redact(fields), fields);
});

Deno.test("redact() masks a number that can be a card under any name, and keeps one that cannot", () => {
  assert.deepEqual(
    redact({ a: 4111111111111111, b: 4111111111111111n, c: 4111111111111112 }),
    { a: "411111******1111", b: "411111******1111", c: 4111111111111112 },
  );
});

Deno.test("redact() hides a number too large to keep its check digit", () => {
  assert.equal(redact(4111111111111111110), "***");
});

Deno.test("redact() shows an error with its message, stack and causes, masked", () => {
  const shown = redact(new TypeError("Bearer s3cr3t", { cause: new Error("4111111111111111") }));
  const { name, message, cause } = shown as Record<string, unknown>;
  assert.deepEqual([name, message, (cause as Error).message], [
    "TypeError",
    "Bearer ***",
    "411111******1111",
  ]);
});

Deno.test("redact() shows bytes by their count, times as text and secrets as a mask", () => {
  assert.deepEqual(
    redact({ body: new Uint8Array(3), at: new Date(0), key: new Secret("s3cr3t") }),
    { body: "[3 bytes]", at: "1970-01-01T00:00:00.000Z", key: "[secret]" },
  );
});

Deno.test("redact() ends on a structure that contains itself", () => {
  const self: Record<string, unknown> = {};
  self.self = [self, self, self, self];
  assert.ok(JSON.stringify(redact(self)).length < 100_000);
});

Deno.test("redact() bounds the items of a list", () => {
  assert.equal((redact(Array(5_000).fill(1)) as unknown[]).length, 101);
});

Deno.test("redact() never throws", () => {
  const hostile = {
    get broken(): never {
      throw new Error("broken");
    },
  };
  assert.deepEqual(redact({ hostile, call: () => 1 }), {
    hostile: "[unreadable]",
    call: "[function]",
  });
});

Deno.test("redact() takes any value", () => {
  fc.assert(
    fc.property(fc.anything({ withMap: true, withSet: true, withBigInt: true }), (value) => {
      JSON.stringify(redact(value));
    }),
  );
});

Deno.test("redact() changes nothing of what it is given", () => {
  const value = Object.freeze({ card_number: "4111111111111111", list: Object.freeze(["a"]) });
  redact(value);
  assert.equal(value.card_number, "4111111111111111");
});
