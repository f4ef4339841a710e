// The closed table of adapters/konsol/create_outcome.ts, a row a test, and that nothing else is on it.

import assert from "node:assert/strict";
import fc from "fast-check";
import { createOutcome } from "../../../adapters/konsol/create_outcome.ts";
import { readPayment } from "../../../adapters/konsol/payments_dialect.ts";
import type { BrokenReason } from "../../../adapters/konsol/read_answer.ts";
import type { RawResult } from "../../../adapters/konsol/transport.ts";
import type { CreateOutcome } from "../../../domain/provider_payment.ts";
import { NOW, wirePayment } from "./rig.ts";

const OWN = { success: false, errors: ["Неверная сумма"] };
const HTML = "<html><body>Bad Gateway</body></html>";

function answer(status: number, body: unknown, retryAfter?: string): RawResult {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch { /* Not JSON. */ }
  return { kind: "answer", status, retryAfter, body: text, json };
}

function outcomeOf(raw: RawResult): CreateOutcome {
  return createOutcome(raw, readPayment, NOW);
}

function outcomeOfAnswer(status: number, body: unknown, retryAfter?: string): CreateOutcome {
  return outcomeOf(answer(status, body, retryAfter));
}

const NOT_EXECUTED: readonly (readonly [raw: RawResult, because: string, reason: string])[] = [
  [{ kind: "connect_failed", reason: "dns_failed" }, "not_connected", "dns_failed"],
  [{ kind: "not_begun", reason: "send_window_passed" }, "not_begun", "send_window_passed"],
  [answer(401, OWN), "konsol_answered", "konsol_401"],
  [answer(403, OWN), "konsol_answered", "konsol_403"],
  [answer(429, OWN), "konsol_answered", "konsol_429"],
];

for (const [raw, because, reason] of NOT_EXECUTED) {
  Deno.test(`createOutcome() calls ${raw.kind} ${reason} not executed, as ${because}`, () => {
    const httpStatus = "status" in raw ? { httpStatus: raw.status, retryAfterMs: undefined } : {};
    const expected = { kind: "not_executed", because, reason, ...httpStatus };
    assert.deepEqual(outcomeOf(raw), expected);
  });
}

for (const status of [400, 402, 413, 415, 422]) {
  Deno.test(`createOutcome() calls ${status} in Konsol's own words refused`, () => {
    const refused = { kind: "refused", code: `konsol_${status}`, message: "Неверная сумма" };
    assert.deepEqual(outcomeOfAnswer(status, OWN), refused);
  });
}

for (const status of [200, 201, 202]) {
  Deno.test(`createOutcome() calls ${status} with a payment accepted`, () => {
    const outcome = outcomeOfAnswer(status, wirePayment());
    assert.ok(outcome.kind === "accepted" && outcome.payment.paymentId === "pay_1");
  });
}

const BROKEN: readonly BrokenReason[] = [
  "timeout",
  "reset",
  "body_too_large",
  "bad_body",
  "failed",
];

for (const reason of BROKEN) {
  Deno.test(`createOutcome() calls a call that broke by ${reason} unknown, even in a refusal`, () => {
    assert.deepEqual(outcomeOf({ kind: "broken", reason }), { kind: "unknown", reason });
    assert.deepEqual(outcomeOf({ kind: "broken", reason, status: 422 }), {
      kind: "unknown",
      reason: `${reason}_after_http_422`,
      httpStatus: 422,
    });
  });
}

const NEVER_PROOF = [
  100,
  300,
  302,
  304,
  307,
  404,
  405,
  406,
  408,
  409,
  410,
  411,
  412,
  416,
  421,
  423,
];

for (const status of [...NEVER_PROOF, 424, 425, 426, 428, 451, 499, 500, 502, 503, 504, 520, 999]) {
  Deno.test(`createOutcome() calls ${status} unknown, whatever is said`, () => {
    for (const body of [OWN, HTML, wirePayment(), ""]) {
      const outcome = outcomeOfAnswer(status, body);
      assert.ok(outcome.kind === "unknown" && outcome.reason === `http_${status}`);
      assert.equal(outcome.httpStatus, status);
    }
  });
}

const NOT_KONSOLS: readonly unknown[] = [
  HTML,
  "",
  "null",
  '"error"',
  "[]",
  '["errors"]',
  "{}",
  '{"success":false}',
  '{"error":null}',
  '{"error":true}',
  '{"errors":[]}',
  '{"errors":{}}',
  '{"message":""}',
  '{"detail":"  "}',
  '{"errors":["Неверная сумма"]',
];

for (const body of NOT_KONSOLS) {
  Deno.test(`createOutcome() calls a 4xx unknown when its body is ${body || "empty"}`, () => {
    for (const status of [400, 401, 402, 403, 413, 415, 422, 429]) {
      assert.equal(outcomeOfAnswer(status, body).kind, "unknown");
    }
  });
}

const EXISTS_ALREADY = [
  "Платеж с таким external_id уже существует",
  "Такой платёж УЖЕ создан",
  "Payment already exists",
  "Duplicate external_id",
  "Дублирующийся запрос",
  "Дубль платежа",
  "Повторный запрос",
  "external_id must be unique",
  "Поле external_id должно быть уникальным",
  "external_id занят",
  "external_id has been taken",
  "A payment with this external_id exists",
  "Conflict",
  "external_id не уникален",
  "Значение должно быть уникальным",
  "Платеж с таким номером существует",
  "Номер заказа использован ранее",
  "The order number has been used",
  "The order number is in use",
  "Неверный external_id",
];

for (const words of EXISTS_ALREADY) {
  Deno.test(`createOutcome() calls a refusal unknown that says "${words}"`, () => {
    const escaped = JSON.stringify({ errors: [words] }).replace(
      /[\u0080-\uffff]/g,
      (character) => "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0"),
    );
    for (const body of [{ errors: [words] }, { detail: { external_id: [words] } }, escaped]) {
      assert.deepEqual(outcomeOfAnswer(422, body), {
        kind: "unknown",
        reason: "http_422",
        httpStatus: 422,
        konsolId: undefined,
      });
    }
  });
}

Deno.test("createOutcome() finds in a code or a field, too, that something exists", () => {
  for (const hint of [{ code: "already_exists" }, { error_code: "duplicate_request" }]) {
    assert.equal(outcomeOfAnswer(400, { ...OWN, ...hint }).kind, "unknown");
  }
});

Deno.test("createOutcome() takes no 401, 403 or 429 for not executed that says that something exists", () => {
  for (const status of [401, 403, 429]) {
    for (const words of ["Duplicate request: payment in progress", "Платеж уже создан"]) {
      assert.equal(outcomeOfAnswer(status, { error: words }).kind, "unknown");
    }
    const later = outcomeOfAnswer(status, { error: "Слишком часто, повторите позже" });
    assert.equal(later.kind, "not_executed");
  }
});

Deno.test("createOutcome() does not mistake other words for something that exists", () => {
  const refusals = [
    "Недостаточно средств",
    "Самозанятый не подключен",
    "Банк не найден: не существует",
    "Стало хуже",
    "Bank does not exist",
  ];
  for (const words of refusals) {
    assert.equal(outcomeOfAnswer(400, { errors: [words] }).kind, "refused", words);
  }
});

Deno.test("createOutcome() calls any error unknown that names a payment, and gives its id", () => {
  for (const status of [400, 401, 402, 403, 409, 422, 429, 500]) {
    for (
      const place of [
        { id: "p-1" },
        { payment_id: "p-1" },
        { payment: { id: "p-1" } },
        { data: { id: "p-1" } },
      ]
    ) {
      const reason = `http_${status}`;
      const unknown = { kind: "unknown", reason, httpStatus: status, konsolId: "p-1" };
      assert.deepEqual(outcomeOfAnswer(status, { ...OWN, ...place }), unknown);
    }
    const unreadable = outcomeOfAnswer(status, { ...OWN, id: "платёж 1" });
    assert.equal(unreadable.kind, "unknown");
  }
});

Deno.test("createOutcome() calls a 2xx that is not a payment unknown, and gives an id in it", () => {
  const { id, status: _, ...rest } = wirePayment();
  for (const body of ["OK", "", "[]", "null", OWN, rest, { ...rest, id: {} }]) {
    const outcome = outcomeOfAnswer(200, body);
    const reason = "http_200_not_a_payment";
    assert.deepEqual(outcome, { kind: "unknown", reason, httpStatus: 200, konsolId: undefined });
  }
  for (const body of [{ id }, { ...rest, id }, { payment: wirePayment() }]) {
    const outcome = outcomeOfAnswer(201, body);
    const reason = "http_201_not_a_payment";
    assert.deepEqual(outcome, { kind: "unknown", reason, httpStatus: 201, konsolId: id });
  }
});

const RETRY_AFTER: readonly (readonly [header: string | undefined, ms: number | undefined])[] = [
  [undefined, undefined],
  ["0", 0],
  ["7", 7_000],
  [" 120 ", 120_000],
  ["3600", 3_600_000],
  ["3601", 3_600_000],
  ["9".repeat(400), 3_600_000],
  [new Date(NOW + 5_000).toUTCString(), 5_000],
  [new Date(NOW - 5_000).toUTCString(), 0],
  [new Date(NOW + 10 ** 9).toUTCString(), 3_600_000],
  ["soon", undefined],
  ["", undefined],
];

Deno.test("createOutcome() waits as Retry-After says, in seconds or by date, an hour at most", () => {
  for (const [header, retryAfterMs] of RETRY_AFTER) {
    const said = { because: "konsol_answered", reason: "konsol_429", httpStatus: 429 };
    const expected = { kind: "not_executed", ...said, retryAfterMs };
    assert.deepEqual(outcomeOfAnswer(429, OWN, header), expected, header);
  }
});

Deno.test("createOutcome() takes Konsol's own short code, and none that is long or odd", () => {
  const codeOf = (body: object) => {
    const outcome = outcomeOfAnswer(400, { ...OWN, ...body });
    return outcome.kind === "refused" ? outcome.code : outcome.kind;
  };
  assert.equal(codeOf({ code: "insufficient_funds" }), "insufficient_funds");
  assert.equal(codeOf({ error: { code: "limit.day", message: "Лимит" } }), "limit.day");
  const odd = ["", "a b", "x".repeat(65), 42, null, "2202200000000065", "card_2202200000000065"];
  for (const code of odd) {
    assert.equal(codeOf({ code }), "konsol_400");
  }
});

Deno.test("createOutcome() joins Konsol's words, masks what is personal and cuts them at 500", () => {
  const said = {
    error: "Отказ",
    errors: { card_number: ["Карта 2202200000000065 неверна"], phone: { message: "+79123456789" } },
    message: "Отказ",
    detail: "x".repeat(1_000),
  };
  const outcome = outcomeOfAnswer(400, said);
  assert.ok(outcome.kind === "refused");
  assert.match(
    outcome.message,
    /^Отказ; card_number: Карта 220220\*{6}0065 неверна; phone: \+7912/,
  );
  assert.equal(outcome.message.length, 500);
  assert.ok(!outcome.message.includes("+79123456789"));
});

const NOT_EXECUTED_STATUSES = [401, 403, 429];
const REFUSED_STATUSES = [400, 402, 413, 415, 422];

/** Said once more, in other words: what a body must be to prove anything. */
function couldBeKonsols(text: string): boolean {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null && !Array.isArray(json) &&
      ["error", "errors", "message", "detail"].some((name) => name in json);
  } catch {
    return false;
  }
}

const errorLike = fc.record({
  error: fc.jsonValue(),
  errors: fc.jsonValue(),
  message: fc.jsonValue(),
  detail: fc.jsonValue(),
  id: fc.jsonValue(),
  status: fc.jsonValue(),
  amount: fc.jsonValue(),
}, { requiredKeys: [] });

const anyBody = fc.oneof(
  fc.string(),
  fc.json(),
  errorLike.map((body) => JSON.stringify(body)),
  errorLike.map((body) => JSON.stringify(body).slice(0, -1)),
  fc.jsonValue().map((value) => JSON.stringify(wirePayment({ amount: value }))),
);
const anyStatus = fc.oneof(
  fc.integer({ min: 100, max: 999 }),
  fc.constantFrom(...NOT_EXECUTED_STATUSES, ...REFUSED_STATUSES, 200, 201),
);

Deno.test("createOutcome() proves nothing by any answer that is not on the positive list", () => {
  fc.assert(
    fc.property(anyStatus, anyBody, fc.option(fc.string()), (status, body, retryAfter) => {
      const { kind } = outcomeOfAnswer(status, body, retryAfter ?? undefined);
      if (kind === "not_executed") assert.ok(NOT_EXECUTED_STATUSES.includes(status));
      if (kind === "refused") assert.ok(REFUSED_STATUSES.includes(status));
      if (kind === "accepted") assert.ok(status >= 200 && status < 300);
      if (kind === "not_executed" || kind === "refused") assert.ok(couldBeKonsols(body));
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("createOutcome() does not break on an answer of very many brackets", () => {
  const depth = 100_000;
  const deep = "[".repeat(depth) + "]".repeat(depth);
  for (const body of [deep, `{"errors":${deep}}`, `{"id":"p","status":"x","error":${deep}}`]) {
    assert.ok(outcomeOfAnswer(400, body).kind === "unknown");
  }
});
