// /konsol/claims: an accepted claim becomes a payment by itself.

import { Hono } from "hono";
import { z } from "zod";
import type { AcceptClaimCommand } from "../../application/accept_claim.ts";
import type { Application } from "../../application/application.ts";
import { CLAIM_ID } from "../../domain/claim.ts";
import { answerCreated } from "./answer_created.ts";
import { checkFields, noUnknownFields, type RawFields } from "./check_fields.ts";
import { type Checked, right, together, valueOrThrow, wrong } from "./checked.ts";
import { id, userId } from "./fields.ts";
import { prefersAsync } from "./handles.ts";
import { amount, checkAmount } from "./money_fields.ts";
import type { RequestRules } from "./payment_requests.ts";
import { readFields } from "./read_body.ts";
import { checkRecipient, recipientTable } from "./recipient_fields.ts";
import { causeOf, type HttpEnv } from "./request_frame.ts";

/** Claims have no other. */
const CURRENCY = right("RUB");

export function claimRoutes(application: Application, rules: RequestRules): Hono<HttpEnv> {
  const readAcceptClaim = acceptClaimReader(rules);
  const routes = new Hono<HttpEnv>();

  routes.post("/:claim_id/accept", async (c) => {
    const body = await readFields(c.req.raw);
    const command = readAcceptClaim(c.req.param("claim_id"), body, c.req.raw.headers);
    const created = await application.acceptClaim(command, causeOf(c));
    return answerCreated(c, created, command.respondAsync);
  });

  return routes;
}

function acceptClaimReader(rules: RequestRules) {
  const table = {
    amount,
    user_id: userId,
    payment_method: z.enum(["card", "phone"]),
    ...recipientTable(rules),
    retry_of: id.optional(),
  };
  return (claimId: string, body: RawFields, headers: Headers): AcceptClaimCommand => {
    const fields = checkFields(table, body);
    const command: Checked<AcceptClaimCommand> = together({
      claimId: checkClaimId(claimId),
      amountMinor: checkAmount(fields.amount, CURRENCY, rules.amountLimit),
      userId: fields.user_id,
      recipient: checkRecipient(fields.payment_method, fields),
      retryOf: fields.retry_of,
      respondAsync: right(prefersAsync(headers) || undefined),
    }, noUnknownFields(table, body));
    return valueOrThrow(command);
  };
}

function checkClaimId(claimId: string): Checked<string> {
  if (CLAIM_ID.test(claimId)) return right(claimId);
  return wrong(
    "claim_id",
    "claim_id_invalid",
    "Send a claim id of 1 to 100 letters, digits, dots, dashes and underscores that begins with a " +
      "letter or digit and does not end in _r and a number.",
  );
}
