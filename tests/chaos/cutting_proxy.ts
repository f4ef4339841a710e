// A TCP proxy in front of Konsol that cuts the exchange of a create at one exact byte, by closing or by a reset.

import { Buffer } from "node:buffer";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";

export interface Cut {
  readonly side: "request" | "response";
  /** So many bytes of that side are passed on, and no more. */
  readonly after: number;
  readonly how: "close" | "reset";
}

/** How many bytes of a create were passed on. */
export interface Passed {
  request: number;
  response: number;
}

export interface CuttingProxy extends AsyncDisposable {
  readonly url: string;
  /** One for each create that came, in their order. */
  readonly creates: readonly Passed[];
  /** Creates that were cut: none that ended before its cut came. */
  readonly severed: number;
  /** Connections that carried a create after another request: a careless client's doing. */
  readonly reused: number;
}

/**
 * `targetUrl` is asked for each connection, `nextCut` for each create as its first byte comes; undefined =
 * it is left whole.
 */
export async function openCuttingProxy(
  targetUrl: () => string,
  nextCut: () => Cut | undefined,
): Promise<CuttingProxy> {
  const creates: Passed[] = [];
  const open = new Set<Socket>();
  const counts = { reused: 0, severed: 0 };
  const server = createServer({ noDelay: true }, (client) => {
    const target = new URL(targetUrl());
    const konsol = createConnection({ host: target.hostname, port: Number(target.port) });
    konsol.setNoDelay(true);
    for (const socket of [client, konsol]) {
      open.add(socket);
      socket.on("error", () => {}).on("close", () => open.delete(socket));
    }
    carry(client, konsol, nextCut, creates, counts);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    creates,
    get severed() {
      return counts.severed;
    },
    get reused() {
      return counts.reused;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

function carry(
  client: Socket,
  konsol: Socket,
  nextCut: () => Cut | undefined,
  creates: Passed[],
  counts: { reused: number; severed: number },
): void {
  let passed: Passed | undefined;
  let cut: Cut | undefined;
  let requests = 0;

  function pass(side: Cut["side"], bytes: Buffer, to: Socket): void {
    const rest = cut?.side === side && passed ? cut.after - passed[side] : Infinity;
    const allowed = bytes.subarray(0, Math.min(rest, bytes.length));
    if (passed) passed[side] += allowed.length;
    if (allowed.length > 0) to.write(allowed);
    if (allowed.length === rest) end();
  }

  function end(): void {
    counts.severed++;
    sever(client, konsol, cut);
  }

  client.on("data", (bytes: Buffer) => {
    const text = bytes.subarray(0, 5).toString("latin1");
    if (/^[A-Z]{3,}/.test(text)) requests++;
    if (text === "POST ") {
      if (requests > 1) counts.reused++;
      cut = nextCut();
      passed = { request: 0, response: 0 };
      creates.push(passed);
      if (cut?.after === 0 && cut.side === "request") return end();
    }
    pass("request", bytes, konsol);
  });
  konsol.on("data", (bytes: Buffer) => {
    if (cut?.side === "response" && cut.after === 0) return end();
    pass("response", bytes, client);
  });
  client.on("end", () => konsol.end());
  konsol.on("end", () => client.end());
}

/** What was passed on before goes out first where it is a close; a reset may overtake it. */
function sever(client: Socket, konsol: Socket, cut: Cut | undefined): void {
  for (const socket of [client, konsol]) {
    socket.removeAllListeners("data");
    socket.resume();
    if (cut?.how === "reset") socket.resetAndDestroy();
    else socket.end();
  }
}
