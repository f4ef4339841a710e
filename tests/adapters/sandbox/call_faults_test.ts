// Each fault spoils a call exactly as it is named: with or without the effect, and once.
import assert from "node:assert/strict";
import { eventually } from "../../support/eventually.ts";
import { cardPayment, never, Rig, token } from "./rig.ts";

/** How many payments were made by a create that the fault met, and by the plain one after it. */
async function executedAfter(rig: Rig): Promise<[number, number]> {
  const met = (await rig.witness()).creates_executed;
  assert.equal((await rig.create()).status, 201);
  return [met, (await rig.witness()).creates_executed - met];
}

const hanging: [string, number][] = [["accept_then_timeout", 1], ["timeout", 0]];
for (const [fault, executed] of hanging) {
  Deno.test(`${fault} never answers and executes ${executed}`, async () => {
    await using rig = await Rig.open({ stepMs: never });
    await rig.fault(fault);
    const leaving = new AbortController();
    const answer = rig.create({}, { signal: leaving.signal });
    await eventually(async () => (await rig.witness()).creates_received === 1);
    leaving.abort();
    await assert.rejects(answer, { name: "AbortError" });
    assert.deepEqual(await executedAfter(rig), [executed, 1]);
  });

  Deno.test(`${fault} breaks the connection when the client waits past the limit`, async () => {
    await using rig = await Rig.open({ stepMs: never, hangMs: 20 });
    await rig.fault(fault);
    await assert.rejects(rig.create(), TypeError);
  });
}

const errors: [string, number][] = [["error_with_effect", 1], ["error_without_effect", 0]];
for (const [fault, executed] of errors) {
  Deno.test(`${fault} answers an HTML page and executes ${executed}`, async () => {
    await using rig = await Rig.open({ stepMs: never });
    await rig.fault(fault);
    const { status, headers, text } = await rig.create();
    assert.equal(status, 500);
    assert.match(String(headers.get("content-type")), /^text\/html/);
    assert.match(text, /^<html>/);
    assert.deepEqual(await executedAfter(rig), [executed, 1]);
  });

  Deno.test(`${fault} answers with the status that it names`, async () => {
    await using rig = await Rig.open();
    await rig.fault(fault, { status: 502 });
    assert.equal((await rig.create()).status, 502);
  });
}

Deno.test("status answers any status, body and headers, and executes nothing", async () => {
  await using rig = await Rig.open({ stepMs: never });
  const body = { success: false, errors: ["Доступ запрещен"] };
  await rig.fault("status", { status: 403, body });
  await rig.fault("status", { status: 302, body: "", headers: { location: "/elsewhere" } });
  const forbidden = await rig.create();
  assert.equal(forbidden.status, 403);
  assert.deepEqual(forbidden.body, body);
  const moved = await rig.create();
  assert.equal(moved.status, 302);
  assert.equal(moved.headers.get("location"), "/elsewhere");
  assert.deepEqual(await executedAfter(rig), [0, 1]);
});

const breaking: [string, number][] = [["before", 0], ["after", 1]];
for (const [when, executed] of breaking) {
  Deno.test(`reset ${when} the effect breaks the connection and executes ${executed}`, async () => {
    await using rig = await Rig.open({ stepMs: never });
    await rig.fault("reset", { when });
    await assert.rejects(rig.create(), TypeError);
    assert.equal((await rig.witness()).creates_received, 1);
    assert.deepEqual(await executedAfter(rig), [executed, 1]);
  });
}

Deno.test("reset shows the witness each arrival from a client that silently sends again", async () => {
  await using rig = await Rig.open({ stepMs: never });
  await rig.fault("reset", { times: 1000 });
  const client = Deno.createHttpClient({});
  const init = { headers: { authorization: `Bearer ${token}` }, client };
  const body = JSON.stringify(cardPayment);
  let sent = 0;
  // Deno's fetch repeats a POST by itself when it took a kept connection: the one of the GET, mostly.
  await eventually(async () => {
    await (await fetch(`${rig.sandbox.url}/api/balance`, init)).text();
    sent++;
    const answer = fetch(`${rig.sandbox.url}/api/payments`, { method: "POST", body, ...init });
    await assert.rejects(answer, TypeError);
    return (await rig.witness()).creates_received > sent;
  });
  client.close();
  const { creates_received, creates_executed } = await rig.witness();
  assert.equal(creates_executed, creates_received);
});

Deno.test("bad_body executes and answers 200 with what is no JSON", async () => {
  await using rig = await Rig.open({ stepMs: never });
  await rig.fault("bad_body");
  const { status, text } = await rig.create();
  assert.equal(status, 200);
  assert.throws(() => JSON.parse(text), SyntaxError);
  assert.deepEqual(await executedAfter(rig), [1, 1]);
});

Deno.test("wrong_amount executes the asked amount and answers another", async () => {
  await using rig = await Rig.open({ stepMs: never });
  await rig.fault("wrong_amount");
  assert.equal((await rig.create()).body.amount, 1001);
  assert.equal((await rig.witness()).executed[0]?.amount, 1000);
});

Deno.test("wrong_amount spoils each item of a list", async () => {
  await using rig = await Rig.open({ stepMs: never });
  await rig.create();
  await rig.fault("wrong_amount", { call: "list" });
  const { items } = (await rig.call("GET", "/api/payments")).body;
  assert.deepEqual((items as Record<string, unknown>[]).map(({ amount }) => amount), [1001]);
});

Deno.test("rate_limited answers 429 with Retry-After and executes nothing", async () => {
  await using rig = await Rig.open({ stepMs: never });
  await rig.fault("rate_limited", { retry_after_s: 7 });
  const { status, headers, body } = await rig.create();
  assert.equal(status, 429);
  assert.equal(headers.get("retry-after"), "7");
  assert.deepEqual(body, { success: false, errors: ["Слишком много запросов"] });
  assert.deepEqual(await executedAfter(rig), [0, 1]);
});

Deno.test("refuse_repeated_external_id answers 409 until it is cleared", async () => {
  await using rig = await Rig.open({ stepMs: never });
  await rig.fault("refuse_repeated_external_id");
  assert.equal((await rig.create()).status, 201);
  for (const _ of [1, 2]) {
    const { status, body } = await rig.create();
    assert.equal(status, 409);
    assert.match(String((body.errors as string[])[0]), /уже существует/);
  }
  assert.equal((await rig.create({ external_id: "another" })).status, 201);
  await rig.call("DELETE", "/sandbox/faults");
  assert.equal((await rig.create()).status, 201);
  assert.equal((await rig.witness()).creates_executed, 3);
});

Deno.test("a fault meets the next N calls of its kind, in the order it was asked for", async () => {
  await using rig = await Rig.open({ stepMs: never });
  await rig.fault("status", { status: 503, times: 2 });
  await rig.fault("rate_limited");
  const seen = [];
  for (let count = 0; count < 4; count++) seen.push((await rig.create()).status);
  assert.deepEqual(seen, [503, 503, 429, 201]);
});

const calls: [string, string, string][] = [
  ["get", "GET", "/api/payments/{id}"],
  ["list", "GET", "/api/payments"],
  ["update", "PUT", "/api/payments/{id}"],
  ["cancel", "DELETE", "/api/payments/{id}"],
  ["balance", "GET", "/api/balance"],
];
for (const [call, method, path] of calls) {
  Deno.test(`a fault for ${call} leaves other calls alone`, async () => {
    await using rig = await Rig.open({ stepMs: never });
    await rig.fault("error_without_effect", { call });
    const id = await rig.createdId();
    const body = method === "PUT" ? { description: "x" } : undefined;
    const act = () => rig.call(method, path.replace("{id}", id), body);
    assert.equal((await act()).status, 500);
    assert.equal((await act()).status, 200);
  });
}

Deno.test("error_with_effect on cancel cancels", async () => {
  await using rig = await Rig.open({ stepMs: never });
  await rig.fault("error_with_effect", { call: "cancel" });
  const id = await rig.createdId();
  assert.equal((await rig.call("DELETE", `/api/payments/${id}`)).status, 500);
  assert.equal(await rig.statusOf(id), "cancelled");
});

Deno.test("DELETE /sandbox/faults clears those still waiting", async () => {
  await using rig = await Rig.open({ stepMs: never });
  await rig.fault("timeout", { times: 5 });
  await rig.call("DELETE", "/sandbox/faults");
  assert.equal((await rig.create()).status, 201);
});

Deno.test("POST /sandbox/faults refuses a fault or a setting it does not know", async () => {
  await using rig = await Rig.open();
  const post = (body: unknown) => rig.call("POST", "/sandbox/faults", body);
  assert.equal((await post({ fault: "earthquake" })).status, 400);
  assert.equal((await post({ fault: "timeout", time: 3 })).status, 400);
});
