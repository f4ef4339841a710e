// Finds a payment by our id or Konsol's, asking Konsol first when the caller wants the latest.

import type { Cause, Payment } from "../domain/payment.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Ports } from "./ports.ts";
import { providerRefusal } from "./provider_refusal.ts";
import { refreshPayment, type RefreshPorts } from "./refresh_payment.ts";

export async function findPayment(
  ports: Pick<Ports, "payments">,
  id: string,
): Promise<Payment> {
  const payment = await ports.payments.get(id) ?? await ports.payments.getByKonsolId(id);
  if (payment === undefined) {
    throw new Refusal("payment_not_found", "Cannot find the payment as no payment has this id");
  }
  return payment;
}

export async function getPayment(
  ports: RefreshPorts,
  id: string,
  options: { readonly refresh: boolean },
  cause: Cause,
): Promise<Payment> {
  const payment = await findPayment(ports, id);
  if (!options.refresh || payment.konsolId === undefined) return payment;
  const refreshed = await refreshPayment(ports, payment, cause);
  if (refreshed.unavailable) throw providerRefusal("refresh the payment", refreshed.unavailable);
  return refreshed.payment;
}
