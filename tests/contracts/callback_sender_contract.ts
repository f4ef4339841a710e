// The contract of CallbackSender: every law that whatever brings events to receivers keeps.

import assert from "node:assert/strict";
import type { CallbackSender } from "../../application/ports.ts";

export interface Receiver {
  readonly url: string;
  /** The bodies that it was sent, in order. */
  readonly bodies: readonly string[];
  /** What it answers from now on. */
  answers(httpStatus: number, retryAfterSeconds?: number): void;
}

export interface SenderUnderTest extends AsyncDisposable {
  readonly sender: CallbackSender;
  readonly receiver: Receiver;
  /** Nobody is there. */
  readonly deadUrl: string;
}

export function callbackSenderContract(name: string, open: () => Promise<SenderUnderTest>): void {
  const law = (title: string, check: (rig: SenderUnderTest) => Promise<void>) =>
    Deno.test(`${name}.${title}`, async () => {
      await using rig = await open();
      await check(rig);
    });
  const eventId = "evt_1";

  law("send() brings the body as it is, once", async ({ sender, receiver }) => {
    const body = '{ "id":"evt_1", "data":{"description":"Платёж №1", "amount":1.50} }';
    const answer = await sender.send({ url: receiver.url, eventId, body });
    assert.equal(answer.kind, "answered");
    assert.deepEqual(receiver.bodies, [body]);
  });

  law("send() tells what the receiver answered, whatever it was", async ({ sender, receiver }) => {
    for (const status of [200, 204, 302, 404, 410, 500]) {
      receiver.answers(status);
      const answer = await sender.send({ url: receiver.url, eventId, body: "{}" });
      assert.ok(answer.kind === "answered" && answer.httpStatus === status, `${status}`);
      assert.ok(answer.ms >= 0 && answer.retryAfterMs === undefined);
    }
    assert.equal(receiver.bodies.length, 6);
  });

  law("send() tells how long the receiver wants to be left alone", async ({ sender, receiver }) => {
    receiver.answers(503, 120);
    const answer = await sender.send({ url: receiver.url, eventId, body: "{}" });
    assert.ok(answer.kind === "answered");
    assert.equal(answer.retryAfterMs, 120_000);
  });

  law("send() answers, and does not reject, when nobody is there", async ({ sender, deadUrl }) => {
    const answer = await sender.send({ url: deadUrl, eventId, body: "{}" });
    assert.ok(answer.kind === "failed");
    assert.equal(answer.reason, "connect_failed");
  });
}
