// Chance for a simulation: every choice comes from one seed, in streams that do not disturb each other.

const GOLDEN = 0x9e3779b9;

/** splitmix32: turns any 32-bit state into the next well-mixed word. */
function mixed(state: number): number {
  let word = (state + GOLDEN) | 0;
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
  return (word ^ (word >>> 15)) >>> 0;
}

export function hashText(text: string, start = 0x811c9dc5): number {
  let hash = start;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** xoshiro128**. */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = mixed((seed % 0x1_0000_0000) ^ mixed(Math.floor(seed / 0x1_0000_0000)));
    this.#a = mixed(this.#seed);
    this.#b = mixed(this.#a);
    this.#c = mixed(this.#b);
    this.#d = mixed(this.#c) | 1;
  }

  /** A stream of its own: how much others draw changes nothing in it. */
  fork(name: string): SeededRandom {
    return new SeededRandom(hashText(name, this.#seed));
  }

  /** In [0, 1). */
  next(): number {
    const product = Math.imul(this.#b, 5);
    const word = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return word / 0x1_0000_0000;
  }

  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability;
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  /** Like between(), but each power of ten is as likely as the next. */
  logBetween(from: number, to: number): number {
    return Math.round(Math.exp(Math.log(from) + this.next() * (Math.log(to) - Math.log(from))));
  }

  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new Error("Cannot pick as there is nothing to pick from");
    return items[Math.floor(this.next() * items.length)] as Item;
  }

  /** One name, as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Partial<Record<Name, number>>>): Name {
    const entries = Object.entries(weights) as [Name, number][];
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      left -= weight;
      if (left < 0) return name;
    }
    return this.pick(entries)[0];
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    return items.map((item) => [this.next(), item] as const)
      .sort(([a], [b]) => a - b).map(([, item]) => item);
  }
}
