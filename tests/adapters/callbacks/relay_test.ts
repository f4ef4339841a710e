// Laws of adapters/callbacks/relay.ts and dial.ts: no connection is left behind, at whatever moment a try ends.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { acceptedFrom, relayed } from "../../../adapters/callbacks/relay.ts";
import { eventually } from "../../support/eventually.ts";
import { outcomeOf, rulesFor, senderRig } from "./rig.ts";

/** Long enough for a handshake to have begun. */
const TRY_MS_MAX = 30;

interface SilentReceiver extends Disposable {
  readonly port: number;
  readonly accepted: number;
  /** Connections that the other side has ended. */
  readonly ended: number;
}

/** Takes connections and says nothing until the other side hangs up, as a hung program does. */
function serveSilence(): SilentReceiver {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let [accepted, ended] = [0, 0];
  const hold = async (connection: Deno.Conn) => {
    accepted++;
    const buffer = new Uint8Array(4_096);
    while (await connection.read(buffer).catch(() => null) !== null);
    ended++;
    connection.close();
  };
  (async () => {
    for await (const connection of listener) hold(connection);
  })();
  return {
    port: listener.addr.port,
    get accepted() {
      return accepted;
    },
    get ended() {
      return ended;
    },
    [Symbol.dispose]: () => listener.close(),
  };
}

/** Deno hands out no count of its own. */
function openFiles(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

for (const scheme of ["https", "http"]) {
  Deno.test({
    name: `send() leaves no connection of ${scheme} behind, at whatever moment its time is over`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      using receiver = serveSilence();
      const before = openFiles();
      const rules = { ...rulesFor(receiver.port), allowLoopbackHttp: true };
      const tryFor = async (timeoutMs: number) => {
        using rig = senderRig({ rules, timeoutMs });
        const answer = await rig.send(`${scheme}://127.0.0.1:${receiver.port}/`);
        assert.equal(outcomeOf(answer), "timed_out");
      };
      for (let ms = 0; ms < TRY_MS_MAX; ms++) await tryFor(ms);
      // Many at once come to their ends in the middle of other steps than one alone.
      await Promise.all(Array.from({ length: 2 * TRY_MS_MAX }, (_, ms) => tryFor(ms)));
      await eventually(() => {
        assert.ok(receiver.accepted > TRY_MS_MAX / 2);
        assert.equal(receiver.ended, receiver.accepted);
        assert.ok(openFiles() <= before + 4, String(openFiles() - before));
      });
    },
  });
}

Deno.test("relayed() carries both directions, to the last byte that the receiver says", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const sent = crypto.getRandomValues(new Uint8Array(50_000));
  const echo = listener.accept().then(async (connection) => {
    const buffer = new Uint8Array(sent.length);
    for (let at = 0; at < sent.length;) at += await connection.read(buffer.subarray(at)) ?? NaN;
    for (let at = 0; at < sent.length;) at += await connection.write(buffer.subarray(at));
    connection.close();
  });
  const { near } = await relayed(await Deno.connect({ hostname: "127.0.0.1", port }));
  for (let at = 0; at < sent.length;) at += await near.write(sent.subarray(at));
  const received = new Uint8Array(await new Response(near.readable).arrayBuffer());
  assert.deepEqual(received, sent);
  await echo;
  listener.close();
});

Deno.test("relayed() closes the receiver's connection when ours is closed", async () => {
  using receiver = serveSilence();
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: receiver.port });
  const { near } = await relayed(connection);
  near.close();
  await eventually(() => assert.equal(receiver.ended, 1));
});

Deno.test("relayed() is cut on both sides while both are silent", async () => {
  using receiver = serveSilence();
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: receiver.port });
  const { near, cut } = await relayed(connection);
  const read = near.read(new Uint8Array(1)).catch(() => null);
  cut();
  cut();
  assert.equal(await read, null);
  await eventually(() => assert.equal(receiver.ended, 1));
  near.close();
});

Deno.test({
  name: "acceptedFrom() takes our own connection only, not one of the same port at another address",
  // Others have one loopback address alone.
  ignore: Deno.build.os !== "linux",
  async fn() {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { hostname: host, port } = listener.addr;
    const foreign = connect({ host, port, localAddress: "127.0.0.2" });
    await once(foreign, "connect");
    const { localPort } = foreign;
    const ours = connect({ host, port, localAddress: "127.0.0.1", localPort });
    await once(ours, "connect");
    const address = { transport: "tcp", hostname: "127.0.0.1", port: localPort ?? 0 } as const;
    using accepted = await acceptedFrom(listener, address);
    assert.equal(accepted.remoteAddr.hostname, "127.0.0.1");
    for (const socket of [foreign, ours]) socket.destroy();
  },
});
