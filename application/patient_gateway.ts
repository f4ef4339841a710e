// The gateway as requests see it: while Konsol does not answer, they are told at once instead of waiting for it.

import type { PaymentGateway, Unavailable } from "./provider_ports.ts";
import type { SubmissionGate } from "./submission_gate.ts";

/** The same calls, but answered `circuit_open` while the breaker is open; creates have their own gate. */
export function patientGateway(
  gateway: PaymentGateway,
  gate: Pick<SubmissionGate, "openFor">,
): PaymentGateway {
  async function ask<Answer>(call: () => Promise<Answer>): Promise<Answer | Unavailable> {
    const retryAfterMs = gate.openFor();
    if (retryAfterMs === undefined) return await call();
    return { kind: "unavailable", reason: "circuit_open", retryAfterMs };
  }
  return {
    createPayment: (request, window) => gateway.createPayment(request, window),
    getPayment: (konsolId) => ask(() => gateway.getPayment(konsolId)),
    listPayments: (request) => ask(() => gateway.listPayments(request)),
    updatePayment: (konsolId, changes) => ask(() => gateway.updatePayment(konsolId, changes)),
    cancelPayment: (konsolId) => ask(() => gateway.cancelPayment(konsolId)),
    getBalance: () => ask(() => gateway.getBalance()),
  };
}
