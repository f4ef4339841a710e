// Opens a connection to a checked address, with TLS held to the receiver's name.

import { CallbackFailed } from "./callback_failed.ts";

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
    if (to.tlsName === undefined) return connection;
    return await startTls(connection, to.tlsName, caCerts, signal);
  };
}

async function connect({ address, port }: Destination, signal: AbortSignal) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), CONNECT_MS_MAX);
  try {
    const either = AbortSignal.any([signal, limit.signal]);
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
  connection: Deno.TcpConn,
  hostname: string,
  caCerts: readonly string[],
  signal: AbortSignal,
): Promise<Deno.TlsConn> {
  let secured: Deno.TlsConn | undefined;
  const stop = () => secured?.close();
  signal.addEventListener("abort", stop);
  try {
    const options = { hostname, caCerts: [...caCerts], alpnProtocols: ["http/1.1"] };
    secured = await Deno.startTls(connection, options);
    await secured.handshake();
    return secured;
  } catch {
    if (!signal.aborted) secured?.close();
    throw new CallbackFailed("tls_failed");
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
