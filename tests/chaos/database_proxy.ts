// A TCP proxy in front of the database of one service: cuts its connections, delays them, or stops passing anything on.

import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";

export interface DatabaseProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections that were cut. */
  readonly severed: number;
  /** Ends every connection that is open now, wherever its exchange is. */
  cut(): void;
  /** Everything from now on takes so much longer, in each direction. */
  delay(ms: number): void;
  /** Takes connections and bytes and passes none on, until `unblock`. */
  block(): void;
  unblock(): void;
}

export async function openDatabaseProxy(targetPort: () => number): Promise<DatabaseProxy> {
  const open = new Set<Socket>();
  let delayMs = 0;
  let severed = 0;
  let held: Promise<void> | undefined;
  let release = () => {};
  const server = createServer({ noDelay: true }, (client) => {
    const database = createConnection({ host: "127.0.0.1", port: targetPort() });
    database.setNoDelay(true);
    pass(client, database);
    pass(database, client);
  });

  /** In order, however long each part waits. */
  function pass(from: Socket, to: Socket): void {
    let last: Promise<void> = Promise.resolve();
    open.add(from);
    from.on("data", (bytes) => {
      const due = performance.now() + delayMs;
      last = last.then(() => held).then(() => until(due)).then(() => void to.write(bytes));
    });
    from.on("error", () => {}).on("close", () => {
      open.delete(from);
      to.destroy();
    });
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const unblock = () => {
    held = undefined;
    release();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get severed() {
      return severed;
    },
    cut() {
      severed += open.size;
      open.forEach((socket) => socket.destroy());
    },
    delay: (ms) => void (delayMs = ms),
    block() {
      held ??= new Promise((resolve) => release = resolve);
    },
    unblock,
    async [Symbol.asyncDispose]() {
      unblock();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      open.forEach((socket) => socket.destroy());
      await closed;
    },
  };
}

function until(due: number): Promise<void> {
  const ms = due - performance.now();
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
