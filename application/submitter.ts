// Submits payments beside the requests: each once at a time in this process, so many at once, none after stop.

import type { Payment } from "../domain/payment.ts";
import type { InFlight } from "./in_flight.ts";
import type { Settings } from "./ports.ts";
import { submitPayment, type SubmitPorts, type SubmitSteps } from "./submit_payment.ts";

export interface Submitter {
  /** The payment after the try, or undefined when there is no place: then a worker takes it up soon. */
  submit(payment: Payment): Promise<Payment | undefined>;
}

export function createSubmitter(
  ports: SubmitPorts,
  settings: Settings,
  steps: SubmitSteps,
  inFlight: InFlight,
): Submitter {
  return {
    submit: (payment) =>
      inFlight.run(payment.id, () => submitPayment(ports, settings, steps, payment)),
  };
}
