// Saves a changed payment and logs the state change; or reads it again and decides anew when it was changed meanwhile.

import type { Payment } from "../domain/payment.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Ports, Saved } from "./ports.ts";

/** How often one change is decided anew before the caller is told to come again. */
const RACES_MAX = 10;

type SavePorts = Pick<Ports, "payments" | "log">;

/** Compare-and-set of `after` over `before`. */
export async function savePayment(
  ports: SavePorts,
  before: Payment,
  after: Payment,
): Promise<Saved<Payment>> {
  const saved = await ports.payments.save(before, after);
  if (saved.kind === "saved") logChange(ports.log, before, saved.item);
  return saved;
}

/**
 * Applies `decide` to the payment as it is now, however many others change it at the same time. `decide`
 * returns its argument unchanged for "nothing to do". Throws `changed_meanwhile` when the races do not end.
 */
export async function changePayment(
  ports: SavePorts,
  payment: Payment,
  decide: (current: Payment) => Payment,
): Promise<Payment> {
  let current = payment;
  for (let race = 0; race < RACES_MAX; race++) {
    const after = decide(current);
    if (after === current) return current;
    const saved = await savePayment(ports, current, after);
    if (saved.kind === "saved") return saved.item;
    if (saved.kind === "konsol_id_taken") return await alarmTaken(ports, current, after);
    if (saved.kind === "idempotency_key_taken") throw keyTaken(current);
    current = await ports.payments.get(payment.id) ?? current;
  }
  throw new Refusal(
    "changed_meanwhile",
    `Cannot change payment ${payment.id} as others keep changing it: ${current.submission}`,
  );
}

function keyTaken({ id }: Payment): Refusal {
  return new Refusal(
    "handles_name_two_payments",
    `Cannot answer with payment ${id}, which has the external_id, as another has the Idempotency-Key`,
  );
}

async function alarmTaken(ports: SavePorts, current: Payment, after: Payment): Promise<Payment> {
  // What is taken is there.
  const owner = await ports.payments.getByKonsolId(after.konsolId as string);
  ports.log.error("alarm", {
    alarm: "konsol_id_is_another_payments",
    payment_id: current.id,
    konsol_id: after.konsolId,
    owner_payment_id: owner?.id,
  });
  return current;
}

/** One line for the newest change, if there is one; `before` is absent for a payment that is new (T1). */
export function logChange(log: Ports["log"], before: Payment | undefined, after: Payment): void {
  const event = after.history.at(-1);
  if (event === undefined || after.history.length === before?.history.length) return;
  log.info("state_change", {
    payment_id: after.id,
    konsol_id: after.konsolId,
    move: event.move,
    from: before?.submission,
    to: after.submission,
    status: after.status,
    attempt: after.attempt,
    cause: event.cause.kind,
    cause_id: event.cause.id,
    note: event.note,
  });
}
