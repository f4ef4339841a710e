// A server of raw TCP on loopback: counts the requests that came whole and answers with exact bytes, or not.

export interface TcpRequest {
  readonly method: string;
  readonly path: string;
  /** The request line and the headers as they came. */
  readonly head: string;
  readonly body: string;
  /** How many requests came whole on this connection before this one. */
  readonly earlierOnConnection: number;
}

/** Bytes to send as they are; `close` ends the connection after them, `hold` never answers more. */
export interface TcpReply {
  readonly bytes?: string | Uint8Array;
  readonly then: "keep" | "close" | "hold";
}

export interface TcpServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Every request that came whole, whatever was answered: what a server would have executed. */
  readonly requests: readonly TcpRequest[];
  readonly connections: number;
}

export function serveTcp(handle: (request: TcpRequest) => TcpReply): TcpServer {
  const requests: TcpRequest[] = [];
  return serveConnections(requests, async (connection, stopped) => {
    const reader = new RequestReader(connection);
    for (let earlier = 0;; earlier++) {
      const request = await reader.next(earlier);
      if (request === undefined) return;
      requests.push(request);
      const { bytes, then } = handle(request);
      if (bytes !== undefined) await writeAll(connection, bytes);
      if (then === "close") return;
      if (then === "hold") await stopped;
    }
  });
}

/** Reads up to `readMax` bytes of whatever comes, writes `bytes`, closes: also for what is not HTTP. */
export function serveBytes(readMax: number, bytes: Uint8Array | string = ""): TcpServer {
  return serveConnections([], async (connection) => {
    if (readMax > 0) await connection.read(new Uint8Array(readMax));
    await writeAll(connection, bytes);
  });
}

/** An answer with a Content-Length, as bytes on the wire. */
export function httpAnswer(status: number, body: unknown, headers: readonly string[] = []): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const length = new TextEncoder().encode(text).length;
  const lines = [`HTTP/1.1 ${status} Some Reason`, `content-length: ${length}`, ...headers];
  return `${lines.join("\r\n")}\r\n\r\n${text}`;
}

/** A port of loopback that refuses connections. */
export function refusedPort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

function serveConnections(
  requests: readonly TcpRequest[],
  serve: (connection: Deno.Conn, stopped: Promise<void>) => Promise<void>,
): TcpServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  const open = new Set<Deno.Conn>();
  const running: Promise<void>[] = [];
  let connections = 0;
  const accepting = (async () => {
    for await (const connection of listener) {
      connections++;
      open.add(connection);
      // A client that left is no failure of the server.
      const served = serve(connection, stopped).catch(() => {});
      running.push(served.then(() => closeOnce(open, connection)));
    }
  })();
  return {
    port: listener.addr.port,
    url: `http://127.0.0.1:${listener.addr.port}`,
    requests,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      stop();
      listener.close();
      for (const connection of open) closeOnce(open, connection);
      await accepting;
      await Promise.all(running);
    },
  };
}

function closeOnce(open: Set<Deno.Conn>, connection: Deno.Conn): void {
  if (open.delete(connection)) connection.close();
}

async function writeAll(connection: Deno.Conn, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** Takes whole requests off a connection, by Content-Length or chunks; undefined at its end. */
class RequestReader {
  #text = "";
  readonly #connection: Deno.Conn;
  readonly #decoder = new TextDecoder("latin1");

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  async next(earlierOnConnection: number): Promise<TcpRequest | undefined> {
    const buffer = new Uint8Array(65_536);
    while (true) {
      const found = this.#take();
      if (found !== undefined) return { ...found, earlierOnConnection };
      const length = await this.#connection.read(buffer);
      if (length === null) return undefined;
      this.#text += this.#decoder.decode(buffer.subarray(0, length), { stream: true });
    }
  }

  #take(): Omit<TcpRequest, "earlierOnConnection"> | undefined {
    const [head = "", ...rest] = this.#text.split("\r\n\r\n");
    if (rest.length === 0) return undefined;
    const content = rest.join("\r\n\r\n");
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    const isChunked = /^transfer-encoding: chunked/im.test(head);
    const end = isChunked ? content.indexOf("0\r\n\r\n") + 5 : length;
    if (isChunked ? end === 4 : content.length < end) return undefined;
    this.#text = content.slice(end);
    const [method = "", path = ""] = head.split(" ");
    return { method, path, head, body: content.slice(0, end) };
  }
}
