// Creates a payment: stored durably first, then submitted at once; the same handle never makes two.

import type { Bank } from "../domain/bank.ts";
import type { CardNumber } from "../domain/card_number.ts";
import {
  acceptPayment,
  type Cause,
  type Metadata,
  type Payment,
  type PaymentRequest,
} from "../domain/payment.ts";
import type { Recipient } from "../domain/recipient.ts";
import { type FieldProblem, Refusal, type RefusalCode } from "../domain/refusal.ts";
import { cardNumberInText, textsWithCardNumber } from "./card_number_in_text.ts";
import type { RecipientGuesses } from "./recipient_guesses.ts";
import type { Inserted, Ports, Settings } from "./ports.ts";
import { changePayment, logChange } from "./save_payment.ts";
import type { Submitter } from "./submitter.ts";

/** The recipient as a caller names it; the number is in clear here and nowhere after. */
export type NamedRecipient =
  | { readonly kind: "card"; readonly card: CardNumber }
  | { readonly kind: "phone"; readonly phoneNumber: string; readonly bank: Bank };

/** At least one of `externalId` and `idempotencyKey` is there: without a handle a retry would pay twice. */
export interface CreatePaymentCommand {
  readonly amountMinor: number;
  readonly currency: string;
  readonly recipient: NamedRecipient;
  readonly description?: string;
  readonly userId?: number;
  readonly externalId?: string;
  readonly idempotencyKey?: string;
  readonly callbackUrl?: string;
  readonly metadata?: Metadata;
  /** Answer as soon as it is stored. */
  readonly respondAsync?: boolean;
}

/** `replayed`: the payment was there before, asked for in the same words. */
export interface Created {
  readonly payment: Payment;
  readonly replayed: boolean;
}

type CreatePorts = Pick<Ports, "payments" | "clock" | "ids" | "vault" | "log">;

export async function createPayment(
  ports: CreatePorts,
  settings: Pick<Settings, "submitWaitMs">,
  { submitter, guesses }: { readonly submitter: Submitter; readonly guesses: RecipientGuesses },
  command: CreatePaymentCommand,
  cause: Cause,
): Promise<Created> {
  await assertNoCardInTexts(ports, command);
  const id = ports.ids.next("pay");
  const request = paymentRequest(ports.vault, id, command);
  const payment = acceptPayment(id, request, ports.clock.now(), cause);
  const inserted = await ports.payments.insertOrGet(payment);
  if (inserted.kind === "exists") {
    const found = sameRequest(inserted, request, guesses);
    return { payment: await bindKey(ports, found, command.idempotencyKey), replayed: true };
  }
  logChange(ports.log, undefined, inserted.payment);
  const submission = submitter.submit(inserted.payment);
  if (command.respondAsync) return { payment: inserted.payment, replayed: false };
  const submitted = await firstOf(ports.clock, submission, settings.submitWaitMs);
  const latest = submitted ?? await ports.payments.get(id) ?? inserted.payment;
  return { payment: latest, replayed: false };
}

/** What is there from before this was refused is repeated as it was: a refusal would invite another payment. */
async function assertNoCardInTexts(
  { payments }: Pick<Ports, "payments">,
  command: CreatePaymentCommand,
): Promise<void> {
  const { recipient, externalId } = command;
  if (recipient.kind !== "card") return;
  const holders = textsWithCardNumber(recipient.card, {
    description: command.description,
    external_id: externalId,
    "Idempotency-Key": command.idempotencyKey,
    callback_url: command.callbackUrl,
    metadata: command.metadata,
  });
  if (holders.length === 0) return;
  const repeated = externalId === undefined
    ? undefined
    : await payments.getByExternalId(externalId);
  if (repeated === undefined) throw cardNumberInText(holders);
}

/** A key that was answered with this payment makes no other one, whatever `external_id` comes with it next. */
async function bindKey(
  ports: CreatePorts,
  payment: Payment,
  idempotencyKey: string | undefined,
): Promise<Payment> {
  return idempotencyKey === undefined ? payment : await changePayment(
    ports,
    payment,
    (current) => current.idempotencyKey === undefined ? { ...current, idempotencyKey } : current,
  );
}

/** The submission's payment, or undefined when it takes longer: the submission itself goes on. */
async function firstOf(
  clock: Ports["clock"],
  submission: Promise<Payment | undefined>,
  waitMs: number,
): Promise<Payment | undefined> {
  const answered = new AbortController();
  const waited = clock.sleep(waitMs, answered.signal).then(() => undefined);
  try {
    return await Promise.race([submission, waited]);
  } finally {
    answered.abort("answered");
  }
}

function paymentRequest(
  vault: Ports["vault"],
  id: string,
  command: CreatePaymentCommand,
): PaymentRequest {
  const { recipient: named, respondAsync: _, ...fields } = command;
  const recipient = keptRecipient(vault, id, named);
  return { ...fields, recipient, fieldHashes: fieldHashes(vault, command) };
}

export function keptRecipient(vault: Ports["vault"], id: string, named: NamedRecipient): Recipient {
  if (named.kind === "phone") {
    const { phoneNumber, bank } = named;
    return { kind: "phone", phoneNumber, bankId: bank.id, bankName: bank.name };
  }
  const { digits, ...shown } = named.card;
  return { kind: "card", ...shown, sealedNumber: vault.seal(digits, id) };
}

/** Each field as asked for, normalised and hashed: what a repeat is compared with, for ever. */
export function fieldHashes(
  vault: Ports["vault"],
  command: CreatePaymentCommand,
): Readonly<Record<string, string>> {
  const { recipient } = command;
  const to = recipient.kind === "card"
    ? { card_number: recipient.card.digits }
    : { phone_number: recipient.phoneNumber, bank: recipient.bank.id };
  const fields = {
    amount: command.amountMinor,
    currency: command.currency,
    description: command.description,
    ...to,
    user_id: command.userId,
    external_id: command.externalId,
    callback_url: command.callbackUrl,
    metadata: command.metadata,
  };
  const hashes = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [
      name,
      vault.fingerprint("request_field", `${name}=${canonicalJson(value)}`),
    ]);
  return Object.fromEntries(hashes);
}

/** JSON with sorted keys: equal values give equal texts. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, nested) =>
      nested !== null && typeof nested === "object" && !Array.isArray(nested)
        ? Object.fromEntries(Object.entries(nested).sort(([a], [b]) => (a < b ? -1 : 1)))
        : nested,
  );
}

/** The stored payment if it was asked for in the same words; otherwise a refusal naming what differs. */
export function sameRequest(
  found: Extract<Inserted, { kind: "exists" }>,
  request: Pick<PaymentRequest, "fieldHashes">,
  guesses: RecipientGuesses,
): Payment {
  const { byIdempotencyKey, byExternalId } = found;
  if (byIdempotencyKey && byExternalId && byIdempotencyKey.id !== byExternalId.id) {
    throw new Refusal(
      "handles_name_two_payments",
      `Cannot create payment as its two handles name two payments: ` +
        `${byIdempotencyKey.id} has the Idempotency-Key, ${byExternalId.id} has the external_id`,
      { fields: [differs("external_id")] },
    );
  }
  const stored = byIdempotencyKey ?? byExternalId;
  if (stored === undefined) throw new Error("insertOrGet gave neither an insert nor a payment");
  guesses.assertFew(stored.id);
  const fields = differingHashes(stored.fieldHashes, request.fieldHashes);
  if (fields.length === 0) return stored;
  if (fields.some((name) => isGuess(name, stored, request))) guesses.count(stored.id);
  const [code, handle]: [RefusalCode, string] = byIdempotencyKey
    ? ["idempotency_key_reused", "Idempotency-Key"]
    : ["external_id_reused", "external_id"];
  throw new Refusal(
    code,
    `Cannot create payment as its ${handle} is payment ${stored.id}'s, which differs in: ` +
      fields.join(", "),
    { fields: fields.map(differs) },
  );
}

function isGuess(
  name: string,
  ...both: readonly Pick<PaymentRequest, "fieldHashes">[]
): boolean {
  return (name === "card_number" || name === "phone_number") &&
    both.every(({ fieldHashes }) => fieldHashes[name] !== undefined);
}

function differs(field: string): FieldProblem {
  return { field, code: "differs", message: "differs from the payment that has this handle" };
}

function differingHashes(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]);
}
