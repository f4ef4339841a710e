// Laws of adapters/callbacks/http_callback_sender.ts: what goes out, and what a try comes to.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { createDial, type Dial } from "../../../adapters/callbacks/dial.ts";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { httpAnswer, refusedPort, serveTcp } from "../konsol/tcp_server.ts";
import {
  BODY,
  DEVELOPMENT,
  KEY,
  outcomeOf,
  type Received,
  rulesFor,
  senderRig,
  serveTls,
} from "./rig.ts";

const OK = { bytes: httpAnswer(200, "ok"), then: "keep" } as const;
const SECRET = Buffer.from(KEY).toString("base64");

/** What one try to a receiver that answers these bytes and closes comes to. */
async function outcomeFor(bytes: string): Promise<string | number> {
  await using server = serveTcp(() => ({ bytes, then: "close" }));
  using rig = senderRig({ timeoutMs: 5_000 });
  return outcomeOf(await rig.send(server.url));
}

Deno.test("send() posts the body as it is, as JSON, to the path and query of the URL", async () => {
  await using server = serveTcp(() => OK);
  using rig = senderRig();
  const answer = await rig.send(`${server.url}/hook/%D1%8F?token=1&b=`, '{"a":1}');
  assert.deepEqual({ ...answer, ms: 0 }, { kind: "answered", httpStatus: 200, ms: 0, start: "ok" });
  const [request] = server.requests;
  assert.equal(request?.method, "POST");
  assert.equal(request.path, "/hook/%D1%8F?token=1&b=");
  assert.equal(request.body, '{"a":1}');
  for (
    const header of [
      `host: 127.0.0.1:${server.port}`,
      "content-type: application/json",
      "user-agent: konsol-payments",
      "content-length: 7",
    ]
  ) assert.ok(request.head.split("\r\n").includes(header), header);
});

Deno.test("send() signs what it sends, with every key, and a receiver with any of them believes it", async () => {
  await using receiver = serveTls();
  const [old, next] = [KEY, new Uint8Array(24).fill(9)];
  const rules = rulesFor(receiver.port);
  using rig = senderRig({
    keys: [old, next],
    rules,
    resolve: () => Promise.resolve(["127.0.0.1"]),
  });
  await rig.send(`https://hooks.example.com:${receiver.port}/`);
  const [{ headers, body }] = receiver.received as [Received];
  assert.equal(body, BODY);
  for (const key of [old, next]) {
    const webhook = new Webhook(Buffer.from(key).toString("base64"));
    assert.deepEqual(webhook.verify(body, headers), JSON.parse(BODY));
  }
  assert.equal(headers["webhook-id"], "evt_1");
  assert.equal(headers["webhook-signature"]?.split(" ").length, 2);
});

Deno.test("send() tells the time of each try, with the same id and body", async () => {
  await using receiver = serveTls();
  let now = Date.now();
  const rules = rulesFor(receiver.port);
  using rig = senderRig({ rules, clock: { now: () => now, monotonic: () => 0 } });
  const url = `https://127.0.0.1:${receiver.port}/`;
  await rig.send(url);
  now += 60_000;
  await rig.send(url);
  const [first, second] = receiver.received as [Received, Received];
  for (const { body, headers } of [first, second]) new Webhook(SECRET).verify(body, headers);
  assert.equal(first.headers["webhook-id"], second.headers["webhook-id"]);
  const times = [first, second].map(({ headers }) => Number(headers["webhook-timestamp"]));
  assert.equal(times[1]! - times[0]!, 60);
});

Deno.test("send() gives every status as it came, and follows no redirect", async () => {
  await using elsewhere = serveTcp(() => OK);
  for (const status of [200, 204, 299, 301, 302, 307, 308, 400, 410, 429, 500, 503, 599]) {
    const bytes = httpAnswer(status, "", [`location: ${elsewhere.url}`]);
    assert.equal(await outcomeFor(bytes), status);
  }
  assert.equal(elsewhere.connections, 0);
});

Deno.test("send() gives Retry-After as a wait", async () => {
  const bytes = httpAnswer(503, "", ["retry-after: 120"]);
  await using server = serveTcp(() => ({ bytes, then: "close" }));
  using rig = senderRig();
  const answer = await rig.send(server.url);
  assert.equal(answer.kind === "answered" && answer.retryAfterMs, 120_000);
});

Deno.test("send() passes over interim answers", async () => {
  const interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
  assert.equal(await outcomeFor(interim + httpAnswer(201, "")), 201);
});

Deno.test("send() reads 64 KiB of an endless answer, keeps its start and hangs up", async () => {
  const endless = "HTTP/1.1 200 OK\r\n\r\n" + "a".repeat(300_000);
  await using server = serveTcp(() => ({ bytes: endless, then: "hold" }));
  using rig = senderRig();
  const answer = await rig.send(server.url);
  assert.ok(answer.kind === "answered" && answer.httpStatus === 200);
  assert.equal(answer.start, "a".repeat(4_096));
  await rig.send(server.url);
  assert.equal(rig.dialled.length, 2);
});

Deno.test("send() finds an answer unreadable that is no HTTP, has too long a head or no final status", async () => {
  const head = "HTTP/1.1 200 OK\r\n";
  const shapes = ["hello\r\n\r\n", "SSH-2.0-OpenSSH_9.9\r\n", `${head}broken\r\n\r\n`];
  const sizes = [
    `${head}x: ${"a".repeat(20_000)}\r\n\r\n`,
    head + "x: a\r\n".repeat(20_000) + "\r\n",
  ];
  const chunks = [`${head}transfer-encoding: chunked\r\n\r\nZZ\r\n`];
  const statuses = ["HTTP/1.1 999 X\r\n\r\n", "HTTP/1.1 000 X\r\n\r\n"];
  const upgrade = "HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n";
  for (const bytes of [...shapes, ...sizes, ...chunks, ...statuses, upgrade]) {
    assert.equal(await outcomeFor(bytes), "answer_unreadable", bytes.slice(0, 60));
  }
});

Deno.test("send() has lost the connection when it ends before the answer does", async () => {
  const cut = ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok"];
  const chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab";
  for (const bytes of [...cut, chunked]) {
    assert.equal(await outcomeFor(bytes), "connection_lost", bytes);
  }
});

Deno.test("send() sends once on a new connection, whatever becomes of it", async () => {
  await using server = serveTcp(() => ({ then: "close" }));
  using rig = senderRig();
  assert.equal(outcomeOf(await rig.send(server.url)), "connection_lost");
  assert.equal(server.requests.length, 1);
});

Deno.test("send() keeps a connection for the next tries, without gathering listeners on it", async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error) => warnings.push(warning);
  process.on("warning", warn);
  await using server = serveTcp(() => OK);
  using rig = senderRig();
  for (let tries = 0; tries < 25; tries++) {
    assert.equal(outcomeOf(await rig.send(server.url)), 200);
  }
  process.off("warning", warn);
  assert.equal(rig.dialled.length, 1);
  assert.deepEqual(warnings, []);
});

Deno.test("send() takes a new connection when a kept one was closed under its hands", async () => {
  await using server = serveTcp(({ earlierOnConnection }) =>
    earlierOnConnection === 0 ? OK : { then: "close" }
  );
  using rig = senderRig();
  for (let tries = 0; tries < 3; tries++) {
    assert.equal(outcomeOf(await rig.send(server.url)), 200);
  }
  assert.equal(rig.dialled.length, 3);
  assert.equal(server.requests.length, 5);
});

Deno.test("send() tries a name's other addresses when one refuses the connection", async () => {
  await using receiver = serveTls();
  const rules = rulesFor(receiver.port, ["127.0.0.0/8"]);
  const addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.1", "127.0.0.4"];
  using rig = senderRig({ rules, resolve: () => Promise.resolve(addresses) });
  const url = `https://hooks.example.com:${receiver.port}/`;
  assert.equal(outcomeOf(await rig.send(url)), 200);
  assert.deepEqual(rig.dialled.map(({ address }) => address), addresses.slice(0, 3));
});

Deno.test("send() tries three addresses and no more", async () => {
  const port = refusedPort();
  const rules = rulesFor(port, ["127.0.0.0/8"]);
  const addresses = Array.from({ length: 200 }, (_, index) => `127.0.0.${index + 1}`);
  using rig = senderRig({ rules, resolve: () => Promise.resolve(addresses) });
  const answer = await rig.send(`https://hooks.example.com:${port}/`);
  assert.deepEqual([outcomeOf(answer), rig.dialled.length], ["connect_failed", 3]);
});

Deno.test("send() gives up in time, at whatever step it hangs", async () => {
  const never = new Promise<never>(() => {});
  await using silent = serveTcp(() => ({ then: "hold" }));
  await using half = serveTcp(() => ({
    bytes: "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok",
    then: "hold",
  }));
  using patient = senderRig({ timeoutMs: 60 });
  const rules = rulesFor(silent.port);
  using tls = senderRig({ timeoutMs: 60, rules, resolve: () => Promise.resolve(["127.0.0.1"]) });
  using lost = senderRig({ timeoutMs: 60, rules, resolve: () => never });
  const untilAborted = (_to: unknown, signal: AbortSignal) =>
    new Promise<never>((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason))
    );
  using stuck = senderRig({ timeoutMs: 60, dial: untilAborted });
  const url = `https://hooks.example.com:${silent.port}/`;
  const answers = await Promise.all([
    lost.send(url),
    stuck.send(silent.url),
    tls.send(url),
    patient.send(silent.url),
    patient.send(half.url),
  ]);
  assert.deepEqual(answers.map(outcomeOf), Array(5).fill("timed_out"));
  assert.ok(answers.every(({ ms }) => ms >= 59 && ms < 5_000));
});

Deno.test("send() cannot connect where nobody listens", async () => {
  using rig = senderRig();
  const answer = await rig.send(`http://127.0.0.1:${refusedPort()}/`);
  assert.equal(outcomeOf(answer), "connect_failed");
});

Deno.test({
  name: "send() goes nowhere that the process itself is denied",
  permissions: { net: false },
  async fn() {
    using rig = senderRig();
    assert.equal(outcomeOf(await rig.send("http://127.0.0.1:9/")), "address_refused");
  },
});

Deno.test("send() finds no address where there is none", async () => {
  const rules = rulesFor(443);
  using none = senderRig({ rules, resolve: () => Promise.resolve([]) });
  using failing = senderRig({ rules, resolve: () => Promise.reject(new Error("SERVFAIL")) });
  for (const rig of [none, failing]) {
    assert.equal(outcomeOf(await rig.send("https://hooks.example.com/")), "name_not_resolved");
  }
});

Deno.test("send() asks TLS for the name, and sends to nobody whose certificate does not name it", async () => {
  await using receiver = serveTls();
  const rules = rulesFor(receiver.port);
  using rig = senderRig({ rules, resolve: () => Promise.resolve(["127.0.0.1"]) });
  const outcomes = [];
  for (const host of ["hooks.example.com", "a.shop.example.com.", "127.0.0.1", "example.com"]) {
    outcomes.push(outcomeOf(await rig.send(`https://${host}:${receiver.port}/`)));
  }
  assert.deepEqual(outcomes, [200, 200, 200, "tls_failed"]);
  assert.equal(receiver.received.length, 3);
  assert.deepEqual(receiver.received.map(({ headers }) => headers.host), [
    `hooks.example.com:${receiver.port}`,
    `a.shop.example.com.:${receiver.port}`,
    `127.0.0.1:${receiver.port}`,
  ]);
});

Deno.test("send() names the receiver in the greeting of TLS, as SNI", async () => {
  const read = Promise.withResolvers<string>();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const rules = rulesFor(listener.addr.port);
  using rig = senderRig({ rules, resolve: () => Promise.resolve(["127.0.0.1"]) });
  listener.accept().then(async (connection) => {
    const buffer = new Uint8Array(2_000);
    const length = await connection.read(buffer) ?? 0;
    read.resolve(Buffer.from(buffer.subarray(0, length)).toString("latin1"));
    connection.close();
  });
  const answer = await rig.send(`https://hooks.example.com:${listener.addr.port}/`);
  assert.ok((await read.promise).includes("hooks.example.com"));
  assert.equal(outcomeOf(answer), "tls_failed");
  listener.close();
});

Deno.test("send() trusts no certificate that no public authority vouches for", async () => {
  await using receiver = serveTls();
  const rules = rulesFor(receiver.port);
  const resolve = () => Promise.resolve(["127.0.0.1"]);
  using rig = senderRig({ rules, resolve, dial: createDial() });
  const answer = await rig.send(`https://hooks.example.com:${receiver.port}/`);
  assert.equal(outcomeOf(answer), "tls_failed");
  assert.equal(receiver.received.length, 0);
});

Deno.test("send() speaks TLS only to who does, and hangs up on all others", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using rig = senderRig();
  const hungUp = listener.accept().then(async (connection) => {
    const buffer = new Uint8Array(2_000);
    await connection.read(buffer);
    await connection.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n"));
    while (await connection.read(buffer).catch(() => null) !== null);
    connection.close();
    listener.close();
    return true;
  });
  const answer = await rig.send(`https://127.0.0.1:${listener.addr.port}/`);
  assert.equal(outcomeOf(answer), "tls_failed");
  assert.ok(await hungUp);
});

Deno.test("send() takes an answer whose TLS ends without a goodbye, unless it is cut off", async () => {
  const outcomes = [];
  for (const head of ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"]) {
    const unread = [new TextEncoder().encode(`${head}ok`)];
    const connection = {
      read(buffer: Uint8Array) {
        const bytes = unread.shift();
        if (bytes === undefined) return Promise.reject(new Deno.errors.UnexpectedEof("no goodbye"));
        buffer.set(bytes);
        return Promise.resolve(bytes.length);
      },
      write: (bytes: Uint8Array) => Promise.resolve(bytes.length),
      close() {},
    };
    using rig = senderRig({ dial: () => Promise.resolve(connection as unknown as Deno.Conn) });
    outcomes.push(outcomeOf(await rig.send("https://127.0.0.1/")));
  }
  assert.deepEqual(outcomes, [200, "connection_lost"]);
});

Deno.test("send() keeps 64 connections open in all", async () => {
  await using server = serveTcp(() => OK);
  const dial = createDial();
  const atServer: Dial = (to, signal) => dial({ ...to, address: "127.0.0.1" }, signal);
  using rig = senderRig({ dial: atServer });
  const receivers = Array.from({ length: 70 }, (_, index) => `127.0.0.${index + 1}`);
  for (const host of [...receivers, ...receivers]) {
    assert.equal(outcomeOf(await rig.send(`http://${host}:${server.port}/`)), 200);
  }
  assert.equal(rig.dialled.length, 70 + 6);
});

Deno.test("send() never rejects, and tells nothing of the URL but what the receiver answers", async () => {
  using rig = senderRig({ rules: { ...DEVELOPMENT, allowLoopbackHttp: false } });
  await fc.assert(
    fc.asyncProperty(fc.string(), async (text) => {
      const answer = await rig.send(`http://s3cr3t.example/${text}`);
      assert.equal(outcomeOf(answer), "url_refused");
      assert.ok(!JSON.stringify(answer).includes("s3cr3t"));
    }),
  );
});
