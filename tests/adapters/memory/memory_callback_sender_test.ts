// The receivers of callbacks in memory keep the contract, and show what tests ask of them.

import assert from "node:assert/strict";
import { answered, MemoryCallbackSender } from "../../../adapters/memory/memory_callback_sender.ts";
import { callbackSenderContract } from "../../contracts/callback_sender_contract.ts";
import { settle } from "../../support/fake_clock.ts";

const URL = "https://a.example/hook";
const DEAD = "https://b.example/hook";
const REQUEST = { url: URL, eventId: "evt_1", body: "{}" };

callbackSenderContract("MemoryCallbackSender", () => {
  const sender = new MemoryCallbackSender();
  sender.answers(DEAD, { kind: "failed", reason: "connect_failed", ms: 0 });
  return Promise.resolve({
    sender,
    receiver: {
      url: URL,
      get bodies() {
        return sender.requests.map(({ body }) => body);
      },
      answers: (status, seconds) =>
        sender.answers(URL, answered(status, seconds && seconds * 1_000)),
    },
    deadUrl: DEAD,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

Deno.test("answers() gives its answers one after the other, the last one for ever", async () => {
  const sender = new MemoryCallbackSender();
  sender.answers(URL, answered(500), answered(200));
  const got = [];
  for (let n = 0; n < 3; n++) got.push(await sender.send(REQUEST));
  assert.deepEqual(got, [answered(500), answered(200), answered(200)]);
  assert.deepEqual(sender.sentTo(URL), ["evt_1", "evt_1", "evt_1"]);
});

Deno.test("holding keeps a request that came without an answer until it is released", async () => {
  const sender = new MemoryCallbackSender();
  sender.holding.add(URL);
  let isAnswered = false;
  const sending = sender.send(REQUEST).then(() => isAnswered = true);
  await settle();
  assert.deepEqual([isAnswered, sender.holds.size], [false, 1]);
  sender.holds.release();
  await sending;
});
