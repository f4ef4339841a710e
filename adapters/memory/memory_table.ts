// Records in memory, each a frozen copy of what went in: nobody can change what is stored by what they hold.

import type { Page, PageRequest, Position, Saved, Taken } from "../../application/ports.ts";
import { TOTAL_LIMIT } from "../../application/ports.ts";
import { StoreUnavailable } from "../../application/store_unavailable.ts";

export const STORE_CLOSED = "Cannot use the memory store as it was closed";

export interface Versioned {
  readonly id: string;
  readonly version: number;
}

export class MemoryTable<Item extends Versioned> {
  readonly #rows = new Map<string, Item>();
  readonly #frozen = new WeakSet<object>();
  readonly #positionOf: (item: Item) => Position;
  #closed = false;

  constructor(positionOf: (item: Item) => Position) {
    this.#positionOf = positionOf;
  }

  close(): void {
    this.#closed = true;
  }

  get(id: string): Item | undefined {
    return this.#openRows().get(id);
  }

  find(matches: (item: Item) => boolean): Item | undefined {
    for (const item of this.#openRows().values()) if (matches(item)) return item;
    return undefined;
  }

  /** The first of those that match, in that order. */
  first(matches: (item: Item) => boolean, order: (a: Item, b: Item) => number): Item | undefined {
    return this.#sorted(matches, order)[0];
  }

  insert(item: Item): Item {
    if (this.#openRows().has(item.id)) throw new Error(`Cannot insert ${item.id} as it exists`);
    return this.#put(item);
  }

  /**
   * Compare-and-set; `takes` says whether another record has what must be unique. What `check` throws,
   * last of all, leaves everything as it was.
   */
  save(
    before: Item,
    after: Item,
    isSame: (stored: Item) => boolean,
    takes: (other: Item) => Taken | undefined,
    check: () => void = () => {},
  ): Saved<Item> {
    const stored = this.#openRows().get(before.id);
    if (stored === undefined || stored.version !== before.version || !isSame(stored)) {
      return { kind: "stale" };
    }
    let kind: Taken | undefined;
    this.find((other) => other.id !== before.id && (kind = takes(other)) !== undefined);
    if (kind !== undefined) return { kind };
    check();
    return { kind: "saved", item: this.#put({ ...after, version: before.version + 1 }) };
  }

  /** Newest first. */
  list(matches: (item: Item) => boolean, { perPage, page, after }: PageRequest): Page<Item> {
    const rows = this.#sorted(
      matches,
      (a, b) => newestFirst(this.#positionOf(a), this.#positionOf(b)),
    );
    const start = after
      ? rows.filter((item) => newestFirst(this.#positionOf(item), after) <= 0).length
      : (page - 1) * perPage;
    const shown = rows.slice(start, start + perPage);
    const last = shown.at(-1);
    const more = last !== undefined && start + perPage < rows.length;
    return {
      items: shown,
      total: Math.min(rows.length, TOTAL_LIMIT),
      totalIsLowerBound: rows.length > TOTAL_LIMIT,
      ...(more && { next: this.#positionOf(last) }),
    };
  }

  /** Those whose `dueAt` has come, the longest due first. */
  due(
    matches: (item: Item) => boolean,
    dueAt: (item: Item) => number | undefined,
    now: number,
    limit: number,
  ): readonly Item[] {
    const time = (item: Item) => dueAt(item) ?? Infinity;
    const longestFirst = (a: Item, b: Item) => time(a) - time(b) || (a.id < b.id ? -1 : 1);
    const rows = this.#sorted((item) => matches(item) && time(item) <= now, longestFirst);
    return rows.slice(0, limit);
  }

  /** To `limit` at most. */
  count(matches: (item: Item) => boolean, limit: number): number {
    const rows = this.#openRows().values().filter(matches);
    return rows.take(limit).reduce((count) => count + 1, 0);
  }

  #sorted(matches: (item: Item) => boolean, order: (a: Item, b: Item) => number): Item[] {
    return Array.from(this.#openRows().values()).filter(matches).sort(order);
  }

  #put(item: Item): Item {
    const stored = this.#frozenCopy(item);
    this.#rows.set(item.id, stored);
    return stored;
  }

  /** As JSON would give it back; what was frozen here before is taken over as it is. */
  #frozenCopy<Value>(value: Value): Value {
    if (typeof value === "number") return asJsonNumber(value) as Value;
    if (value === null || typeof value !== "object" || this.#frozen.has(value)) return value;
    const copy = Array.isArray(value)
      ? value.map((item) => this.#frozenCopy(item ?? null))
      : Object.fromEntries(
        Object.entries(value).filter(([, field]) => field !== undefined)
          .map(([name, field]) => [name, this.#frozenCopy(field)]),
      );
    this.#frozen.add(copy);
    return Object.freeze(copy) as Value;
  }

  #openRows(): Map<string, Item> {
    if (this.#closed) throw new StoreUnavailable(STORE_CLOSED);
    return this.#rows;
  }
}

/** JSON has no negative zero, and null for what is no number. */
function asJsonNumber(value: number): number | null {
  return Number.isFinite(value) ? value + 0 : null;
}

function newestFirst(a: Position, b: Position): number {
  return b.createdAt - a.createdAt || (a.id === b.id ? 0 : a.id < b.id ? 1 : -1);
}
