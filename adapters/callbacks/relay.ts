// Puts a connection of this machine in front of one to a receiver, so that it can be cut whatever it is doing.

const RELAY_BYTES = 16_384;
const LOOPBACK = "127.0.0.1";

export interface Relayed {
  /** What is read and written here is the receiver's; closing it closes the receiver's. */
  readonly near: Deno.TcpConn;
  /** Ends both at once. */
  cut(): void;
}

/**
 * Deno 2.9.6 never frees the socket of a TLS handshake that is given up: it stays open until the peer
 * closes it, so a receiver that accepts and says nothing would take one file after the other from us.
 * Through a relay the socket stays ours; tests/adapters/callbacks/relay_test.ts counts.
 */
export async function relayed(receiver: Deno.TcpConn): Promise<Relayed> {
  const cutAll = (...connections: readonly Deno.Conn[]) => connections.forEach(closed);
  let near: Deno.TcpConn | undefined;
  using listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
  try {
    near = await Deno.connect({ hostname: LOOPBACK, port: listener.addr.port });
    const far = await acceptedFrom(listener, near.localAddr);
    near.setNoDelay(true);
    far.setNoDelay(true);
    // Our end gone, nobody reads on; the receiver's gone, we may still have to read what it said.
    copied(far, receiver).finally(() => cutAll(far, receiver));
    copied(receiver, far).then(() => far.closeWrite()).catch(() => {});
    return { near, cut: () => cutAll(far, receiver) };
  } catch (error) {
    cutAll(receiver, ...(near ? [near] : []));
    throw error;
  }
}

/** Any program of this machine could be faster than we are, from another loopback address even at our port: all but ours are sent away. */
export async function acceptedFrom(
  listener: Deno.TcpListener,
  { hostname, port }: Deno.NetAddr,
): Promise<Deno.TcpConn> {
  while (true) {
    const connection = await listener.accept();
    const { remoteAddr } = connection;
    if (remoteAddr.port === port && remoteAddr.hostname === hostname) return connection;
    connection.close();
  }
}

/** Until one of them ends or fails. */
async function copied(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(RELAY_BYTES);
  try {
    for (let length = await from.read(buffer); length !== null; length = await from.read(buffer)) {
      for (let at = 0; at < length;) at += await to.write(buffer.subarray(at, length));
    }
  } catch {
    // The connection is gone: whoever reads or writes at its other end is told so.
  }
}

function closed(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It was before.
  }
}
