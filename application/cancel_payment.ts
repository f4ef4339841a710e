// Cancels a payment: at once while it is queued, through Konsol once it is submitted, not at all in between.

import type { Cause, Payment } from "../domain/payment.ts";
import { cancelQueued, notCancellable } from "../domain/payment_sending.ts";
import { Refusal } from "../domain/refusal.ts";
import { findPayment } from "./get_payment.ts";
import type { Applied, Unavailable } from "./provider_ports.ts";
import { providerRefusal } from "./provider_refusal.ts";
import { refreshPayment, type RefreshPorts } from "./refresh_payment.ts";
import { changePayment } from "./save_payment.ts";

export async function cancelPayment(
  ports: RefreshPorts,
  id: string,
  cause: Cause,
): Promise<Payment> {
  const now = ports.clock.now();
  const found = await findPayment(ports, id);
  const payment = await changePayment(
    ports,
    found,
    (current) => current.submission === "queued" ? cancelQueued(current, now, cause) : current,
  );
  if (payment.status === "cancelled") return payment;
  if (payment.submission !== "submitted") throw notCancellable(payment);
  const answer = await ports.gateway.cancelPayment(payment.konsolId ?? "");
  return await confirmAtKonsol(ports, payment, "cancelled", answer, cause);
}

/** Whatever Konsol answered to a change, only a GET that shows it makes it true; anything else is a refusal. */
export async function confirmAtKonsol(
  ports: RefreshPorts,
  payment: Payment,
  wanted: Payment["status"],
  answer: Applied | Unavailable,
  cause: Cause,
): Promise<Payment> {
  const action = `set payment ${payment.id} to ${wanted}`;
  const { payment: shown, unavailable } = await refreshPayment(ports, payment, cause);
  if (shown.status === wanted) return shown;
  if (unavailable) throw providerRefusal(action, unavailable);
  if (answer.kind === "unavailable") throw providerRefusal(action, answer);
  throw new Refusal(
    "provider_did_not_apply",
    `Cannot ${action} as Konsol did not apply it: ${shown.status}`,
    answer.kind === "refused" ? { provider: answer.words } : {},
  );
}
