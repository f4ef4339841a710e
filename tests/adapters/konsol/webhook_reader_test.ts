// Laws of adapters/konsol/webhook_reader.ts.

import assert from "node:assert/strict";
import fc from "fast-check";
import { signatureOf } from "../../../adapters/sandbox/webhook.ts";
import { createWebhookReader } from "../../../adapters/konsol/webhook_reader.ts";
import type { WebhookNotice } from "../../../domain/webhook.ts";
import { CARD_NUMBER, PHONE_NUMBER, wirePayment } from "./rig.ts";

const SECRET = "shared-secret";
const SEED = {
  event: "payment.completed",
  data: { id: "payment_123", amount: 1000.00, status: "completed" },
  timestamp: "2024-01-01T12:00:00Z",
};

const vault = { fingerprint: (purpose: string, text: string) => `${purpose}:${text}` };

function read(body: unknown, secret?: string) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return createWebhookReader({ vault, secret }).read(new TextEncoder().encode(text));
}

function noticeOf(body: unknown, secret?: string): WebhookNotice {
  const answer = read(body, secret);
  return answer.kind === "notice" ? answer.notice : assert.fail(answer.code);
}

Deno.test("read() reads the seed's webhook", () => {
  assert.deepEqual(noticeOf(SEED), {
    event: "payment.completed",
    konsolId: "payment_123",
    body: SEED,
    bodyHash: `webhook_body:${JSON.stringify(SEED)}`,
    signature: "absent",
  });
});

Deno.test("read() does not read what is no JSON object", () => {
  for (const body of ["", "x", "null", "[]", '"x"', "5", '{"data":', `[${JSON.stringify(SEED)}]`]) {
    assert.deepEqual(read(body), { kind: "unreadable", code: "webhook_not_json" });
  }
  const latin1 = new Uint8Array([0x7b, 0x22, 0xe9, 0x22, 0x3a, 0x31, 0x7d]);
  const answer = createWebhookReader({ vault }).read(latin1);
  assert.deepEqual(answer, { kind: "unreadable", code: "webhook_not_json" });
});

Deno.test("read() takes the id in data, or else its own, in text or number", () => {
  assert.equal(noticeOf({ id: "outer", data: { id: "inner" } }).konsolId, "inner");
  assert.equal(noticeOf({ id: "outer", data: {} }).konsolId, "outer");
  assert.equal(noticeOf({ id: "outer" }).konsolId, "outer");
  assert.equal(noticeOf({ data: { id: 42 } }).konsolId, "42");
  assert.equal(noticeOf({ data: { id: "x".repeat(128) } }).konsolId.length, 128);
});

Deno.test("read() reads no webhook without an id that could be asked for", () => {
  for (const id of [undefined, null, "", "a/b", "..", "a b", "x".repeat(129), 1.5, {}, ["a"]]) {
    const unreadable = { kind: "unreadable", code: "webhook_without_id" };
    assert.deepEqual(read({ ...SEED, data: { id } }), unreadable);
    assert.deepEqual(read({ ...SEED, data: [{ id }], id }), unreadable);
  }
});

Deno.test("read() keeps an event that it does not know, cut, and calls one that is missing unknown", () => {
  assert.equal(noticeOf({ ...SEED, event: "payment.paused" }).event, "payment.paused");
  assert.equal(noticeOf({ ...SEED, event: "x".repeat(500) }).event.length, 100);
  assert.equal(noticeOf({ ...SEED, event: `card ${CARD_NUMBER}` }).event, "card 220220******0065");
  for (const event of [undefined, null, "", 5, {}]) {
    assert.equal(noticeOf({ ...SEED, event }).event, "unknown");
  }
});

Deno.test("read() keeps no card, phone or signature in clear", () => {
  const data = { ...wirePayment(), card_number: CARD_NUMBER, note: `to ${PHONE_NUMBER}` };
  for (const signature of ["abc123", "valid", 7, { v1: "abc123" }]) {
    const { body } = noticeOf({ ...SEED, data, signature });
    const text = JSON.stringify(body);
    for (const secret of [CARD_NUMBER, PHONE_NUMBER, "abc123"]) assert.ok(!text.includes(secret));
    assert.equal((body as { signature: unknown }).signature, "***");
  }
});

Deno.test("read() keeps of a body over 16 KiB only its own short fields", () => {
  const data = { id: "p1", list: "x ".repeat(10_000) };
  const { body } = noticeOf({ ...SEED, data, note: "y".repeat(300), signature: "abc" });
  const { event, timestamp } = SEED;
  assert.deepEqual(body, { event, timestamp, signature: "***", truncated: true });
});

Deno.test("read() bounds what it keeps, whatever the body", () => {
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`field_${n}`, "ж"]));
  const deep = `{"data":{"id":"p1"},"x":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
  const shallow = `{"data":{"id":"p1"},"x":${"[".repeat(7_000)}${"]".repeat(7_000)}}`;
  for (const body of [{ ...SEED, ...many }, deep, shallow]) {
    assert.ok(JSON.stringify(noticeOf(body).body).length <= 16 * 1024);
  }
});

Deno.test("read() hashes the raw text, so that another spelling is another webhook", () => {
  const spaced = JSON.stringify(SEED, null, 1);
  assert.notEqual(noticeOf(spaced).bodyHash, noticeOf(SEED).bodyHash);
});

Deno.test("read() finds a signature of the sandbox's valid, under its secret only", () => {
  const { event, data, timestamp } = SEED;
  const webhook = { event: event as "payment.completed", data, timestamp, id: "w", url: "u" };
  const signature = signatureOf(webhook, SECRET);
  const verdict = (fields: object, secret?: string) =>
    noticeOf({ ...SEED, signature, ...fields }, secret).signature;
  assert.equal(verdict({}, SECRET), "valid");
  assert.equal(verdict({}, "another"), "invalid");
  assert.equal(verdict({ timestamp: "2024-01-01T12:00:01Z" }, SECRET), "invalid");
  assert.equal(verdict({ data: { ...data, id: "payment_124" } }, SECRET), "invalid");
  assert.equal(verdict({ event: "payment.failed" }, SECRET), "invalid");
  assert.equal(verdict({ signature: signature.toUpperCase() }, SECRET), "invalid");
  assert.equal(verdict({ signature: signature.slice(0, -1) }, SECRET), "invalid");
  assert.equal(verdict({ signature: [signature] }, SECRET), "invalid");
});

Deno.test("read() checks the fixed vector of a signature", () => {
  const signature = "5cc0f8ff5104b5703add66b9fee3ada0897fb2ff27dd842d8ae862bc125a4c19";
  assert.equal(noticeOf({ ...SEED, signature }, SECRET).signature, "valid");
});

Deno.test("read() tells a signature that is not there from one that is not checked", () => {
  for (const signature of [undefined, null, ""]) {
    assert.equal(noticeOf({ ...SEED, signature }).signature, "absent");
    assert.equal(noticeOf({ ...SEED, signature }, SECRET).signature, "absent");
  }
  assert.equal(noticeOf({ ...SEED, signature: "x" }).signature, "unchecked");
});

Deno.test("read() never breaks, whatever the bytes", () => {
  const bodies = fc.oneof(
    fc.uint8Array(),
    fc.json().map((text) => new TextEncoder().encode(text)),
    fc.dictionary(fc.constantFrom("event", "id", "data", "timestamp", "signature"), fc.jsonValue())
      .map((body) => new TextEncoder().encode(JSON.stringify(body))),
  );
  fc.assert(fc.property(bodies, fc.option(fc.constant(SECRET)), (body, secret) => {
    const answer = createWebhookReader({ vault, secret: secret ?? undefined }).read(body);
    if (answer.kind === "notice") assert.match(answer.notice.konsolId, /^[A-Za-z0-9._:-]{1,128}$/);
  }));
});
