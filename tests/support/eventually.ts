// Waits for something to become true by asking again, within a limit; tests never sleep for a fixed time.

export interface EventuallyOptions {
  readonly timeoutMs?: number;
  readonly everyMs?: number;
}

/** What `attempt` gives once it neither throws nor gives `false`; past the limit, what it threw last. */
export async function eventually<T>(
  attempt: () => T | false | Promise<T | false>,
  { timeoutMs = 30_000, everyMs = 5 }: EventuallyOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  while (true) {
    try {
      const value = await attempt();
      if (value !== false) return value;
      if (performance.now() >= deadline) {
        throw new Error(`Cannot wait longer than ${timeoutMs} ms: the condition is still false`);
      }
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
