// Laws of newCallback(): what a callback begins as.

import assert from "node:assert/strict";
import { newCallback } from "../../domain/callback.ts";
import { anEvent } from "../support/callbacks.ts";

Deno.test("newCallback() is its event's, pending and due at once", () => {
  const event = anEvent({ ordinal: 7, type: "payment.failed" });
  const { id, type, paymentId, ordinal, createdAt } = event;
  const url = "https://shop.example/hook?key=1";
  assert.deepEqual(newCallback(event, url), {
    id,
    version: 1,
    type,
    paymentId,
    ordinal,
    url,
    host: "shop.example",
    state: "pending",
    dueAt: createdAt,
    tried: 0,
    triedInRound: 0,
    createdAt,
    updatedAt: createdAt,
    tries: [],
  });
});

Deno.test("newCallback() tells hosts apart by their ports, the usual one left out", () => {
  const hostOf = (url: string) => newCallback(anEvent(), url).host;
  assert.equal(hostOf("https://shop.example:443/a"), "shop.example");
  assert.equal(hostOf("https://shop.example:8443/a"), "shop.example:8443");
  assert.equal(hostOf("http://127.0.0.1:9/a"), "127.0.0.1:9");
});
