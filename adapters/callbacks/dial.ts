// Opens a connection to a checked address, with TLS held to the receiver's name.

import { CallbackFailed } from "./callback_failed.ts";
import { relayed } from "./relay.ts";

export interface Destination {
  /** An address, checked: it is not resolved again. */
  readonly address: string;
  readonly port: number;
  /** Whom the certificate must name (and SNI asks for); undefined = without TLS. */
  readonly tlsName?: string;
}

/** Rejects with CallbackFailed. */
export type Dial = (to: Destination, signal: AbortSignal) => Promise<Deno.Conn>;

/** Time enough for another address in the same try. */
const CONNECT_MS_MAX = 5_000;

/** `caCerts`: PEM, trusted beside the public ones. */
export function createDial(caCerts: readonly string[] = []): Dial {
  return async (to, signal) => {
    const connection = await connect(to, signal);
    if (signal.aborted) {
      connection.close();
      throw new CallbackFailed("timed_out");
    }
    if (to.tlsName === undefined) return connection;
    return await startTls(connection, to.tlsName, caCerts, signal);
  };
}

async function connect({ address, port }: Destination, signal: AbortSignal) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), CONNECT_MS_MAX);
  const either = AbortSignal.any([signal, limit.signal]);
  // Deno 2.9.6 asks once more when it has connected, and then loses the connection without closing it.
  either.throwIfAborted = () => {};
  try {
    if (either.aborted) throw new CallbackFailed("connect_failed");
    const connection = await Deno.connect({ hostname: address, port, signal: either });
    // Without it the small writes of a handshake wait for each other's acknowledgement: 40 ms.
    connection.setNoDelay(true);
    return connection;
  } catch (error) {
    // The process itself may be denied the address (--deny-net): the second wall.
    const isDenied = error instanceof Deno.errors.NotCapable;
    throw new CallbackFailed(isDenied ? "address_refused" : "connect_failed");
  } finally {
    clearTimeout(timer);
  }
}

async function startTls(
  receiver: Deno.TcpConn,
  hostname: string,
  caCerts: readonly string[],
  signal: AbortSignal,
): Promise<Deno.TlsConn> {
  const { near, cut } = await relayed(receiver);
  signal.addEventListener("abort", cut);
  let open: Deno.Conn = near;
  try {
    if (signal.aborted) cut();
    const options = { hostname, caCerts: [...caCerts], alpnProtocols: ["http/1.1"] };
    const secured = open = await Deno.startTls(near, options);
    await secured.handshake();
    return secured;
  } catch {
    cut();
    open.close();
    throw new CallbackFailed("tls_failed");
  } finally {
    signal.removeEventListener("abort", cut);
  }
}
