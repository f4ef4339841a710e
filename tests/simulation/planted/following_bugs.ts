// Bugs to plant in what Konsol's reports and webhooks do.

import type { PlantedBug } from "./planted_bug.ts";

const FOLLOWING = "domain/payment_following.ts";
const CHANGE = "domain/payment_change.ts";

export const FOLLOWING_BUGS: readonly PlantedBug[] = [
  {
    name: "T12 without comparing the amount",
    file: FOLLOWING,
    from: "if (differing.length > 0) {",
    to: 'if (differing.some((field) => field !== "amount")) {',
  },
  {
    name: "T12 without comparing anything",
    file: FOLLOWING,
    from: "const differing = differingFields(payment, reported);",
    to: "const differing: string[] = [];",
  },
  {
    name: "a webhook is trusted without asking",
    file: "application/process_webhook.ts",
    from: "const { unavailable } = await refreshPayment(ports, payment, cause);",
    to: `const { status } = (webhook.body as { data?: { status?: string } }).data ?? {};
  const said = { createPayment: ports.gateway.createPayment, getPayment: () => Promise.resolve({ kind: "found", payment: {
    konsolId: webhook.konsolId, status, statusText: String(status), amountMinor: payment.amountMinor } }) };
  const { unavailable } = await refreshPayment(
    { ...ports, gateway: said as unknown as typeof ports.gateway }, payment, cause);`,
  },
  {
    name: "a client's word makes it completed",
    file: "application/update_payment.ts",
    from: "return await confirmAtKonsol(ports, payment, status, answer, cause);",
    to:
      `const said = { ...ports.gateway, getPayment: () => Promise.resolve({ kind: "found", payment: {
    konsolId: payment.konsolId, status, statusText: status, amountMinor: payment.amountMinor } }) };
  return await confirmAtKonsol(
    { ...ports, gateway: said as unknown as typeof ports.gateway }, payment, status, answer, cause);`,
  },
  {
    name: "an open status overwrites an end",
    file: CHANGE,
    from: "const status = furtherStatus(payment.status, patch.status ?? payment.status);",
    to: "const status = patch.status ?? payment.status;",
  },
  {
    name: "polling is not planned again after a failure",
    file: "application/follow_payment.ts",
    from: "const dueAt = ports.clock.now() + lookDelay(ports.chance, looks);",
    to: "const dueAt = ports.clock.now() + 1e11;",
  },
  {
    name: "the next poll is never",
    file: FOLLOWING,
    from: "const patch = { ...told, status, dueAt: lookAt, looks, missingAt: [] };",
    to: "const patch = { ...told, status, dueAt: undefined, looks, missingAt: [] };",
  },
  {
    name: "one 404 is enough to give up an id",
    file: FOLLOWING,
    from: "if (missingAt.length >= MISSING_LIMIT) {",
    to:
      'if (missingAt.length >= 1) {\n    return settle(payment, "failed", {}, { move: "T12", now, cause });',
  },
  {
    name: "a late truth moves the end",
    file: FOLLOWING,
    from: "return flagDisagreement(looked, `Konsol now says ${reported.statusText}`, now, cause);",
    to: "return { ...looked, status: reported.status };",
  },
  {
    name: "a late truth is not told",
    file: FOLLOWING,
    from: "return flagDisagreement(looked, `Konsol now says ${reported.statusText}`, now, cause);",
    to: "return looked;",
  },
  {
    name: "no late looks",
    file: CHANGE,
    from: "dueAt: dueOnceSettled(payment, how.now),",
    to: "dueAt: undefined,",
  },
  {
    name: "external_id alone makes it ours",
    file: "domain/provider_payment.ts",
    from: 'reasons.push("metadata.payment_id is missing");',
    to: "reasons.push();",
  },
  {
    name: "a webhook is worked off for good without an answer",
    file: "application/process_webhook.ts",
    from: "if (unavailable === undefined) return finishWebhook(webhook, payment.id, now);",
    to: "if (unavailable !== 0 as unknown) return finishWebhook(webhook, payment.id, now);",
  },
  {
    name: "the card's number stays after the end",
    file: CHANGE,
    from: "recipient: shredNumber(payment.recipient),\n  }, how);",
    to: "}, how);",
  },
  {
    name: "one 404 takes an id to a person",
    file: FOLLOWING,
    from: "export const MISSING_LIMIT = 3;",
    to: "export const MISSING_LIMIT = 1;",
  },
  {
    name: "a status from before the end contradicts it",
    file: FOLLOWING,
    from: "now - payment.submissionSince < STALE_MAX_MS",
    to: "now - payment.submissionSince < 0",
  },
  {
    name: "each report is taken to differ",
    file: FOLLOWING,
    from: "if (differing.length > 0) {",
    to: "if (differing.length >= 0) {",
  },
  {
    name: "T12 without comparing the recipient",
    file: "domain/provider_payment.ts",
    from: "...differingRecipient(payment, reported.recipient),",
    to: "",
  },
  {
    name: "T12 without comparing the currency",
    file: "domain/provider_payment.ts",
    from: '...differs("currency", reported.currency, payment.currency),',
    to: "",
  },
  {
    name: "T12 without comparing the reference",
    file: "domain/provider_payment.ts",
    from:
      '...differs("metadata.payment_id", reported.paymentId, payment.lostPaymentId ?? payment.id),',
    to: "",
  },
  {
    name: "an update takes our reference out of Konsol's metadata",
    file: "application/update_payment.ts",
    from: "metadata: metadata && konsolMetadata(payment, metadata)",
    to: "metadata",
  },
  {
    name: "polling stops beside a candidate that cannot be asked for",
    file: "application/follow_payment.ts",
    from:
      'return await resolve(payment);\n  if (payment.submission === "submitted") return await poll(ports, payment);',
    to:
      'return await resolve(payment);\n  if (payment.submission === "submitted") return await waitLonger(ports, payment);',
  },
  {
    name: "a webhook is worked off by an answer from before it",
    file: "application/ask_budget.ts",
    from: "(lastAnswered.get(konsolId) ?? -Infinity) > since;",
    to: "(lastAnswered.get(konsolId) ?? -Infinity) > since - 1e12;",
  },
];
