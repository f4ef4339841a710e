// The sandbox speaks Konsol's dialect `payments` as spec/konsol-api.md says.
import assert from "node:assert/strict";
import { eventually } from "../../support/eventually.ts";
import { cardPayment, never, phonePayment, Rig } from "./rig.ts";

Deno.test("POST /api/payments answers the payment with everything it was given", async () => {
  await using rig = await Rig.open({ stepMs: never });
  const { status, body } = await rig.create({ callback_url: "http://127.0.0.1:1/hook" });
  const { id, payment_url, created_at, updated_at, ...rest } = body;
  assert.equal(status, 201);
  assert.match(String(id), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal(new Date(String(created_at)).toISOString(), created_at);
  assert.equal(updated_at, created_at);
  assert.ok(URL.canParse(String(payment_url)));
  assert.deepEqual(rest, {
    ...cardPayment,
    callback_url: "http://127.0.0.1:1/hook",
    card_number: "123456******3456",
    status: "pending",
  });
});

Deno.test("POST /api/payments takes a phone, and an amount as a decimal string", async () => {
  await using rig = await Rig.open({ stepMs: never });
  const { status, body } = await rig.call("POST", "/api/payments", phonePayment);
  assert.equal(status, 201);
  assert.equal(body.amount, 1000.5);
  assert.equal(body.phone_number, "+79123456789");
  assert.equal(body.bank, "Сбербанк");
});

Deno.test("POST /api/payments makes two payments of two equal requests", async () => {
  await using rig = await Rig.open({ stepMs: never });
  const first = await rig.create();
  const second = await rig.create();
  assert.notEqual(first.body.id, second.body.id);
  const witness = await rig.witness();
  assert.equal(witness.creates_received, 2);
  assert.equal(witness.creates_executed, 2);
});

const badCreates: [string, Record<string, unknown>, string][] = [
  ["no amount", { amount: undefined }, "Не указана сумма"],
  ["an amount of zero", { amount: 0 }, "Неверная сумма"],
  ["a part of a kopeck", { amount: 10.001 }, "Неверная сумма"],
  ["a foreign currency", { currency: "USD" }, "Валюта не поддерживается"],
  ["no method", { payment_method: undefined }, "Неверный способ выплаты"],
  ["a short card number", { card_number: "1234" }, "Неверный номер карты"],
  ["no card number", { card_number: undefined }, "Не указан номер карты"],
  ["a phone without a bank", { ...phonePayment, bank: undefined }, "Не указан банк"],
  [
    "a phone written loosely",
    { ...phonePayment, phone_number: "8 912" },
    "Неверный номер телефона",
  ],
];
for (const [what, fields, error] of badCreates) {
  Deno.test(`POST /api/payments refuses ${what} in Konsol's own error body`, async () => {
    await using rig = await Rig.open();
    const { status, body } = await rig.create(fields);
    assert.equal(status, 400);
    assert.deepEqual(body, { success: false, errors: [error] });
    assert.equal((await rig.witness()).creates_executed, 0);
  });
}

Deno.test("POST /api/payments refuses a body that is no JSON", async () => {
  await using rig = await Rig.open();
  const { status, body } = await rig.call("POST", "/api/payments", "{");
  assert.equal(status, 400);
  assert.deepEqual(body, { success: false, errors: ["Тело запроса не является JSON"] });
});

Deno.test("every /api route answers 401 to a wrong token and does nothing", async () => {
  await using rig = await Rig.open();
  const calls = [["POST", "/api/payments"], ["GET", "/api/payments"], ["GET", "/api/balance"]];
  for (const [method = "", path = ""] of calls) {
    const body = method === "POST" ? cardPayment : undefined;
    const answer = await rig.call(method, path, body, { bearer: "wrong" });
    assert.equal(answer.status, 401);
    assert.deepEqual(answer.body, { success: false, errors: ["Неверный токен"] });
  }
  assert.equal((await rig.witness()).creates_executed, 0);
});

Deno.test("GET /api/payments/{id} shows the payment go to completed, with paid_at", async () => {
  await using rig = await Rig.open();
  const { body: created } = await rig.create();
  const body = await eventually(async () => {
    const { body } = await rig.get(created.id);
    return body.status === "completed" && body;
  });
  assert.ok(String(body.paid_at) >= String(created.created_at));
});

Deno.test("GET /api/payments/{id} answers 404 to an unknown id", async () => {
  await using rig = await Rig.open();
  const { status, body } = await rig.get("nobody");
  assert.equal(status, 404);
  assert.deepEqual(body, { success: false, errors: ["Платеж не найден"] });
});

Deno.test("GET /api/payments lists newest first, in pages", async () => {
  await using rig = await Rig.open({ stepMs: never });
  for (const external_id of ["a", "b", "c"]) await rig.create({ external_id });
  const page = async (number: number) => {
    const { body } = await rig.call("GET", `/api/payments?page=${number}&per_page=2`);
    const items = body.items as Record<string, unknown>[];
    return { ...body, items: items.map(({ external_id }) => external_id) };
  };
  assert.deepEqual(await page(1), { items: ["c", "b"], total: 3, page: 1, per_page: 2 });
  assert.deepEqual(await page(2), { items: ["a"], total: 3, page: 2, per_page: 2 });
});

Deno.test("GET /api/payments filters by status, currency, method and user", async () => {
  await using rig = await Rig.open({ stepMs: never });
  await rig.create({ user_id: 1 });
  await rig.call("POST", "/api/payments", { ...phonePayment, user_id: "2" });
  await rig.create({ user_id: 3, amount: "10.06" });
  const total = async (query: string) =>
    (await rig.call("GET", `/api/payments?${query}`)).body.total;
  assert.equal(await total("status=completed"), 1);
  assert.equal(await total("currency=RUB"), 3);
  assert.equal(await total("currency=USD"), 0);
  assert.equal(await total("payment_method=phone"), 1);
  assert.equal(await total("user_id=1&status=pending"), 1);
  assert.equal(await total("user_id=2"), 1);
});

Deno.test("GET /api/payments keeps pages within 1 to 100", async () => {
  await using rig = await Rig.open();
  const list = (query: string) => rig.call("GET", `/api/payments?${query}`);
  assert.equal((await list("per_page=1000")).body.per_page, 100);
  assert.deepEqual((await list("page=0")).body.errors, ["Неверный номер страницы"]);
  assert.deepEqual((await list("per_page=x")).body.errors, ["Неверный размер страницы"]);
});

Deno.test("PUT /api/payments/{id} may complete a payment, as the seed shows", async () => {
  await using rig = await Rig.open({ stepMs: never });
  const id = await rig.createdId();
  const { status, body } = await rig.call("PUT", `/api/payments/${id}`, {
    status: "completed",
    description: "Обновленное описание",
    metadata: { product: "premium" },
  });
  assert.equal(status, 200);
  assert.equal(body.status, "completed");
  assert.equal(body.description, "Обновленное описание");
  assert.deepEqual(body.metadata, { product: "premium" });
  assert.equal(await rig.statusOf(id), "completed");
});

Deno.test("PUT /api/payments/{id} refuses an unknown status and a move back", async () => {
  await using rig = await Rig.open({ stepMs: never });
  const id = await rig.createdId();
  const put = (status: string) => rig.call("PUT", `/api/payments/${id}`, { status });
  assert.equal((await put("paid")).status, 400);
  assert.equal((await put("processing")).status, 200);
  assert.equal((await put("pending")).status, 409);
});

Deno.test("DELETE /api/payments/{id} cancels the payment and gives its money back", async () => {
  await using rig = await Rig.open({ stepMs: never, balanceRoubles: "1500.00" });
  const id = await rig.createdId();
  assert.equal(await rig.balance(), 500);
  const { status, body } = await rig.call("DELETE", `/api/payments/${id}`);
  assert.equal(status, 200);
  assert.equal(body.status, "cancelled");
  assert.equal(await rig.balance(), 1500);
});

Deno.test("DELETE /api/payments/{id} and PUT answer 409 to an ended payment", async () => {
  await using rig = await Rig.open();
  const id = await rig.createdId({ amount: "10.06" });
  assert.equal((await rig.call("DELETE", `/api/payments/${id}`)).status, 409);
  const { status, body } = await rig.call("PUT", `/api/payments/${id}`, { description: "x" });
  assert.equal(status, 409);
  assert.deepEqual(body, { success: false, errors: ["Платеж уже завершен: completed"] });
  assert.equal(await rig.statusOf(id), "completed");
});

Deno.test("DELETE /api/payments/{id} stops the payment's way to completed", async () => {
  await using rig = await Rig.open({ stepMs: 20 });
  const id = await rig.createdId();
  await rig.call("DELETE", `/api/payments/${id}`);
  const later = await rig.createdId();
  await eventually(async () => await rig.statusOf(later) === "completed");
  assert.equal(await rig.statusOf(id), "cancelled");
});

Deno.test("GET /api/balance starts at ten million and goes down by what is created", async () => {
  await using rig = await Rig.open({ stepMs: never });
  await rig.create({ amount: "0.10" });
  await rig.create({ amount: 0.2 });
  const { status, body } = await rig.call("GET", "/api/balance");
  assert.equal(status, 200);
  assert.deepEqual(body, { balance: 9_999_999.7, currency: "RUB" });
});

Deno.test("POST /api/payments refuses more than the balance with 402", async () => {
  await using rig = await Rig.open({ balanceRoubles: "999.99" });
  const { status, body } = await rig.create();
  assert.equal(status, 402);
  assert.deepEqual(body.errors, ["Недостаточно средств на балансе"]);
  assert.equal(await rig.balance(), 999.99);
});

Deno.test("an unknown route answers 404 in Konsol's own error body", async () => {
  await using rig = await Rig.open();
  const { status, body } = await rig.call("PATCH", "/api/payments");
  assert.equal(status, 404);
  assert.equal(body.success, false);
});
