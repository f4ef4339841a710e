// A line to Konsol that can be held: before a connection is made, or with requests already on it.

/** Connections that the system takes by itself; the next one waits, sent but not answered. */
const BACKLOG = 1;

export interface HeldLine extends AsyncDisposable {
  readonly url: string;
  /** Bytes that came from the service and are held. */
  readonly heldBytes: number;
  /** Everything held goes on its way, and all that comes later too. */
  release(): void;
}

export interface HeldLineOptions {
  readonly targetUrl: () => string;
  /** `connect`: no connection is made before the release. `request`: it is, and what is sent on it waits. */
  readonly at: "connect" | "request";
}

export async function holdLine({ targetUrl, at }: HeldLineOptions): Promise<HeldLine> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: BACKLOG });
  const { port } = listener.addr;
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const open = new Set<Deno.Conn>();
  const counts = { heldBytes: 0 };
  const fillers = at === "connect" ? await fillBacklog(port) : [];
  const accepting = (async () => {
    if (at === "connect") await released;
    fillers.forEach((filler) => filler.close());
    for await (const client of listener) {
      open.add(client);
      void relay(client, open, targetUrl, released, counts).catch(() => {});
    }
  })();
  return {
    url: `http://127.0.0.1:${port}`,
    get heldBytes() {
      return counts.heldBytes;
    },
    release,
    async [Symbol.asyncDispose]() {
      release();
      listener.close();
      await accepting;
      for (const connection of open) closeOnce(open, connection);
    },
  };
}

function fillBacklog(port: number): Promise<Deno.Conn[]> {
  const one = () => Deno.connect({ hostname: "127.0.0.1", port });
  return Promise.all(Array.from({ length: BACKLOG + 1 }, one));
}

async function relay(
  client: Deno.Conn,
  open: Set<Deno.Conn>,
  targetUrl: () => string,
  released: Promise<void>,
  counts: { heldBytes: number },
): Promise<void> {
  const buffer = new Uint8Array(65_536);
  const length = await client.read(buffer);
  if (length === null) return closeOnce(open, client);
  counts.heldBytes += length;
  await released;
  const { hostname, port } = new URL(targetUrl());
  const konsol = await Deno.connect({ hostname, port: Number(port) });
  open.add(konsol);
  await konsol.write(buffer.subarray(0, length));
  const ends = [client.readable.pipeTo(konsol.writable), konsol.readable.pipeTo(client.writable)];
  await Promise.allSettled(ends);
  for (const connection of [client, konsol]) closeOnce(open, connection);
}

function closeOnce(open: Set<Deno.Conn>, connection: Deno.Conn): void {
  if (!open.delete(connection)) return;
  try {
    connection.close();
  } catch {
    // Its stream has closed it.
  }
}
