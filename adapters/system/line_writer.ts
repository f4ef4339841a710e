// Writes lines to standard output in batches, so that no request waits for a write of its own.

/** Writes some of the bytes and says how many, as `Deno.stdout.writeSync` does. */
export type Write = (bytes: Uint8Array) => number;

const FLUSH_AFTER_MS = 50;
const BATCH_BYTES_MAX = 64 * 1024;
/** What is kept while the reader takes nothing; above it the new lines are dropped. */
const WAITING_BYTES_MAX = 1024 * 1024;

export class LineWriter {
  readonly #write: Write;
  readonly #encoder = new TextEncoder();
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isFull = false;
  #isClosed = false;

  constructor(write: Write) {
    this.#write = write;
  }

  /** Never throws: a line that cannot be written must not fail what it tells of. */
  line(text: string): void {
    const bytes = this.#encoder.encode(text + "\n");
    if (this.#waitingBytes + bytes.length > WAITING_BYTES_MAX) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    const isBatch = this.#waitingBytes >= BATCH_BYTES_MAX && !this.#isFull;
    if (this.#isClosed || isBatch) this.flush();
    else this.#flushLater();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const unwritten = this.#written(joined(this.#waiting, this.#waitingBytes));
    this.#waiting = unwritten.length > 0 ? [unwritten] : [];
    this.#waitingBytes = unwritten.length;
    this.#isFull = unwritten.length > 0;
    if (this.#isFull && !this.#isClosed) this.#flushLater();
  }

  /** What comes after it is written at once and leaves no timer. */
  close(): void {
    this.#isClosed = true;
    this.flush();
  }

  #flushLater(): void {
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER_MS);
  }

  /** Gives what is left when the output is full for now; one that is gone (EPIPE) takes it all. */
  #written(bytes: Uint8Array): Uint8Array {
    let start = 0;
    try {
      while (start < bytes.length) start += this.#write(bytes.subarray(start));
    } catch (error) {
      if (error instanceof Deno.errors.WouldBlock) return bytes.subarray(start);
    }
    return bytes.subarray(bytes.length);
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
