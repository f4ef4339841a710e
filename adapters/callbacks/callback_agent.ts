// Keeps connections to receivers for a few seconds, each for one checked address and one name alone.

import { Agent, type AgentOptions, type ClientRequest, type RequestOptions } from "node:http";
import type { Duplex } from "node:stream";
import { ConnectionStream } from "./connection_stream.ts";
import type { Destination, Dial } from "./dial.ts";

/** Shorter than most receivers keep theirs, so that few are closed under our hands. */
const IDLE_MS_MAX = 4_000;
const IDLE_PER_DESTINATION_MAX = 8;
const IDLE_MAX = 64;

/** What a request tells the agent; nothing in it is resolved. */
export interface CallbackRequestOptions extends RequestOptions {
  readonly destination: Destination;
  readonly deadline: AbortSignal;
}

export class CallbackAgent extends Agent {
  readonly #dial: Dial;
  readonly #idle = new Map<Duplex, ReturnType<typeof setTimeout>>();

  constructor(dial: Dial) {
    super({ keepAlive: true, maxFreeSockets: IDLE_PER_DESTINATION_MAX });
    this.#dial = dial;
  }

  /** Only what was checked for this very try is reused: another address is another pool. */
  override getName(options?: AgentOptions): string {
    const { destination } = options as CallbackRequestOptions;
    return poolOf(destination);
  }

  override createConnection(options: object): Duplex {
    const { destination, deadline } = options as CallbackRequestOptions;
    const stream = new ConnectionStream(this.#dial(destination, deadline));
    stream.once("close", () => this.#endIdle(stream));
    return stream;
  }

  override keepSocketAlive(stream: Duplex): boolean {
    const isKept: unknown = super.keepSocketAlive(stream);
    if (this.#idle.size >= IDLE_MAX || !isKept) return false;
    this.#idle.set(stream, setTimeout(() => stream.destroy(), IDLE_MS_MAX));
    return true;
  }

  override reuseSocket(stream: Duplex, request: ClientRequest): void {
    this.#endIdle(stream);
    super.reuseSocket(stream, request);
  }

  #endIdle(stream: Duplex): void {
    clearTimeout(this.#idle.get(stream));
    this.#idle.delete(stream);
  }
}

function poolOf({ address, port, tlsName }: Destination): string {
  return `${address} ${port} ${tlsName ?? ""}`;
}
