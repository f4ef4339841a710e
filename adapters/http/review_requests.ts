// Reads a person's decision on a payment in review, and their word on pausing, into what the use cases take.

import { z } from "zod";
import type { ReviewDecision } from "../../application/decide_review.ts";
import { checkFields, noUnknownFields, type RawFields } from "./check_fields.ts";
import {
  type Checked,
  FINE,
  isGiven,
  problemsOf,
  right,
  together,
  valueOrThrow,
  wrong,
} from "./checked.ts";
import { id, parseDayOrTime, personName, via, words } from "./fields.ts";

const REASON_LENGTH_MAX = 1000;
const CONFIRMATION_LENGTH_MAX = 2000;

const SIGNED = { reason: words(REASON_LENGTH_MAX), by: personName };

const RESUMPTION = {
  ...SIGNED,
  lacking_payments: z.int().nonnegative().optional(),
  unscanned: z.literal(true).optional(),
};

const DECISION = {
  attempt: z.int().nonnegative(),
  decision: z.enum(["paid", "not_paid", "acknowledge"]),
  konsol_id: id.optional(),
  then: z.enum(["resubmit", "fail"]).optional(),
  konsol_confirmation: words(CONFIRMATION_LENGTH_MAX).optional(),
  since: z.string().transform(via(parseDayOrTime)).optional(),
  ...SIGNED,
};

/** Strict: what belongs to the other decision is wrong, as a half-changed mind moves money. */
export function readReviewDecision(body: RawFields): ReviewDecision {
  const fields = checkFields(DECISION, body);
  const { attempt, decision, reason, by, konsol_id, then, konsol_confirmation, since } = fields;
  const signed = { attempt, reason, by };
  const unknown = noUnknownFields(DECISION, body);
  if (!decision.ok) {
    return valueOrThrow(
      problemsOf(...Object.values(fields), unknown),
    );
  }
  const noId = leftOut("konsol_id", konsol_id);
  const noThen = leftOut("then", then);
  const noSince = leftOut("since", since);
  const noConfirmation = leftOut("konsol_confirmation", konsol_confirmation);
  switch (decision.value) {
    case "paid": {
      const konsolId = required("konsol_id", konsol_id);
      const paid = { ...signed, decision: right("paid" as const), konsolId };
      return valueOrThrow(together(paid, noThen, noConfirmation, noSince, unknown));
    }
    case "not_paid": {
      const notPaid = {
        ...signed,
        decision: right("not_paid" as const),
        then: required("then", then),
        konsolConfirmation: konsol_confirmation,
      };
      return valueOrThrow(together(notPaid, noId, noSince, unknown));
    }
    case "acknowledge": {
      const known = {
        ...signed,
        decision: right("acknowledge" as const),
        since: required("since", since),
      };
      return valueOrThrow(together(known, noId, noThen, noConfirmation, unknown));
    }
  }
}

/** Who pauses or resumes, and why. */
export function readSigned(body: RawFields): { readonly reason: string; readonly by: string } {
  return valueOrThrow(together(checkFields(SIGNED, body), noUnknownFields(SIGNED, body)));
}

/** After a restore also how many lacking payments were looked at, or that Konsol's list could not be had. */
export function readResumption(body: RawFields) {
  const { reason, by, lacking_payments, unscanned } = checkFields(RESUMPTION, body);
  return valueOrThrow(together(
    { reason, by, lackingPayments: lacking_payments, unscanned },
    noUnknownFields(RESUMPTION, body),
  ));
}

function required<T>(name: string, field: Checked<T | undefined>): Checked<T> {
  if (!field.ok) return field;
  if (field.value !== undefined) return right(field.value);
  return wrong(name, "required", "Send this field: it is required for this decision.");
}

function leftOut(name: string, field: Checked<unknown>): Checked<unknown> {
  if (!isGiven(field)) return FINE;
  return wrong(name, "not_for_this_decision", "Leave this out: this decision does not use it.");
}
