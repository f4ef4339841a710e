// Updates a payment: its description and metadata are ours, its status only moves as Konsol confirms.

import { type Cause, describePayment, type Metadata, type Payment } from "../domain/payment.ts";
import { furtherStatus, isEnd, type Status } from "../domain/payment_status.ts";
import { konsolMetadata } from "../domain/provider_payment.ts";
import { Refusal } from "../domain/refusal.ts";
import { cardNumberInText, textsWithCardNumber } from "./card_number_in_text.ts";
import { cancelPayment, confirmAtKonsol } from "./cancel_payment.ts";
import { findPayment } from "./get_payment.ts";
import type { ProviderChanges } from "./provider_ports.ts";
import type { RefreshPorts } from "./refresh_payment.ts";
import { changePayment } from "./save_payment.ts";

/** At least one is there. */
export interface PaymentChanges {
  readonly status?: Status;
  readonly description?: string;
  readonly metadata?: Metadata;
}

export async function updatePayment(
  ports: RefreshPorts,
  id: string,
  changes: PaymentChanges,
  cause: Cause,
): Promise<Payment> {
  const payment = await findPayment(ports, id);
  const { status, ...words } = changes;
  const { recipient } = payment;
  const holders = recipient.kind === "card" ? textsWithCardNumber(recipient, { ...words }) : [];
  if (holders.length > 0) throw cardNumberInText(holders);
  const moves = status !== undefined && status !== payment.status;
  const moved = moves ? await moveTo(ports, payment, status, words, cause) : payment;
  if (words.description === undefined && words.metadata === undefined) return moved;
  const now = ports.clock.now();
  const described = await changePayment(
    ports,
    moved,
    (current) => describePayment(current, words, now),
  );
  if (!moves) await passOn(ports, described, words);
  return described;
}

async function moveTo(
  ports: RefreshPorts,
  payment: Payment,
  status: Status,
  words: Omit<PaymentChanges, "status">,
  cause: Cause,
): Promise<Payment> {
  if (status === "cancelled") return await cancelPayment(ports, payment.id, cause);
  const forward = furtherStatus(payment.status, status) === status;
  if (payment.submission !== "submitted" || !forward) throw notAllowed(payment, status);
  const changes = { status, ...wordsForKonsol(payment, words) };
  const answer = await ports.gateway.updatePayment(payment.konsolId ?? "", changes);
  return await confirmAtKonsol(ports, payment, status, answer, cause);
}

function notAllowed(payment: Payment, status: Status): Refusal {
  return new Refusal(
    "status_change_not_allowed",
    `Cannot set payment ${payment.id} to ${status} as its moves now are: ${movesOf(payment)}`,
  );
}

function movesOf(payment: Payment): string {
  if (isEnd(payment.status)) return `none, it is ${payment.status} for good`;
  if (payment.submission === "submitted") {
    return "completed, failed or cancelled, if Konsol applies it";
  }
  const cancellable = payment.submission === "queued" && payment.maybeSentAt === undefined;
  return cancellable ? "cancelled" : `none, it is ${payment.submission.replace("_", " ")}`;
}

/** Konsol takes them or not: they are ours either way, so its answer changes nothing. */
async function passOn(
  ports: RefreshPorts,
  payment: Payment,
  words: Omit<PaymentChanges, "status">,
): Promise<void> {
  if (payment.submission !== "submitted" || payment.konsolId === undefined) return;
  await ports.gateway.updatePayment(payment.konsolId, wordsForKonsol(payment, words));
}

/** Konsol replaces metadata whole: without our reference in it the payment would not be ours any more. */
function wordsForKonsol(
  payment: Payment,
  { description, metadata }: Omit<PaymentChanges, "status">,
): Omit<ProviderChanges, "status"> {
  return { description, metadata: metadata && konsolMetadata(payment, metadata) };
}
