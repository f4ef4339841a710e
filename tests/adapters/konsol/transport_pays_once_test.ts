// The regression of "The HTTP client can pay twice" (design.md): how often a server executes one call.

import assert from "node:assert/strict";
import { httpAnswer, serveTcp, type TcpServer } from "./tcp_server.ts";
import { transportTo } from "./rig.ts";

const ROUNDS = 25;

/** Answers GETs on kept connections; reads every POST, PUT and DELETE whole and closes without a word. */
function closingServer(): TcpServer {
  return serveTcp(({ method }) =>
    method === "GET" ? { bytes: httpAnswer(200, {}), then: "keep" } : { then: "close" }
  );
}

/** Lets the first of all such requests go unanswered and answers the next: what a hidden resend needs. */
function flakyServer(): TcpServer {
  let changes = 0;
  return serveTcp(({ method }) => {
    const closes = method !== "GET" && changes++ % 2 === 0;
    return closes ? { then: "close" } : { bytes: httpAnswer(200, {}), then: "keep" };
  });
}

function executed({ requests }: TcpServer): number {
  return requests.filter(({ method }) => method !== "GET").length;
}

for (const chunkedBodies of [false, true]) {
  const body = chunkedBodies ? "a stream" : "a string";

  Deno.test(`send() lets a server execute a POST of ${body} once on fresh connections`, async () => {
    await using server = closingServer();
    using transport = transportTo(server.url, { chunkedBodies });
    for (let round = 1; round <= ROUNDS; round++) {
      const raw = await transport.send({ method: "POST", path: "/pay", body: { round } });
      assert.deepEqual(raw, { kind: "broken", reason: "reset" });
      assert.equal(executed(server), round);
    }
  });

  Deno.test(`send() lets a server execute a POST of ${body} once after kept connections`, async () => {
    await using server = flakyServer();
    using transport = transportTo(server.url, { chunkedBodies });
    for (let round = 1; round <= ROUNDS; round++) {
      await transport.send({ method: "GET", path: "/warm" });
      await transport.send({ method: "POST", path: "/pay", body: { round } });
      assert.equal(executed(server), round);
    }
  });

  Deno.test(`send() lets a server execute each of many POSTs of ${body} at a time once`, async () => {
    await using server = flakyServer();
    using transport = transportTo(server.url, { chunkedBodies });
    await Promise.all(Array.from({ length: ROUNDS }, async (_, round) => {
      await transport.send({ method: "GET", path: "/warm" });
      await transport.send({ method: "POST", path: "/pay", body: { round } });
    }));
    assert.equal(executed(server), ROUNDS);
  });

  Deno.test(`send() never puts a POST of ${body} on a used connection, even an answered one`, async () => {
    await using server = serveTcp(() => ({ bytes: httpAnswer(201, {}), then: "keep" }));
    using transport = transportTo(server.url, { chunkedBodies });
    for (let round = 1; round <= ROUNDS; round++) {
      await transport.send({ method: "POST", path: "/pay", body: { round } });
    }
    assert.equal(server.connections, ROUNDS);
  });
}

Deno.test("send() lets a server execute a PUT and a DELETE once", async () => {
  await using server = flakyServer();
  using transport = transportTo(server.url);
  for (let round = 1; round <= ROUNDS; round++) {
    await transport.send({ method: "GET", path: "/warm" });
    await transport.send(
      round % 2 === 0 ? { method: "PUT", path: "/p", body: {} } : { method: "DELETE", path: "/p" },
    );
    assert.equal(executed(server), round);
  }
});

Deno.test("send() keeps the connection of a GET for the next", async () => {
  await using server = serveTcp(() => ({ bytes: httpAnswer(200, {}), then: "keep" }));
  using transport = transportTo(server.url);
  for (let round = 1; round <= ROUNDS; round++) await transport.send({ method: "GET", path: "/" });
  assert.equal(server.connections, 1);
});

Deno.test("fetch() of Deno pays twice over a kept connection, which is why send() has its own", async () => {
  await using server = flakyServer();
  using client = Deno.createHttpClient({});
  let twice = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    await (await fetch(`${server.url}/warm`, { client })).text();
    const before = executed(server);
    const response = await fetch(`${server.url}/pay`, { method: "POST", body: "{}", client });
    assert.equal(await response.text(), "{}");
    if (executed(server) - before === 2) twice++;
  }
  assert.equal(twice, ROUNDS, "Deno has changed: read design.md again, then drop this test");
});
