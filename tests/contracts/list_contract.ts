// Laws of paging, the same for every store's list(): newest first, no item twice, none left out.

import assert from "node:assert/strict";
import {
  type Page,
  type PageRequest,
  type Position,
  TOTAL_LIMIT,
} from "../../application/ports.ts";
import { idsOf, lawOf, type OpenStores, type Stores } from "./stores.ts";

export interface Listing<Item> {
  /** What it is called in the laws; list() unless told. */
  readonly method?: string;
  make(createdAt: number): Item;
  insert(stores: Stores, item: Item): Promise<unknown>;
  list(stores: Stores, page: PageRequest): Promise<Page<Item>>;
}

const PAGES_MAX = 100;
/** Three groups of equal times; the last page of 3 is exactly full. */
const TIMES = [5, 1, 5, 3, 5, 1, 3, 5, 5];

export function listContract<Item extends { readonly id: string }>(
  name: string,
  open: OpenStores,
  listing: Listing<Item>,
): void {
  const { make, insert, list, method = "list" } = listing;
  const lawOfStore = lawOf(name, open);
  const law: typeof lawOfStore = (title, check) =>
    lawOfStore(title.replace("list()", `${method}()`), check);

  async function fill(stores: Stores, times: readonly number[]): Promise<string[]> {
    const items = times.map((at) => ({ at, item: make(at) }));
    if (stores.fill) await stores.fill(items.map(({ item }) => item));
    else await Promise.all(items.map(({ item }) => insert(stores, item)));
    const newestFirst = items.sort((a, b) => b.at - a.at || (a.item.id < b.item.id ? 1 : -1));
    return newestFirst.map(({ item }) => item.id);
  }

  async function byCursor(
    stores: Stores,
    perPage: number,
    between: () => Promise<unknown> = () => Promise.resolve(),
  ): Promise<string[][]> {
    const pages: string[][] = [];
    let after: Position | undefined;
    do {
      const page = await list(stores, { perPage, page: 1, after });
      pages.push(idsOf(page.items));
      after = page.next;
      await between();
    } while (after !== undefined && pages.length < PAGES_MAX);
    return pages;
  }

  law("list() gives the newest first and equal times by id, highest first", async (stores) => {
    const expected = await fill(stores, TIMES);
    assert.deepEqual(idsOf((await list(stores, { perPage: 100, page: 1 })).items), expected);
  });

  law("list() by cursor gives every item once, whatever the page size", async (stores) => {
    const expected = await fill(stores, TIMES);
    for (const perPage of [1, 2, 3, 4, 9, 10]) {
      assert.deepEqual((await byCursor(stores, perPage)).flat(), expected, `pages of ${perPage}`);
    }
  });

  law("list() gives the same pages by number as by cursor", async (stores) => {
    await fill(stores, TIMES);
    const pages = await byCursor(stores, 2);
    for (const [index, ids] of pages.entries()) {
      const page = await list(stores, { perPage: 2, page: index + 1 });
      assert.deepEqual(idsOf(page.items), ids, `page ${index + 1}`);
    }
  });

  law("list() by cursor ignores the page number", async (stores) => {
    const expected = await fill(stores, TIMES);
    const { next: after } = await list(stores, { perPage: 2, page: 1 });
    const page = await list(stores, { perPage: 2, page: 4, after });
    assert.deepEqual(idsOf(page.items), expected.slice(2, 4));
  });

  law(
    "list() by cursor shows nothing twice when newer items come between pages",
    async (stores) => {
      const expected = await fill(stores, TIMES);
      const pages = await byCursor(stores, 2, () => insert(stores, make(9)));
      assert.deepEqual(pages.flat(), expected);
    },
  );

  law("list() goes on from a cursor that no item has", async (stores) => {
    const expected = await fill(stores, [1, 2, 4, 5]);
    const page = await list(stores, { perPage: 9, page: 1, after: { createdAt: 3, id: "none" } });
    assert.deepEqual(idsOf(page.items), expected.slice(2));
  });

  law("list() gives no next on the last page, even when that is full", async (stores) => {
    await fill(stores, TIMES);
    assert.equal((await list(stores, { perPage: 3, page: 3 })).next, undefined);
  });

  law("list() gives the last item shown as next", async (stores) => {
    const expected = await fill(stores, TIMES);
    const { next } = await list(stores, { perPage: 3, page: 1 });
    assert.deepEqual(next, { createdAt: 5, id: expected[2] });
  });

  law("list() gives an empty page past the end, with the total", async (stores) => {
    await fill(stores, TIMES);
    const page = await list(stores, { perPage: 3, page: 4 });
    assert.deepEqual(page, { items: [], total: 9, totalIsLowerBound: false });
  });

  law("list() counts all items on every page, by cursor too", async (stores) => {
    await fill(stores, TIMES);
    const { next: after } = await list(stores, { perPage: 2, page: 1 });
    assert.equal((await list(stores, { perPage: 2, page: 1, after })).total, 9);
  });

  law("list() gives an empty page of an empty store", async (stores) => {
    const page = await list(stores, { perPage: 3, page: 1 });
    assert.deepEqual(page, { items: [], total: 0, totalIsLowerBound: false });
  });

  law("list() counts exactly up to the limit and says when there are more", async (stores) => {
    await fill(stores, Array.from({ length: TOTAL_LIMIT }, (_, index) => index));
    const { items: _at, ...atLimit } = await list(stores, { perPage: 1, page: TOTAL_LIMIT });
    await insert(stores, make(TOTAL_LIMIT));
    const { items: _past, ...past } = await list(stores, { perPage: 1, page: TOTAL_LIMIT + 1 });
    assert.deepEqual([atLimit, past], [
      { total: TOTAL_LIMIT, totalIsLowerBound: false },
      { total: TOTAL_LIMIT, totalIsLowerBound: true },
    ]);
  });
}
