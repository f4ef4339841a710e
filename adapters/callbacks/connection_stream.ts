// One of Deno's connections as the stream that node:http speaks through: dialled by us, to a checked address.

import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";

const READ_BYTES = 16_384;

type Done = (error?: Error | null) => void;

export class ConnectionStream extends Duplex {
  readonly #dialling: Promise<Deno.Conn>;
  readonly #buffer = new Uint8Array(READ_BYTES);
  #connection: Deno.Conn | undefined;

  constructor(dialling: Promise<Deno.Conn>) {
    super({ allowHalfOpen: false });
    this.#dialling = dialling;
  }

  /** Nothing is read, written or destroyed before it is done. */
  override _construct(done: Done): void {
    this.#dialling.then((connection) => {
      this.#connection = connection;
      done();
    }, done);
  }

  override _read(): void {
    this.#connection?.read(this.#buffer).then(
      (length) => this.push(length === null ? null : Buffer.from(this.#buffer.subarray(0, length))),
      (error) => this.#endOf(error),
    );
  }

  override _write(bytes: Uint8Array, _encoding: string, done: Done): void {
    this.#writeAll(bytes).then(() => done(), done);
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#connection?.close();
    done(error);
  }

  /** What node:http asks of a socket and we do by ourselves. */
  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      at += await this.#connection?.write(bytes.subarray(at)) ?? bytes.length;
    }
  }

  /** A peer that closes TLS without its goodbye has ended all the same: the parser knows if too early. */
  #endOf(error: Error): void {
    if (this.destroyed) return;
    if (error instanceof Deno.errors.UnexpectedEof) this.push(null);
    else this.destroy(error);
  }
}
