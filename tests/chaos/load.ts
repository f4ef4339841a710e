// A load of clients that go on ordering payments until they are told to stop.

import type { SeededRandom } from "../simulation/seeded_random.ts";
import { Books, payUntilAnswered } from "./client.ts";
import { drawOrder } from "./orders.ts";
import type { Stack } from "./stack.ts";

const CLIENTS = 12;
const PAUSE_MAX_MS = 250;
const REPEATS = 0.25;
/** By one client in one load: an end for a load that nobody stops. */
const ORDERS_MAX = 10_000;

export interface Load {
  readonly books: Books;
  /** Takes no new orders; resolves when every client has its answer. */
  stop(): Promise<void>;
}

export function startLoad(stack: Stack, random: SeededRandom, name: string): Load {
  const books = new Books();
  let stopping = false;

  async function order(client: number): Promise<void> {
    const chance = random.fork(`client ${client}`);
    const url = () => chance.pick(stack.services).url;
    for (let n = 0; n < ORDERS_MAX && !stopping; n++) {
      const wanted = drawOrder(chance, `${name}_${client}_${n}`);
      const id = await payUntilAnswered(stack, url, wanted, books);
      if (id !== undefined && chance.chance(REPEATS)) {
        await payUntilAnswered(stack, url, wanted, books);
      }
      await new Promise((resolve) => setTimeout(resolve, chance.between(0, PAUSE_MAX_MS)));
    }
  }

  const clients = Array.from({ length: CLIENTS }, (_, client) => order(client));
  return {
    books,
    async stop() {
      stopping = true;
      await Promise.all(clients);
    },
  };
}
