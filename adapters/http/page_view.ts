// A page of any list as clients see it.

import type { Page, PageRequest } from "../../application/ports.ts";
import { cursorOf } from "./cursor.ts";

export function pageView<Item>(
  page: Page<Item>,
  request: PageRequest,
  itemView: (item: Item) => unknown,
) {
  return {
    items: page.items.map(itemView),
    total: page.total,
    total_is_lower_bound: page.totalIsLowerBound || undefined,
    page: request.after === undefined ? request.page : undefined,
    per_page: request.perPage,
    next_cursor: page.next && cursorOf(page.next),
  };
}
