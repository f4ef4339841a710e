// The positive list of errors that prove that no byte of a request was sent; any other proves nothing.

/** `not_begun`: no socket was asked for. `connect_failed`: there was no connection to send it on. */
export interface Unsent {
  readonly kind: "not_begun" | "connect_failed";
  readonly reason: string;
}

/**
 * What Deno 2.9.6 says of a connection that could not be made, as each was provoked in
 * tests/adapters/konsol/connect_errors_test.ts. A TLS handshake is a part of connecting: the request
 * goes out only after it.
 */
const CONNECT_ERRORS: readonly (readonly [reason: string, said: RegExp])[] = [
  ["dns_failed", /^dns error: /],
  ["tcp_connect_failed", /^tcp connect error: /],
  ["no_socket_left", /^tcp open error: /],
  ["tls_not_spoken", /^received corrupt message of type /],
  ["tls_closed", /^tls handshake eof$/],
  ["tls_reset", /^Connection reset by peer \(os error \d+\)$/],
  ["tls_refused", /^received fatal alert: /],
  ["tls_certificate_invalid", /^invalid peer certificate: /],
];

/** The whole shape, from its beginning: a URL or an error of another phase cannot look like it. */
const CONNECT_PHASE = /^error sending request for url \(\S+\): client error \(Connect\): (.+)$/s;
const PORT_BLOCKED = /^Fetch failed: Requests to port \d+ are blocked$/;

/** Why nothing was sent; undefined = something may have been. */
export function unsentBecause(error: unknown): Unsent | undefined {
  if (error instanceof Deno.errors.NotCapable) {
    return { kind: "not_begun", reason: "not_permitted" };
  }
  if (!(error instanceof TypeError)) return undefined;
  if (PORT_BLOCKED.test(error.message)) return { kind: "not_begun", reason: "port_blocked" };
  const cause = error.cause instanceof Error ? error.cause.message : "";
  const said = CONNECT_PHASE.exec(cause)?.[1];
  if (said === undefined) return undefined;
  const found = CONNECT_ERRORS.find(([, pattern]) => pattern.test(said));
  return found && { kind: "connect_failed", reason: found[0] };
}
