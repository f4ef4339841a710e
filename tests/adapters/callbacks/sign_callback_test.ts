// Laws of adapters/callbacks/sign_callback.ts, by fixed vectors and by the standard's own library.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { signCallback } from "../../../adapters/callbacks/sign_callback.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The example that the standard's documents and libraries share. */
const SPEC_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SPEC = {
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  sentAt: 1_614_265_330_000,
  body: encoder.encode('{"test": 2432232314}'),
};
const SPEC_SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

function keyOf(secret: string): Uint8Array {
  return Buffer.from(secret.replace("whsec_", ""), "base64");
}

Deno.test("signCallback() gives the standard's own example", () => {
  assert.deepEqual(signCallback([keyOf(SPEC_SECRET)], SPEC), {
    "webhook-id": SPEC.id,
    "webhook-timestamp": "1614265330",
    "webhook-signature": SPEC_SIGNATURE,
  });
});

Deno.test("signCallback() gives what OpenSSL gives for a body that is not ASCII", () => {
  // printf 'evt_1.1700000000.{"имя":"Иван"}' | openssl dgst -sha256 -mac HMAC -macopt hexkey:… -binary | base64
  const key = new Uint8Array(32).fill(7);
  const body = encoder.encode('{"имя":"Иван"}');
  const headers = signCallback([key], { id: "evt_1", sentAt: 1_700_000_000_999, body });
  assert.equal(headers["webhook-signature"], "v1,GEJNZSwAdXW9UQlrBBi6nRDriEGzoef+4d6huYMuUss=");
});

Deno.test("signCallback() tells the time of the try in whole seconds, never of a second to come", () => {
  const timestamps = [999, 1_000, 1_999].map((sentAt) =>
    signCallback([], { ...SPEC, sentAt })["webhook-timestamp"]
  );
  assert.deepEqual(timestamps, ["0", "1", "1"]);
});

Deno.test("signCallback() signs with every key, in their order, one space between", () => {
  const [first, second] = [keyOf(SPEC_SECRET), new Uint8Array(64).fill(1)];
  const alone = [first, second].map((key) => signCallback([key], SPEC)["webhook-signature"]);
  const both = signCallback([first, second], SPEC)["webhook-signature"];
  assert.equal(both, alone.join(" "));
  assert.ok(both.startsWith(`${SPEC_SIGNATURE} v1,`));
});

Deno.test("signCallback() is believed by the standard's library, whichever of the keys it holds", () => {
  const key = fc.uint8Array({ minLength: 24, maxLength: 64 });
  const text = fc.string({ maxLength: 200 }).map((some) => `${some}ж€😀\u0000`);
  fc.assert(
    fc.property(fc.array(key, { minLength: 1, maxLength: 3 }), text, (keys, sent) => {
      const body = encoder.encode(sent);
      const signed = signCallback(keys, { id: "evt_1", sentAt: Date.now(), body });
      for (const held of keys) {
        const webhook = new Webhook(Buffer.from(held).toString("base64"));
        webhook.verify(decoder.decode(body), signed, { jsonParse: false });
      }
    }),
    { numRuns: 50 },
  );
});

Deno.test("signCallback() is not believed by the standard's library once anything of it is changed", () => {
  const webhook = new Webhook(SPEC_SECRET);
  const sentAt = Date.now();
  const signed = signCallback([keyOf(SPEC_SECRET)], { ...SPEC, sentAt });
  const verify = (body: string, more = {}) => () => webhook.verify(body, { ...signed, ...more });
  const body = decoder.decode(SPEC.body);
  assert.doesNotThrow(verify(body));
  assert.throws(verify(`${body} `));
  assert.throws(verify(body, { "webhook-id": "evt_2" }));
  assert.throws(verify(body, { "webhook-timestamp": String(Math.floor(sentAt / 1000) - 1) }));
  assert.throws(() => new Webhook(btoa("k".repeat(24))).verify(body, signed));
});
