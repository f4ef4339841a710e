// The HTTP server of the process, and a stop that no unfinished client can put off.

/** For the last answers to reach the wire once no request is under way any more. */
const FLUSH_MS = 250;

export interface HttpServer {
  readonly addr: Deno.NetAddr;
  /**
   * Takes no new request; resolves when those under way are answered. A connection that a client keeps
   * open ends with the process.
   */
  stop(): Promise<void>;
}

export function serveHttp(
  listen: { readonly hostname: string; readonly port: number },
  handle: (request: Request) => Response | Promise<Response>,
): HttpServer {
  const idle = Promise.withResolvers<void>();
  let stopping = false;
  let underWay = 0;

  const noteIdle = () => stopping && underWay === 0 && idle.resolve();
  const server = Deno.serve(
    { ...listen, onListen() {} },
    async (request) => {
      underWay++;
      try {
        return await handle(request);
      } finally {
        underWay--;
        noteIdle();
      }
    },
  );

  async function stop(): Promise<void> {
    stopping = true;
    const closed = server.shutdown();
    noteIdle();
    // Deno's shutdown waits for clients that never end their request, even when it was answered.
    await Promise.race([closed, idle.promise.then(flushed)]);
  }

  return { addr: server.addr, stop };
}

function flushed(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
}
