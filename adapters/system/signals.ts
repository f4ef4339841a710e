// The first Ctrl-C or SIGTERM asks for an end; one that comes more than a second later insists.

/** One Ctrl-C in a terminal reaches a process as several signals within a millisecond. */
const SAME_PRESS_MS = 1_000;
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Resolves at the first signal; a later, separate one ends the process at once with exit code 130. */
export function untilSignal(): Promise<Deno.Signal> {
  return new Promise((resolve) => {
    let first: number | undefined;
    for (const signal of SIGNALS) {
      Deno.addSignalListener(signal, () => {
        const now = performance.now();
        if (first !== undefined && now - first > SAME_PRESS_MS) Deno.exit(130);
        first ??= now;
        resolve(signal);
      });
    }
  });
}
