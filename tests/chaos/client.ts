// A client as real ones are: repeats its request until it is answered, and remembers what it was told.

import type { Order } from "./orders.ts";
import type { Json, Stack } from "./stack.ts";

const TRIES_MAX = 3_000;
const TRY_TIMEOUT_MS = 5_000;
const AGAIN_MS = 40;

/** Everything that clients were told, whoever they were. */
export class Books {
  /** Acknowledged orders with each id that was given for them: one, if all is well. */
  readonly acknowledged = new Map<Order, Set<string>>();
  /** Answers that no client should get, and requests that nobody answered. */
  readonly complaints: string[] = [];
  #noted = Promise.withResolvers<void>();

  note(order: Order, id: string): void {
    const ids = this.acknowledged.get(order) ?? new Set();
    this.acknowledged.set(order, ids.add(id));
    this.#noted.resolve();
    this.#noted = Promise.withResolvers();
  }

  /** Resolves in the moment in which the next client reads its answer. */
  untilNoted(): Promise<void> {
    return this.#noted.promise;
  }
}

/** The payment's id, or undefined when nobody answered within the tries: then it is in the complaints. */
export async function payUntilAnswered(
  stack: Pick<Stack, "headers">,
  url: () => string,
  order: Order,
  books: Books,
): Promise<string | undefined> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const answer = await payOnce(stack, url(), order);
    if (answer !== undefined && answer.status >= 200 && answer.status < 300) {
      books.note(order, answer.json.id);
      return answer.json.id;
    }
    // 503: the store or the service says itself that nothing was done and to come again.
    if (answer !== undefined && answer.status !== 503) {
      books.complaints.push(`${order.name}: ${answer.status} ${JSON.stringify(answer.json)}`);
      return undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  books.complaints.push(`${order.name}: no answer in ${TRIES_MAX} tries`);
  return undefined;
}

/** Undefined when the connection failed, or broke before the answer was whole. */
export async function payOnce(
  { headers }: Pick<Stack, "headers">,
  url: string,
  order: Order,
): Promise<
  { readonly status: number; readonly headers: Headers; readonly json: Json } | undefined
> {
  try {
    const response = await fetch(`${url}/konsol/payments`, {
      method: "POST",
      headers: { ...headers, ...order.headers },
      body: JSON.stringify(order.body),
      signal: AbortSignal.timeout(TRY_TIMEOUT_MS),
    });
    const { status } = response;
    return { status, headers: response.headers, json: JSON.parse(await response.text()) };
  } catch {
    return undefined;
  }
}
