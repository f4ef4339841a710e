// Timers that are all known, so that closing or resetting the sandbox leaves none behind.

export class Timers {
  readonly #running = new Set<ReturnType<typeof setTimeout>>();
  #closed = false;

  /** Calls `act` once after `ms`, unless the returned function is called before; does nothing once closed. */
  after(ms: number, act: () => void): () => void {
    if (this.#closed) return () => {};
    const timer = setTimeout(() => {
      this.#running.delete(timer);
      act();
    }, ms);
    this.#running.add(timer);
    return () => {
      clearTimeout(timer);
      this.#running.delete(timer);
    };
  }

  clear(): void {
    for (const timer of this.#running) clearTimeout(timer);
    this.#running.clear();
  }

  close(): void {
    this.#closed = true;
    this.clear();
  }
}
