// What a use case throws when the caller asked for something that cannot be done: a closed list of codes.

export const REFUSAL_CODES = [
  "payment_not_found",
  "invoice_not_found",
  "webhook_not_found",
  "callback_not_found",
  "event_not_found",
  "idempotency_key_reused",
  "external_id_reused",
  "handles_name_two_payments",
  "too_many_repeats_differ",
  "claim_accepted_differently",
  "claim_retry_not_allowed",
  "payment_not_cancellable",
  "status_change_not_allowed",
  "provider_did_not_apply",
  "payment_not_in_review",
  "nothing_to_acknowledge",
  "review_outdated",
  "review_too_early",
  "review_resubmit_not_possible",
  "card_number_gone",
  "card_number_in_text",
  "restore_not_checked",
  "restore_lacks_payments",
  "konsol_payment_not_found",
  "konsol_payment_does_not_fit",
  "webhook_not_json",
  "webhook_without_id",
  "webhook_inbox_full",
  "konsol_id_reused",
  "invoice_status_not_forward",
  "changed_meanwhile",
  "provider_timeout",
  "provider_circuit_open",
  "provider_failed",
  "store_unavailable",
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

export interface FieldProblem {
  /** The wire name of the field, dotted for nested ones. */
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

export interface RefusalDetails {
  readonly fields?: readonly FieldProblem[];
  /** Konsol's own words, redacted before they are shown. */
  readonly provider?: unknown;
  readonly retryAfterMs?: number;
  /** Epoch milliseconds from which the same request would be allowed. */
  readonly allowedFrom?: number;
}

/** Message: `Cannot <action> <thing> as <rule>: <current state>`; no secrets, no personal data. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    readonly code: RefusalCode,
    message: string,
    readonly details: RefusalDetails = {},
  ) {
    super(message);
  }
}
