// What a use case throws when the caller asked for something that cannot be done: a closed list of codes.

export const REFUSAL_CODES = [
  "payment_not_found",
  "invoice_not_found",
  "webhook_not_found",
  "idempotency_key_reused",
  "external_id_reused",
  "handles_name_two_payments",
  "claim_accepted_differently",
  "claim_retry_not_allowed",
  "payment_not_cancellable",
  "status_change_not_allowed",
  "provider_did_not_apply",
  "webhook_not_json",
  "webhook_without_id",
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
