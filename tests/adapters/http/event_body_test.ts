// Laws of writeEvent(): the payment as clients see it, its numbers masked, nothing of ours in it.

import assert from "node:assert/strict";
import { writeEvent } from "../../../adapters/http/event_body.ts";
import { paymentView } from "../../../adapters/http/payment_view.ts";
import { CARD_PAYMENT, PHONE_PAYMENT } from "../../support/fake_application.ts";

const HEAD = {
  id: "evt_01",
  type: "payment.updated",
  createdAt: Date.UTC(2026, 0, 31, 12, 0, 0, 7),
} as const;

const asJson = (value: unknown) => JSON.parse(JSON.stringify(value));

Deno.test("writeEvent() writes its id, type and time, then the payment as clients see it", () => {
  const body = JSON.parse(writeEvent(HEAD, CARD_PAYMENT));
  assert.deepEqual(Object.keys(body), ["id", "type", "created_at", "data"]);
  assert.deepEqual(body, {
    id: "evt_01",
    type: "payment.updated",
    created_at: "2026-01-31T12:00:00.007Z",
    data: asJson(paymentView(CARD_PAYMENT)),
  });
});

Deno.test("writeEvent() masks the phone number, and changes nothing else", () => {
  const { data } = JSON.parse(writeEvent(HEAD, PHONE_PAYMENT));
  assert.equal(data.phone_number, "+7912*****89");
  const { phone_number: _, ...rest } = asJson(paymentView(PHONE_PAYMENT));
  const { phone_number: __, ...shown } = data;
  assert.deepEqual(shown, rest);
});

Deno.test("writeEvent() holds no card number, phone number or secret of a payment", () => {
  for (const payment of [CARD_PAYMENT, PHONE_PAYMENT]) {
    assert.doesNotMatch(writeEvent(HEAD, payment), /secret|79123456789|[0-9]{11}/);
  }
});
