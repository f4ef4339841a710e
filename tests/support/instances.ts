// What stands beside the rig's application: its steps one by one, other instances, and a Konsol list that shows enough.

import { createApplication } from "../../application/application.ts";
import type { Ports, Settings } from "../../application/ports.ts";
import { resolveDoubt } from "../../application/resolve_doubt.ts";
import { createRestoreChecker } from "../../application/restore_checker.ts";
import { createScanner } from "../../application/scanner.ts";
import { createSubmissionGate } from "../../application/submission_gate.ts";
import type { SubmitSteps } from "../../application/submit_payment.ts";
import type { Payment } from "../../domain/payment.ts";
import { SCANS_APART_MS } from "../../domain/scan.ts";
import type { Rig } from "./application_rig.ts";
import { claimed, MINUTE, queued } from "./payment_states.ts";

/** Scans with a scanner of its own, as a process that has just started. */
export function resolverOf({ ports, settings }: Rig): SubmitSteps["resolve"] {
  const scanner = createScanner(ports);
  return (payment) => resolveDoubt(ports, settings, scanner, payment);
}

/** Gate and resolver of a process that has just started. */
export function stepsOf(rig: Rig): SubmitSteps {
  const { whyMaybePaid } = createRestoreChecker(rig.ports, createScanner(rig.ports));
  return { gate: createSubmissionGate(rig.ports), resolve: resolverOf(rig), whyMaybePaid };
}

/** Another process on the same stores and the same Konsol. */
export function anotherInstance(
  rig: Rig,
  settings: Partial<Settings> = {},
  ports: Partial<Ports> = {},
): ReturnType<typeof createApplication> {
  const own = { ...rig.settings, instance: "another", ...settings };
  return createApplication({ ...rig.ports, ...ports }, own);
}

/** A payment of ours that was sent just now and that Konsol's list shows: the list has come this far. */
export async function witness(rig: Rig): Promise<Payment> {
  const payment = await rig.put(claimed(queued(), rig.clock.now()));
  rig.konsol.create(payment);
  const konsolId = `konsol_${rig.konsol.executed}`;
  const sent = { submission: "submitted", lease: undefined, dueAt: undefined, konsolId } as const;
  return await rig.overwrite(payment, { ...payment, ...sent });
}

/** Has the payment looked for twice, a minute apart and after a witness: enough to call it absent. */
export async function scanTwice(
  rig: Rig,
  resolve: SubmitSteps["resolve"],
  id: string,
): Promise<Payment> {
  await rig.clock.advance(6_000);
  await witness(rig);
  await resolve(await rig.stored(id));
  await rig.clock.advance(SCANS_APART_MS);
  return await resolve(await rig.stored(id));
}

/** A person calls it not paid, by Konsol's own written word. */
export async function calledNotPaid(
  { application }: Pick<Rig, "application">,
  { id }: Payment,
  reason = "said so",
): Promise<Payment> {
  return await application.decideReview(id, {
    decision: "not_paid",
    attempt: 1,
    then: "fail",
    reason,
    by: "anna",
    konsolConfirmation: "letter 7",
  });
}

/** The workers run for so long; what is under way at the end is waited for. */
export async function workFor(
  rig: Rig,
  ms: number,
  workers: Rig["workers"] = rig.workers,
): Promise<void> {
  workers.start();
  await rig.clock.advance(ms);
  rig.gateway.release();
  const stopped = workers.stop();
  await rig.clock.advance(MINUTE);
  await stopped;
}

export function alarmsOf({ log }: Pick<Rig, "log">): unknown[] {
  return log.of("alarm").map(({ alarm }) => alarm);
}
