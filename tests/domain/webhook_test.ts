// Laws of domain/webhook.ts.

import assert from "node:assert/strict";
import {
  askAgain,
  deferWebhook,
  finishWebhook,
  ORPHAN_MAX_AGE_MS,
  postponeWebhook,
  receiveWebhook,
  repeatWebhook,
  type Webhook,
  type WebhookNotice,
} from "../../domain/webhook.ts";
import { HOUR, MINUTE, NOW } from "../support/payment_states.ts";

const LATER = NOW + MINUTE;
const ORPHAN = { orphan: true, error: "unknown payment" };
const FAILED = { orphan: false, error: "Konsol could not be asked" };

const notice: WebhookNotice = {
  event: "payment.completed",
  konsolId: "konsol_1",
  body: { event: "payment.completed", data: { id: "konsol_1" } },
  bodyHash: "body_hash",
  signature: "absent",
};

function received(): Webhook {
  return receiveWebhook("whk_1", notice, NOW);
}

/** The webhook after `tries` tries in vain, each as soon as it was due. */
function postponed(tries: number, why = ORPHAN): Webhook {
  let webhook = received();
  for (let tried = 0; tried < tries; tried++) {
    webhook = postponeWebhook(webhook, why, webhook.dueAt ?? NOW);
  }
  return webhook;
}

Deno.test("receiveWebhook() keeps the notice, due at once", () => {
  assert.deepEqual(received(), {
    ...notice,
    id: "whk_1",
    version: 1,
    state: "received",
    receivedAt: NOW,
    lastReceivedAt: NOW,
    wantedSince: NOW,
    received: 1,
    tries: 0,
    dueAt: NOW,
  });
});

Deno.test("repeatWebhook() is the same webhook, counted once more and wanted anew", () => {
  const done = finishWebhook(received(), "pay_1", NOW);
  const repeated = repeatWebhook(done, LATER);
  const { id, receivedAt, lastReceivedAt, wantedSince, dueAt, state } = repeated;
  assert.deepEqual(
    { id, receivedAt, lastReceivedAt, wantedSince, dueAt, state, received: repeated.received },
    {
      id: "whk_1",
      receivedAt: NOW,
      lastReceivedAt: LATER,
      wantedSince: LATER,
      dueAt: LATER,
      state: "received",
      received: 2,
    },
  );
});

Deno.test("askAgain() wants it anew with all its tries, and counts no arrival", () => {
  const again = askAgain(postponed(5), LATER);
  const { state, tries, dueAt, wantedSince, error } = again;
  assert.deepEqual({ state, tries, dueAt, wantedSince, error, received: again.received }, {
    state: "received",
    tries: 0,
    dueAt: LATER,
    wantedSince: LATER,
    error: undefined,
    received: 1,
  });
});

Deno.test("finishWebhook() is processed for the payment, nothing due, no error left", () => {
  const done = finishWebhook(postponed(2), "pay_1", LATER);
  const { state, paymentId, processedAt, dueAt, error, tries } = done;
  assert.deepEqual({ state, paymentId, processedAt, dueAt, error, tries }, {
    state: "processed",
    paymentId: "pay_1",
    processedAt: LATER,
    dueAt: undefined,
    error: undefined,
    tries: 3,
  });
});

Deno.test("deferWebhook() only moves the time: waiting for the budget is no try", () => {
  assert.deepEqual(deferWebhook(received(), LATER), { ...received(), dueAt: LATER });
});

Deno.test("postponeWebhook() waits 1 s, then twice as long each time, at most 15 min", () => {
  const waits = [1, 2, 3, 4, 10, 11, 50].map((tries) => {
    const before = postponed(tries - 1);
    return (postponed(tries).dueAt ?? 0) - (before.dueAt ?? 0);
  });
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 512_000, 15 * MINUTE, 15 * MINUTE]);
});

Deno.test("postponeWebhook() keeps the error and the count of tries", () => {
  const { error, tries } = postponed(3, FAILED);
  assert.deepEqual([error, tries], ["Konsol could not be asked", 3]);
});

Deno.test("postponeWebhook() calls it an orphan or still received, by the reason", () => {
  assert.equal(postponed(1, ORPHAN).state, "orphan");
  assert.equal(postponed(1, FAILED).state, "received");
});

Deno.test("postponeWebhook() gives up after a day since it was last wanted", () => {
  const at = (now: number, why = ORPHAN) => postponeWebhook(received(), why, now);
  assert.notEqual(at(NOW + ORPHAN_MAX_AGE_MS - 1).dueAt, undefined);
  assert.equal(at(NOW + ORPHAN_MAX_AGE_MS).dueAt, undefined);
  assert.equal(at(NOW + ORPHAN_MAX_AGE_MS).state, "orphan");
  assert.equal(at(NOW + ORPHAN_MAX_AGE_MS, FAILED).state, "failed");
});

Deno.test("postponeWebhook() drops the body of what was nobody's for a day, and of nothing else", () => {
  const at = (after: number, why: Parameters<typeof postponeWebhook>[1]) =>
    postponeWebhook(received(), why, NOW + after).body;
  const nobodys = { ...ORPHAN, nobodys: true } as const;
  assert.deepEqual(at(ORPHAN_MAX_AGE_MS - 1, nobodys), received().body);
  assert.deepEqual(Object.keys(at(ORPHAN_MAX_AGE_MS, nobodys) as object), ["dropped"]);
  for (const why of [ORPHAN, FAILED]) {
    assert.deepEqual(at(ORPHAN_MAX_AGE_MS, why), received().body);
  }
});

Deno.test("postponeWebhook() counts the day from the last repeat, not from the first arrival", () => {
  const repeated = repeatWebhook(received(), NOW + 20 * HOUR);
  const tried = postponeWebhook(repeated, ORPHAN, NOW + ORPHAN_MAX_AGE_MS);
  assert.notEqual(tried.dueAt, undefined);
});
