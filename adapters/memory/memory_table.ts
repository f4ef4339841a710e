// Records in memory, kept as JSON text: what goes in and what comes out is never the same object.

import type { Page, PageRequest, Position, Saved } from "../../application/ports.ts";
import { TOTAL_LIMIT } from "../../application/ports.ts";
import { StoreUnavailable } from "../../application/store_unavailable.ts";

export const STORE_CLOSED = "Cannot use the memory store as it was closed";

interface Row<Item> {
  readonly text: string;
  /** Parsed once to be looked at here; it never leaves. */
  readonly item: Item;
}

export interface Versioned {
  readonly id: string;
  readonly version: number;
}

export class MemoryTable<Item extends Versioned> {
  readonly #rows = new Map<string, Row<Item>>();
  readonly #positionOf: (item: Item) => Position;
  #closed = false;

  constructor(positionOf: (item: Item) => Position) {
    this.#positionOf = positionOf;
  }

  close(): void {
    this.#closed = true;
  }

  get(id: string): Item | undefined {
    const row = this.#openRows().get(id);
    return row && parse(row);
  }

  find(matches: (item: Item) => boolean): Item | undefined {
    const row = this.#openRows().values().find(({ item }) => matches(item));
    return row && parse(row);
  }

  /** The first of those that match, in that order. */
  first(matches: (item: Item) => boolean, order: (a: Item, b: Item) => number): Item | undefined {
    const [row] = this.#sorted(matches, order);
    return row && parse(row);
  }

  insert(item: Item): Item {
    if (this.#openRows().has(item.id)) throw new Error(`Cannot insert ${item.id} as it exists`);
    return this.#put(item);
  }

  /**
   * Compare-and-set; `isTaken` says whether another record has what must be unique. What `check` throws,
   * last of all, leaves everything as it was.
   */
  save(
    before: Item,
    after: Item,
    isSame: (stored: Item) => boolean,
    isTaken: (other: Item) => boolean,
    check: () => void = () => {},
  ): Saved<Item> {
    const stored = this.#openRows().get(before.id)?.item;
    if (stored === undefined || stored.version !== before.version || !isSame(stored)) {
      return { kind: "stale" };
    }
    if (this.find((other) => other.id !== before.id && isTaken(other))) {
      return { kind: "konsol_id_taken" };
    }
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
      ? rows.filter(({ item }) => newestFirst(this.#positionOf(item), after) <= 0).length
      : (page - 1) * perPage;
    const shown = rows.slice(start, start + perPage);
    const last = shown.at(-1);
    const more = last !== undefined && start + perPage < rows.length;
    return {
      items: shown.map(parse),
      total: Math.min(rows.length, TOTAL_LIMIT),
      totalIsLowerBound: rows.length > TOTAL_LIMIT,
      ...(more && { next: this.#positionOf(last.item) }),
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
    return rows.slice(0, limit).map(parse);
  }

  /** To `limit` at most. */
  count(matches: (item: Item) => boolean, limit: number): number {
    const rows = this.#openRows().values().filter(({ item }) => matches(item));
    return rows.take(limit).reduce((count) => count + 1, 0);
  }

  #sorted(matches: (item: Item) => boolean, order: (a: Item, b: Item) => number): Row<Item>[] {
    const rows = [...this.#openRows().values()].filter(({ item }) => matches(item));
    return rows.sort((a, b) => order(a.item, b.item));
  }

  #put(item: Item): Item {
    const text = JSON.stringify(item);
    this.#rows.set(item.id, { text, item: JSON.parse(text) });
    return JSON.parse(text);
  }

  #openRows(): Map<string, Row<Item>> {
    if (this.#closed) throw new StoreUnavailable(STORE_CLOSED);
    return this.#rows;
  }
}

function parse<Item>(row: Row<Item>): Item {
  return JSON.parse(row.text);
}

function newestFirst(a: Position, b: Position): number {
  return b.createdAt - a.createdAt || (a.id === b.id ? 0 : a.id < b.id ? 1 : -1);
}
