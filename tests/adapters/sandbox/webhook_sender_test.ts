// Webhooks go out as Konsol's do, five tries and then never, and go wrong as the faults say.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { isLoopback } from "../../../adapters/sandbox/webhook.ts";
import { eventually } from "../../support/eventually.ts";
import { never, Rig } from "./rig.ts";
import { WebhookReceiver } from "./webhook_receiver.ts";

Deno.test("webhooks tell each status of a payment, with its data as it was then", async () => {
  await using receiver = new WebhookReceiver();
  await using rig = await Rig.open({ stepMs: 20 });
  const id = await rig.createdId({ callback_url: receiver.url });
  await eventually(() => receiver.received.length === 3);
  const told = receiver.received.map(({ event, data }) => [event, data.status]);
  assert.deepEqual(Object.fromEntries(told), {
    "payment.created": "pending",
    "payment.updated": "processing",
    "payment.completed": "completed",
  });
  for (const { data } of receiver.received) {
    assert.deepEqual([data.id, data.amount, data.external_id], [id, 1000, "order_123"]);
  }
  assert.equal(receiver.received[0]?.data.card_number, "123456******3456");
  assert.equal(receiver.received[0]?.signature, undefined);
});

Deno.test("webhooks tell of a PUT, a DELETE and a move in the cabinet", async () => {
  await using receiver = new WebhookReceiver();
  await using rig = await Rig.open({ stepMs: never });
  const told = async (act: (id: string) => Promise<unknown>) => {
    const id = await rig.createdId({ callback_url: receiver.url });
    await eventually(() => receiver.events.includes("payment.created"));
    await act(id);
    await eventually(() => receiver.received.length === 2);
    return receiver.received.splice(0)[1]?.event;
  };
  const put = (body: unknown) => (id: string) => rig.call("PUT", `/api/payments/${id}`, body);
  assert.equal(await told(put({ description: "x" })), "payment.updated");
  assert.equal(await told(put({ status: "completed" })), "payment.completed");
  assert.equal(
    await told((id) => rig.call("DELETE", `/api/payments/${id}`)),
    "payment.cancelled",
  );
  assert.equal(await told((id) => rig.move(id, "failed")), "payment.failed");
});

Deno.test("webhooks are signed over event, id and timestamp when there is a secret", async () => {
  await using receiver = new WebhookReceiver();
  await using rig = await Rig.open({ stepMs: never, webhookSecret: "s3cret" });
  await rig.create({ callback_url: receiver.url });
  await eventually(() => receiver.received.length === 1);
  const [webhook] = receiver.received;
  const text = `${webhook?.event}.${webhook?.data.id}.${webhook?.timestamp}`;
  assert.equal(webhook?.signature, createHmac("sha256", "s3cret").update(text).digest("hex"));
});

Deno.test("webhooks are tried five times and then never", async () => {
  await using receiver = new WebhookReceiver(() => new Response(null, { status: 500 }));
  const lines: string[] = [];
  await using rig = await Rig.open({ stepMs: never, log: (line) => lines.push(line) });
  await rig.create({ callback_url: receiver.url });
  await eventually(() => lines.some((line) => line.includes("5 tries got no 2xx")));
  assert.equal(receiver.received.length, 5);
  assert.equal(new Set(receiver.received.map((webhook) => JSON.stringify(webhook))).size, 1);
  const { webhooks_sent, webhooks_delivered } = await rig.witness();
  assert.deepEqual([webhooks_sent, webhooks_delivered], [5, 0]);
});

Deno.test("webhooks stop being tried at the first 2xx; a redirect is none", async () => {
  const elsewhere = { status: 302, headers: { location: "http://127.0.0.1:1/" } };
  const answers = [new Response(null, elsewhere), new Response(null, { status: 204 })];
  await using receiver = new WebhookReceiver(() => answers.shift() ?? new Response());
  await using rig = await Rig.open({ stepMs: never });
  await rig.create({ callback_url: receiver.url });
  await eventually(async () => (await rig.witness()).webhooks_delivered === 1);
  assert.equal(receiver.received.length, 2);
});

Deno.test("webhooks to a receiver that does not answer in time are tried again", async () => {
  const { promise: hang, resolve } = Promise.withResolvers<Response>();
  let calls = 0;
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => ++calls === 1 ? hang : new Response(),
  );
  await using rig = await Rig.open({ stepMs: never, webhookTimeoutMs: 20 });
  await rig.create({ callback_url: `http://127.0.0.1:${server.addr.port}/` });
  await eventually(async () => (await rig.witness()).webhooks_delivered === 1);
  assert.equal(calls, 2);
  resolve(new Response());
});

Deno.test("webhooks go nowhere but this machine, and the log says so", async () => {
  const lines: string[] = [];
  await using rig = await Rig.open({ stepMs: never, log: (line) => lines.push(line) });
  assert.equal((await rig.create({ callback_url: "http://192.0.2.1/hook" })).status, 201);
  assert.ok(lines.some((line) => line.includes("not on this machine")));
  assert.equal((await rig.witness()).webhooks_sent, 0);
});

Deno.test("isLoopback() is true of this machine's addresses alone", () => {
  const own = ["http://127.0.0.1:80/a", "https://localhost/", "http://[::1]:1/", "http://127.1/"];
  const others = [
    "http://127.0.0.1.evil.example/",
    "http://localhost.evil.example/",
    "http://127.0.0.1@evil.example/",
    "http://10.0.0.1/",
    "ftp://localhost/",
    "nothing",
  ];
  assert.deepEqual(own.filter((url) => !isLoopback(url)), []);
  assert.deepEqual(others.filter(isLoopback), []);
});

Deno.test("duplicate_webhooks sends the next webhook twice", async () => {
  await using receiver = new WebhookReceiver();
  await using rig = await Rig.open({ stepMs: 20 });
  await rig.fault("duplicate_webhooks");
  await rig.create({ callback_url: receiver.url });
  await eventually(() => receiver.received.length === 4);
  assert.deepEqual(receiver.eventsByTime(), [
    "payment.created",
    "payment.created",
    "payment.updated",
    "payment.completed",
  ]);
});

Deno.test("drop_webhooks loses the next N webhooks", async () => {
  await using receiver = new WebhookReceiver();
  await using rig = await Rig.open({ stepMs: 20 });
  await rig.fault("drop_webhooks", { times: 2 });
  await rig.create({ callback_url: receiver.url });
  await eventually(() => receiver.events.length > 0);
  assert.deepEqual(receiver.events, ["payment.completed"]);
});

Deno.test("reorder_webhooks lets the next webhook overtake", async () => {
  await using receiver = new WebhookReceiver();
  await using rig = await Rig.open({ stepMs: never });
  await rig.fault("reorder_webhooks");
  const id = await rig.createdId({ callback_url: receiver.url });
  await rig.move(id, "completed");
  await eventually(() => receiver.received.length === 2);
  assert.deepEqual(receiver.events, ["payment.completed", "payment.created"]);
});

Deno.test("reorder_webhooks holds a webhook that none overtakes for a limited time", async () => {
  await using receiver = new WebhookReceiver();
  await using rig = await Rig.open({ stepMs: never, reorderHoldMs: 10 });
  await rig.fault("reorder_webhooks");
  await rig.create({ callback_url: receiver.url });
  await eventually(() => receiver.events.includes("payment.created"));
});

Deno.test("delay_webhooks sends the next webhook later", async () => {
  await using receiver = new WebhookReceiver();
  await using rig = await Rig.open({ stepMs: never });
  await rig.fault("delay_webhooks", { ms: 100 });
  const startedAt = performance.now();
  await rig.create({ callback_url: receiver.url });
  await eventually(() => receiver.received.length === 1);
  assert.ok(performance.now() - startedAt >= 95);
});

Deno.test("POST /sandbox/webhooks/forge posts what it is given, as a stranger would", async () => {
  await using receiver = new WebhookReceiver(() => new Response(null, { status: 202 }));
  await using rig = await Rig.open({ webhookSecret: "s3cret" });
  const body = { event: "payment.completed", data: { id: "made_up", status: "completed" } };
  const forge = (url: string) => rig.call("POST", "/sandbox/webhooks/forge", { url, body });
  assert.deepEqual((await forge(receiver.url)).body, { status: 202 });
  assert.deepEqual(receiver.received, [body as unknown]);
  assert.equal((await forge("http://192.0.2.1/")).status, 400);
  assert.equal((await rig.witness()).webhooks_sent, 0);
});
