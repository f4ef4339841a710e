// A person reads callbacks and has them brought again: one of them, or all that were given up.

import type { Callback } from "../domain/callback.ts";
import { retryCallback as retried } from "../domain/callback_tries.ts";
import { Refusal } from "../domain/refusal.ts";
import type { CallbackFilter, Ports, Position } from "./ports.ts";
import { reopenUrl } from "./stopped_urls.ts";

const RACES_MAX = 10;
const BATCH = 100;
/** So many are taken up by one request; another one takes up the next. */
const RETRIED_MAX = 10_000;

type RetryPorts = Pick<Ports, "callbacks" | "control" | "clock">;

export async function getCallback(
  ports: Pick<Ports, "callbacks">,
  id: string,
): Promise<Callback> {
  const callback = await ports.callbacks.get(id);
  if (callback !== undefined) return callback;
  throw new Refusal("callback_not_found", "Cannot find the callback as none has this id");
}

/** Whatever became of it before; one that is tried at this moment is left to that try. */
export async function retryCallback(
  ports: RetryPorts,
  ring: () => void,
  id: string,
): Promise<Callback> {
  for (let race = 0; race < RACES_MAX; race++) {
    const callback = await getCallback(ports, id);
    const again = await retry(ports, callback);
    if (again === undefined) continue;
    ring();
    return again;
  }
  throw new Refusal("changed_meanwhile", `Cannot retry callback ${id} as others keep changing it`);
}

/** `hasMore`: there were more than one request takes up. */
export async function retryDeadCallbacks(
  ports: RetryPorts,
  ring: () => void,
  range: Pick<CallbackFilter, "createdFrom" | "createdTo">,
): Promise<{ readonly retried: number; readonly hasMore: boolean }> {
  let count = 0;
  let after: Position | undefined;
  do {
    const filter: CallbackFilter = { ...range, state: "dead" };
    const page = await ports.callbacks.list(filter, { perPage: BATCH, page: 1, after });
    const urls = new Set(page.items.map(({ url }) => url));
    await Promise.all([...urls].map((url) => reopenUrl(ports, url)));
    const taken = await Promise.all(page.items.map((callback) => save(ports, callback)));
    count += taken.filter((callback) => callback !== undefined).length;
    ring();
    after = page.next;
  } while (after !== undefined && count < RETRIED_MAX);
  return { retried: count, hasMore: after !== undefined };
}

/** The URL first: a try that comes at once must not find it stopped. Undefined when it was changed meanwhile. */
async function retry(ports: RetryPorts, callback: Callback): Promise<Callback | undefined> {
  await reopenUrl(ports, callback.url);
  return await save(ports, callback);
}

async function save(ports: RetryPorts, callback: Callback): Promise<Callback | undefined> {
  const again = retried(callback, ports.clock.now());
  if (again === callback) return callback;
  const saved = await ports.callbacks.save(callback, again);
  return saved.kind === "saved" ? saved.item : undefined;
}
