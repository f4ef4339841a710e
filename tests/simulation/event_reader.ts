// Somebody who pulls: reads all events page by page, and remembers in which order they appeared.

import type { World } from "./world.ts";

const PER_PAGE = 3;
const PAGES_MAX = 200;

export class EventReader {
  readonly ids: string[] = [];
  readonly #world: World;
  #reads = false;
  #isDone = false;

  constructor(world: World) {
    this.#world = world;
  }

  start(): void {
    const { readEveryMs } = this.#world.plan.receivers;
    if (readEveryMs === 0) return;
    this.#world.time.after(readEveryMs, () => {
      if (this.#isDone) return;
      void this.read();
      this.start();
    });
  }

  stop(): void {
    this.#isDone = true;
  }

  /** Goes on after the last event that was read, to the end of what there is. */
  async read(): Promise<void> {
    if (this.#reads) return;
    this.#reads = true;
    for (let page = 0; page < PAGES_MAX; page++) {
      const last = this.ids.at(-1);
      const after = last === undefined ? "" : `after=${last}&`;
      const path = `/konsol/events?${after}per_page=${PER_PAGE}`;
      const answer = await this.#world.call({ method: "GET", path });
      if (answer?.status !== 200) break;
      const { items, has_more: hasMore } = answer.json;
      this.ids.push(...items.map(({ id }: { readonly id: string }) => id));
      if (!hasMore) break;
    }
    this.#reads = false;
  }
}
