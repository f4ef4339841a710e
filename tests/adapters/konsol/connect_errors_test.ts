// The positive list of adapters/konsol/connect_errors.ts: each row by an error that really happens.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { unsentBecause } from "../../../adapters/konsol/connect_errors.ts";
import type { RawResult } from "../../../adapters/konsol/transport.ts";
import { transportTo } from "./rig.ts";
import { CERTIFICATE, PRIVATE_KEY } from "./self_signed_certificate.ts";
import { httpAnswer, refusedPort, serveBytes, serveTcp } from "./tcp_server.ts";

const HELLO_BYTES_MAX = 16_384;
const HANDSHAKE_FAILURE = new Uint8Array([0x15, 3, 3, 0, 2, 2, 0x28]);

/** Calls whose requests were never sent, each with the reason that has to be found for it. */
const UNSENT: readonly (readonly [reason: string, how: string, call: () => Promise<RawResult>])[] =
  [
    [
      "tcp_connect_failed",
      "a port that refuses",
      () => sentTo(`http://127.0.0.1:${refusedPort()}`),
    ],
    [
      "tcp_connect_failed",
      "a TLS port that refuses",
      () => sentTo(`https://127.0.0.1:${refusedPort()}`),
    ],
    ["dns_failed", "a host that is none", () => sentTo("http://konsol.invalid")],
    [
      "tls_not_spoken",
      "TLS to a server of plain HTTP",
      () => sentByTls(HELLO_BYTES_MAX, httpAnswer(400, "")),
    ],
    ["tls_closed", "a server that closes after the hello", () => sentByTls(HELLO_BYTES_MAX, "")],
    [
      "tls_refused",
      "a server that refuses the handshake",
      () => sentByTls(HELLO_BYTES_MAX, HANDSHAKE_FAILURE),
    ],
    ["tls_reset", "a server that resets the handshake", sentToResettingTls],
    ["tls_certificate_invalid", "a certificate that nobody vouches for", sentToSelfSigned],
    ["no_socket_left", "a process without free files", sentWithoutFiles],
  ];

for (const [reason, how, call] of UNSENT) {
  Deno.test(`unsentBecause() tells ${reason} by ${how}`, async () => {
    assert.deepEqual(await call(), { kind: "connect_failed", reason });
  });
}

Deno.test("unsentBecause() tells a port that fetch never calls", async () => {
  for (const port of [0, 1, 25, 6000]) {
    const raw = await sentTo(`http://127.0.0.1:${port}`);
    assert.deepEqual(raw, { kind: "not_begun", reason: "port_blocked" });
  }
});

Deno.test({
  name: "unsentBecause() tells a host that this process may not call",
  permissions: { net: ["127.0.0.2"] },
  fn: async () => {
    const raw = await sentTo("http://127.0.0.1:59999");
    assert.deepEqual(raw, { kind: "not_begun", reason: "not_permitted" });
  },
});

Deno.test("unsentBecause() proves nothing by an error of a request on its way", async () => {
  for (const readMax of [0, 1, HELLO_BYTES_MAX]) {
    await using server = serveBytes(readMax);
    const raw = await sentTo(server.url);
    assert.deepEqual(raw, { kind: "broken", reason: "reset" });
  }
});

Deno.test("unsentBecause() is not fooled by a path that says that the connection failed", async () => {
  await using server = serveTcp(() => ({ then: "close" }));
  using transport = transportTo(server.url);
  const path = "/(x):%20client%20error%20(Connect):%20dns%20error:%20";
  const raw = await transport.send({ method: "POST", path });
  assert.deepEqual(raw, { kind: "broken", reason: "reset" });
});

Deno.test("unsentBecause() proves nothing by words that it does not know", () => {
  const phase = "error sending request for url (http://k/): client error (Connect): ";
  const sent = "error sending request from 1.1.1.1:1 for http://k/ (2.2.2.2:80): client error ";
  const causes = [
    "",
    phase,
    phase + "tunnel error: unsuccessful",
    phase + "something new: dns error: ",
    "the answer said: " + phase + "dns error: ",
    "tcp connect error: Connection refused (os error 111)",
    "Connection reset by peer (os error 104)",
    sent + "(SendRequest): connection closed before message completed",
    sent + "(Connect): tcp connect error: Connection refused (os error 111)",
    "error sending request for url (http://k/): client error (SendRequest): dns error: ",
  ];
  for (const message of causes) {
    const error = new TypeError("fetch failed", { cause: new Error(message) });
    assert.equal(unsentBecause(error), undefined, message);
  }
  const others = [undefined, null, "dns error: ", new Error("dns error: "), new TypeError()];
  for (const error of others) assert.equal(unsentBecause(error), undefined);
  const known = new Error(phase + "dns error: no such host");
  assert.equal(unsentBecause(new DOMException("aborted", "AbortError")), undefined);
  assert.equal(unsentBecause(known), undefined);
  assert.ok(unsentBecause(new TypeError("fetch failed", { cause: known })));
});

async function sentTo(baseUrl: string): Promise<RawResult> {
  using transport = transportTo(baseUrl);
  return await transport.send({ method: "POST", path: "/", body: {} });
}

async function sentByTls(readMax: number, bytes: Uint8Array | string): Promise<RawResult> {
  await using server = serveBytes(readMax, bytes);
  return await sentTo(`https://127.0.0.1:${server.port}`);
}

/** Only node:net can reset a connection on purpose. */
async function sentToResettingTls(): Promise<RawResult> {
  const server = createServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    return await sentTo(`https://127.0.0.1:${port}`);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

async function sentToSelfSigned(): Promise<RawResult> {
  let executed = 0;
  await using server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert: CERTIFICATE,
    key: PRIVATE_KEY,
    onListen: () => {},
  }, () => new Response(String(++executed)));
  const raw = await sentTo(`https://127.0.0.1:${server.addr.port}`);
  assert.equal(executed, 0);
  return raw;
}

async function sentWithoutFiles(): Promise<RawResult> {
  await using server = serveTcp(() => ({ then: "close" }));
  const program = new URL("./no_socket_left.ts", import.meta.url).href;
  const { stdout } = await new Deno.Command("sh", {
    args: [
      "-c",
      'ulimit -n 64; exec "$@"',
      "sh",
      Deno.execPath(),
      "run",
      "-A",
      program,
      server.url,
    ],
  }).output();
  assert.equal(server.connections, 0);
  return JSON.parse(new TextDecoder().decode(stdout));
}
