// A store brought back from a backup starts fenced: what it thinks unsent may have been sent in the lost tail.

import type { Cause, Payment } from "../domain/payment.ts";
import { claimForSending, doubtAnew, expireLease } from "../domain/payment_sending.ts";
import type { Ports, Position } from "./ports.ts";
import { beginRestoreCheck } from "./restore_check.ts";
import { changePayment } from "./save_payment.ts";
import { setPause } from "./submission_gate.ts";
import { tellEvents } from "./tell_events.ts";

const BATCH = 100;

type FencePorts = Pick<Ports, "payments" | "control" | "clock" | "ids" | "writeEvent" | "log">;

/**
 * Pauses sending until a person resumes it, and puts every queued or submitting payment in doubt (T3 with
 * a lease that is over, then T7), so that each is looked for at Konsol before anything is sent again. What
 * was in doubt or review already may have been sent again: its horizon and its scans count from now.
 * Gives how many were put in doubt. Must end before the workers start.
 */
export async function fenceRestoredStore(outside: FencePorts, instance: string): Promise<number> {
  const ports = { ...outside, payments: tellEvents(outside, () => {}) };
  await setPause(ports, {
    paused: true,
    by: "service",
    reason: "the store came back from a backup: look at the reviews, then resume",
  });
  await beginRestoreCheck(ports);
  await doubtAgain(ports);
  let fenced = 0;
  for (;;) {
    const open = await ports.payments.due(["queued", "submitting"], Number.MAX_SAFE_INTEGER, BATCH);
    if (open.length === 0) return fenced;
    for (const payment of open) {
      await doubtPayment(ports, payment, instance);
      fenced++;
    }
  }
}

async function doubtAgain(ports: FencePorts): Promise<void> {
  let after: Position | undefined;
  do {
    const page = await ports.payments.list({ status: "processing" }, {
      perPage: BATCH,
      page: 1,
      after,
    });
    for (const payment of page.items) {
      const now = ports.clock.now();
      await changePayment(
        ports,
        payment,
        (current) => isParked(current) ? doubtAnew(current, now) : current,
      );
    }
    after = page.next;
  } while (after !== undefined);
}

/** Nobody knows Konsol's id for it, and by itself it is not sent. */
function isParked({ submission, konsolId }: Payment): boolean {
  return konsolId === undefined && (submission === "in_doubt" || submission === "review");
}

async function doubtPayment(ports: FencePorts, payment: Payment, owner: string): Promise<void> {
  const now = ports.clock.now();
  const cause: Cause = { kind: "timer", id: "restored from a backup" };
  const lease = { owner, sendNotAfter: now, until: now };
  const claimed = await changePayment(
    ports,
    payment,
    (current) =>
      current.submission === "queued"
        ? claimForSending(current, lease, now, { cause, firstClaimedAt: current.createdAt })
        : current,
  );
  await changePayment(
    ports,
    claimed,
    (current) =>
      current.submission === "submitting"
        ? doubtAnew(expireLease(current, now, now, cause), now)
        : current,
  );
}
