// Laws of adapters/konsol/transport.ts: what becomes of a call on the wire, and what goes out.

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { ANSWER_BYTES_MAX } from "../../../adapters/konsol/read_answer.ts";
import type { RawResult } from "../../../adapters/konsol/transport.ts";
import { httpAnswer, serveBytes, serveTcp, type TcpReply } from "./tcp_server.ts";
import { clock, NOW, TOKEN, transportTo } from "./rig.ts";

const POST = { method: "POST", path: "/api/payments", body: { amount: 1000.1 } } as const;

async function sentTo(reply: TcpReply, options = {}): Promise<RawResult> {
  await using server = serveTcp(() => reply);
  using transport = transportTo(server.url, options);
  return await transport.send(POST);
}

function close(bytes: string | Uint8Array): TcpReply {
  return { bytes, then: "close" };
}

Deno.test("send() gives the status, the text and the JSON of an answer", async () => {
  const raw = await sentTo(close(httpAnswer(201, { id: "ж" }, ["retry-after: 7"])));
  const expected = { status: 201, retryAfter: "7", body: '{"id":"ж"}', json: { id: "ж" } };
  assert.deepEqual(raw, { kind: "answer", ...expected });
});

Deno.test("send() gives an answer that is not JSON without json", async () => {
  for (const body of ["<html>", "", '{"id":']) {
    const raw = await sentTo(close(httpAnswer(502, body)));
    assert.ok(raw.kind === "answer" && raw.json === undefined && raw.body === body);
  }
});

Deno.test("send() sends the token, what it takes and who it is, and the body as JSON", async () => {
  await using server = serveTcp(() => close(httpAnswer(200, {})));
  using transport = transportTo(server.url + "/");
  await transport.send(POST);
  const [request] = server.requests;
  assert.equal(request?.path, "/api/payments");
  assert.equal(request.body, '{"amount":1000.1}');
  for (
    const header of [
      `authorization: Bearer ${TOKEN}`,
      "accept: application/json",
      "user-agent: konsol-payments",
      "content-type: application/json",
      "content-length: 17",
    ]
  ) assert.ok(request.head.includes(header), header);
});

Deno.test("send() sends chunks only where it is asked to", async () => {
  await using server = serveTcp(() => close(httpAnswer(200, {})));
  using transport = transportTo(server.url, { chunkedBodies: true });
  await transport.send(POST);
  assert.match(server.requests[0]?.head ?? "", /transfer-encoding: chunked/);
});

Deno.test("send() does not follow a redirect", async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    await using other = serveTcp(() => close(httpAnswer(200, {})));
    const raw = await sentTo(close(httpAnswer(status, "", [`location: ${other.url}/`])));
    assert.ok(raw.kind === "answer" && raw.status === status);
    assert.equal(other.connections, 0);
  }
});

Deno.test("send() calls an answer broken at whatever byte it is cut", async () => {
  const whole = httpAnswer(201, { id: "p1" });
  const head = whole.indexOf("\r\n\r\n") + 4;
  for (let length = 0; length < whole.length; length++) {
    const raw = await sentTo(close(whole.slice(0, length)));
    const status = length >= head ? { status: 201 } : {};
    assert.deepEqual(raw, { kind: "broken", reason: "reset", ...status }, `cut at ${length}`);
  }
});

Deno.test("send() calls a connection that is reset in the middle of the request broken", async () => {
  await using server = serveBytes(1);
  using transport = transportTo(server.url);
  assert.deepEqual(await transport.send(POST), { kind: "broken", reason: "reset" });
});

Deno.test("send() calls chunks that end too early or make no sense broken", async () => {
  const head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
  for (const chunks of ["5\r\nhello\r\n", "zz\r\nhello\r\n0\r\n\r\n"]) {
    const raw = await sentTo(close(head + chunks));
    assert.deepEqual(raw, { kind: "broken", reason: "reset", status: 200 });
  }
});

Deno.test("send() calls what is no HTTP broken", async () => {
  for (
    const bytes of ["garbage\r\n\r\n", `HTTP/1.1 200 OK\r\nx: ${"a".repeat(1_000_000)}\r\n\r\n`]
  ) {
    assert.deepEqual(await sentTo(close(bytes)), { kind: "broken", reason: "failed" });
  }
});

Deno.test("send() calls a body that is not UTF-8 or not what it is packed as bad", async () => {
  const head = "HTTP/1.1 200 OK\r\n";
  const latin1 = new Uint8Array([...new TextEncoder().encode(`${head}\r\n`), 0xe9, 0x22]);
  const packed = gzipSync("{}");
  packed[packed.length - 5]! ^= 0xff;
  const headers = `${head}content-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`;
  const gzip = new Uint8Array([...new TextEncoder().encode(headers), ...packed]);
  for (const bytes of [latin1, gzip]) {
    assert.deepEqual(await sentTo(close(bytes)), {
      kind: "broken",
      reason: "bad_body",
      status: 200,
    });
  }
});

Deno.test("send() takes an answer of a mebibyte and not a byte more", async () => {
  const largest = await sentTo(close(httpAnswer(200, "x".repeat(ANSWER_BYTES_MAX))));
  assert.ok(largest.kind === "answer" && largest.body.length === ANSWER_BYTES_MAX);
  const raw = await sentTo(close(httpAnswer(200, "x".repeat(ANSWER_BYTES_MAX + 1))));
  assert.deepEqual(raw, { kind: "broken", reason: "body_too_large", status: 200 });
});

Deno.test("send() stops reading an answer that never ends or grows when unpacked", async () => {
  const head = "HTTP/1.1 200 OK\r\n";
  const endless = `${head}\r\n${"x".repeat(2 * ANSWER_BYTES_MAX)}`;
  const bomb = gzipSync(new Uint8Array(64 * ANSWER_BYTES_MAX));
  const headers = `${head}content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`;
  const packed = new Uint8Array([...new TextEncoder().encode(headers), ...bomb]);
  for (const bytes of [endless, packed]) {
    const raw = await sentTo({ bytes, then: "hold" });
    assert.deepEqual(raw, { kind: "broken", reason: "body_too_large", status: 200 });
  }
});

Deno.test("send() times out while it waits for the answer, in its head and in its body", async () => {
  const whole = httpAnswer(201, { id: "p1" });
  for (const length of [0, 9, 30, whole.length - 1]) {
    const raw = await sentTo({ bytes: whole.slice(0, length), then: "hold" }, { timeoutMs: 60 });
    assert.ok(raw.kind === "broken" && raw.reason === "timeout", `after ${length}`);
  }
});

Deno.test("send() has one time limit, which a server that answers bit by bit does not stretch", async () => {
  let timer: ReturnType<typeof setInterval> | undefined;
  const drip = () =>
    new ReadableStream({
      start: (controller) => {
        timer = setInterval(() => controller.enqueue(new Uint8Array([0x20])), 10);
      },
      cancel: () => clearInterval(timer),
    });
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(options, () => new Response(drip()));
  using transport = transportTo(`http://127.0.0.1:${server.addr.port}`, { timeoutMs: 100 });
  const raw = await transport.send(POST);
  assert.ok(raw.kind === "broken" && raw.reason === "timeout");
});

Deno.test("send() does not begin past the window on either clock, and begins at its very end", async () => {
  await using server = serveTcp(() => close(httpAnswer(201, {})));
  using transport = transportTo(server.url);
  const [notAfter, notAfterMonotonic] = [NOW, clock.monotonic()];
  for (
    const window of [
      { notAfter: notAfter - 1, notAfterMonotonic },
      { notAfter, notAfterMonotonic: notAfterMonotonic - 1 },
    ]
  ) {
    const raw = await transport.send({ ...POST, window });
    assert.deepEqual(raw, { kind: "not_begun", reason: "send_window_passed" });
  }
  assert.equal(server.connections, 0);
  const raw = await transport.send({ ...POST, window: { notAfter, notAfterMonotonic } });
  assert.equal(raw.kind, "answer");
});

Deno.test("send() does not begin with a body that is not JSON", async () => {
  using transport = transportTo("http://127.0.0.1:1");
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  for (const body of [cyclic, { amount: 1n }]) {
    const raw = await transport.send({ ...POST, body });
    assert.deepEqual(raw, { kind: "not_begun", reason: "body_is_not_json" });
  }
});

Deno.test("send() does not begin once the transport is closed, which may be done twice", async () => {
  const transport = transportTo("http://127.0.0.1:1");
  transport.close();
  transport.close();
  assert.deepEqual(await transport.send(POST), { kind: "not_begun", reason: "transport_closed" });
});

Deno.test("close() lets a call under way end", async () => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  await using server = serveTcp(() => {
    arrive();
    return close(httpAnswer(201, {}));
  });
  const transport = transportTo(server.url);
  const sent = transport.send(POST);
  await arrived;
  transport.close();
  assert.equal((await sent).kind, "answer");
});

Deno.test("KonsolTransport() refuses an address or a token that no call could be made with", () => {
  const addresses = ["ftp://a", "http://a:b@c", "http://a/?q=1", "http://a/#f", "a"];
  for (const baseUrl of addresses) assert.throws(() => transportTo(baseUrl), baseUrl);
  for (const token of ["", "a b", "a\nb", "токен"]) {
    assert.throws(
      () => transportTo("http://a", { token }),
      (error: Error) => token === "" || !error.message.includes(token),
    );
  }
});

Deno.test("KonsolTransport() does not show its token when it is printed", () => {
  using transport = transportTo("http://127.0.0.1:1");
  assert.ok(!(Deno.inspect(transport) + JSON.stringify(transport)).includes(TOKEN));
});
