// The worker of the check after a restore: goes on until Konsol's list was read whole, and says what it knows.

import type { Payment } from "../domain/payment.ts";
import type { Ports } from "./ports.ts";
import {
  continueRestoreCheck,
  readRestoreCheck,
  type RestoreCheck,
  whyMaybePaid,
} from "./restore_check.ts";
import type { Scanner } from "./scanner.ts";

const LOOK_EVERY_MS = 10_000;

export interface RestoreChecker {
  start(): void;
  /** Resolves when the reading under way has ended. */
  stop(): Promise<void>;
  /** Why it may be paid already; asked before a payment is sent. */
  whyMaybePaid(payment: Payment): Promise<string | undefined>;
}

export function createRestoreChecker(
  ports: Pick<Ports, "payments" | "control" | "clock" | "log">,
  scanner: Scanner,
): RestoreChecker {
  const stopping = new AbortController();
  let loop: Promise<void> | undefined;
  /** Known for good: there was no restore, or its list was read whole. A restore needs a new process. */
  let final: { readonly check: RestoreCheck | undefined } | undefined;

  async function current(): Promise<RestoreCheck | undefined> {
    if (final !== undefined) return final.check;
    const check = await readRestoreCheck(ports);
    if (check === undefined || check.checkedAt !== undefined) final = { check };
    return check;
  }

  async function look(): Promise<void> {
    const check = await current();
    if (check !== undefined && final === undefined) {
      await continueRestoreCheck(ports, scanner, check);
    }
  }

  async function looks(): Promise<void> {
    while (final === undefined && !stopping.signal.aborted) {
      try {
        await look();
      } catch (error) {
        ports.log.error("worker_failed", { worker: "restore_check", error });
      }
      if (final === undefined) await ports.clock.sleep(LOOK_EVERY_MS, stopping.signal);
    }
  }

  return {
    start() {
      loop ??= looks();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
    whyMaybePaid: async (payment) => whyMaybePaid(payment, await current()),
  };
}
