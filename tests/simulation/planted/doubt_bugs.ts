// Bugs to plant in finding out about a payment in doubt.

import type { PlantedBug } from "./planted_bug.ts";

const REVIEW = "domain/payment_review.ts";
const SUBMIT = "application/submit_payment.ts";

export const DOUBT_BUGS: readonly PlantedBug[] = [
  {
    name: "resubmitted at once after an empty list",
    file: "application/resolve_doubt.ts",
    from: "if (now < horizon || !reachesHorizon(scan.shownUpTo, horizon)) return false;",
    to: "",
  },
  {
    name: "a list that lags behind the horizon is believed",
    file: REVIEW,
    from: "return shownUpTo !== undefined && shownUpTo > horizon;",
    to: "return horizon > 0;",
  },
  {
    name: "absence is believed of one scan",
    file: "domain/scan.ts",
    from: 'return unclear("the list shows no payment of ours that was sent after it");\n  }',
    to:
      'return unclear("the list shows no payment of ours that was sent after it");\n  }\n  if (scan.complete) return { kind: "absent" };',
  },
  {
    name: "a list that lags is believed",
    file: "domain/scan.ts",
    from: "if (scan.shownUpTo <= lastSendAt) {",
    to: "if (scan.shownUpTo <= -Infinity && lastSendAt < 0) {",
  },
  {
    name: "a short page is taken for the end of the list",
    file: "application/scanner.ts",
    from: "next = pageAfter(next.page * next.perPage);",
    to:
      "if (listed.payments.length < next.perPage) return await done(true, { from: -Infinity });\n    next = pageAfter(next.page * next.perPage);",
  },
  {
    name: "a few rows in order are taken for an ordered list",
    file: "application/scanner.ts",
    from: "reading.descents >= DESCENTS_MIN",
    to: "reading.descents >= 0",
  },
  {
    name: "an incomplete scan counts",
    file: "domain/scan.ts",
    from: "if (!scan.complete) return unclear(`the list could not be read whole: ${scan.gap}`);",
    to: "",
  },
  {
    name: "the claim is blind to evidence found while queued",
    file: SUBMIT,
    from: "if (payment.maybeSentAt !== undefined && !await isAccountedFor(ports, payment)) {",
    to: "if (payment.maybeSentAt !== undefined && payment.attempt < 0) {",
  },
  {
    name: "resubmitted although a webhook may be its",
    file: "application/resolve_doubt.ts",
    from: "if (await ports.webhooks.hasUnworked(webhooksSince(payment))) return false;",
    to: "",
  },
  {
    name: "a person may say not paid at any time",
    file: REVIEW,
    from: "    assertEvidence(payment, decision, rules, now);",
    to: "",
  },
  {
    name: "a person's decision on an older attempt counts",
    file: REVIEW,
    from: "if (payment.attempt !== attempt) {",
    to: "if (payment.attempt < attempt) {",
  },
  {
    name: "not paid without a scan",
    file: REVIEW,
    from: "if (now - (payment.cleanScanAt ?? -Infinity) > SCAN_FRESH_MS) {\n" +
      '    refuse("no fresh scan of Konsol\'s list was without it");\n  }\n' +
      "  if (!reachesHorizon(payment.cleanScanUpTo, horizon)) {",
    to: "if (now < 0) {",
  },
  {
    name: "what is in doubt stays so for ever",
    file: "application/resolve_doubt.ts",
    from:
      'const overdue = payment.submission === "in_doubt" && now >= parkTime(settings, payment);',
    to: "const overdue = now < 0;",
  },
  {
    name: "a restored store is not fenced",
    file: "application/fence_restored_store.ts",
    from: "if (open.length === 0) return fenced;",
    to: "if (open.length >= 0) return fenced;",
  },
  {
    name: "what was in doubt twice is sent again by the rule",
    file: "application/resolve_doubt.ts",
    from: "const DOUBTS_MAX = 2;",
    to: "const DOUBTS_MAX = 99;",
  },
  {
    name: "a reading from before the end of the send confirms another",
    file: "domain/scan.ts",
    from: "if (earlier.startedAt <= lastSendAt) {",
    to: "if (earlier.startedAt <= -Infinity) {",
  },
  {
    name: "a row that cannot be read is passed over",
    file: "application/scanner.ts",
    from:
      'if (listed.unreadable > 0) return await done(false, { gap: "a row cannot be read", from });',
    to: "",
  },
  {
    name: "sent again by the rule though RESUBMIT=never",
    file: "application/resolve_doubt.ts",
    from: 'if (settings.resubmit !== "after_horizon") return false;',
    to: "",
  },
  {
    name: "the daily budget of what is sent again is not kept",
    file: "application/resubmit_budget.ts",
    from: "if (count >= dailyMax) return false;",
    to: "",
  },
  {
    name: "what a restore lost is paid again",
    file: SUBMIT,
    from: "const maybePaid = await steps.whyMaybePaid(payment);",
    to: "const maybePaid = undefined as string | undefined;",
  },
  {
    name: "after a restore the old horizon goes on",
    file: "application/fence_restored_store.ts",
    from: "  await doubtAgain(ports);\n  let fenced",
    to: "  let fenced",
  },
];
