// What happened in a scenario, line by line: hashed whole, kept as far as a person reads back.

import { hashText } from "./seeded_random.ts";
import type { VirtualTime } from "./virtual_time.ts";

const LINES_KEPT = 400;

export class Trace {
  readonly #time: VirtualTime;
  readonly #lines: string[] = [];
  #hash = hashText("");
  count = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  add(text: string): void {
    const seconds = ((this.#time.now - this.#time.start) / 1_000).toFixed(3);
    const line = `+${seconds}s ${text}`;
    this.#hash = hashText(line, this.#hash);
    this.count++;
    this.#lines.push(line);
    if (this.#lines.length > 2 * LINES_KEPT) this.#lines.splice(0, LINES_KEPT);
  }

  get hash(): string {
    return this.#hash.toString(16).padStart(8, "0");
  }

  last(count: number): readonly string[] {
    return count > 0 ? this.#lines.slice(-count) : [];
  }
}
