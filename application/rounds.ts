// Rounds of work that begin when somebody rings: one at a time, none lost, none before start or after stop.

import type { Ports } from "./ports.ts";

export interface Rounds {
  /** From here on rings are heard; one that came before is, too. */
  start(): void;
  /** There may be work: begins a round, or another one after the one under way. */
  ring(): void;
  /** Resolves when the round under way has ended. */
  stop(): Promise<void>;
  /** Why the last round failed, if it did. */
  failure(): string | undefined;
}

export function createRounds(
  name: string,
  round: () => Promise<void>,
  ports: Pick<Ports, "log">,
): Rounds {
  let state: "new" | "started" | "stopped" = "new";
  let running: Promise<void> | undefined;
  let rung = false;
  let failure: string | undefined;

  function ring(): void {
    rung = true;
    if (state === "started") running ??= untilQuiet();
  }

  async function untilQuiet(): Promise<void> {
    while (rung && state === "started") {
      rung = false;
      try {
        await round();
        failure = undefined;
      } catch (error) {
        if (failure === undefined) ports.log.error("worker_failed", { worker: name, error });
        failure = error instanceof Error ? error.message : String(error);
      }
    }
    running = undefined;
  }

  return {
    start() {
      if (state === "new") state = "started";
      if (rung) ring();
    },
    ring,
    async stop() {
      state = "stopped";
      await running;
    },
    failure: () => failure,
  };
}
