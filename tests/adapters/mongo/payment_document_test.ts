// What a payment looks like in MongoDB: the seed's names, money as longs, times as dates, nothing lost.

import assert from "node:assert/strict";
import { BSON, type Document } from "mongodb";
import { PAYMENTS } from "../../../adapters/mongo/payment_document.ts";
import type { Payment } from "../../../domain/payment.ts";
import { claimForSending } from "../../../domain/payment_sending.ts";
import { asStored } from "../../contracts/stores.ts";
import { aPayment, aPhone, NOW } from "../../support/payments.ts";

/** Every field of a payment that can be set at once. */
function fullPayment(): Payment {
  const lease = { owner: "one", sendNotAfter: NOW + 5, until: NOW + 9.5 };
  return {
    ...claimForSending(aPayment({ userId: 5_000_000_000 }), lease, NOW),
    description: "Оплата \ud800\u0000",
    callbackUrl: "https://shop.example/hook",
    metadata: { "$a.b\u0000": [1, { "\ud800": null }] },
    firstClaimedAt: NOW,
    maybeSentAt: NOW + 1,
    cleanScans: 2,
    cleanScanAt: NOW + 2,
    konsolId: "k",
    konsolStatus: "paid",
    candidateKonsolId: "c",
    missingAt: [NOW, NOW + 3.25],
    paymentUrl: "https://konsol.example/p",
    failure: { code: "declined", message: "no" },
    providerDisagrees: true,
    acknowledgedAt: NOW + 5,
    paidAt: NOW + 4,
    dueAt: NOW + 0.5,
  };
}

const inBson = (payment: Payment): Document =>
  BSON.deserialize(BSON.serialize(PAYMENTS.toDocument(payment)), { promoteValues: false });

function throughBson(payment: Payment): Payment {
  return PAYMENTS.fromDocument(BSON.deserialize(BSON.serialize(PAYMENTS.toDocument(payment))));
}

Deno.test("fromDocument() gives back every field of a payment, through BSON", () => {
  const card = fullPayment();
  for (const payment of [card, { ...card, recipient: aPhone() }, aPayment()]) {
    assert.deepEqual(throughBson(payment), asStored(payment));
  }
});

Deno.test("toDocument() writes money as longs and times as dates", () => {
  const document = inBson(fullPayment());
  assert.equal(document.amount_minor._bsontype, "Long");
  assert.equal(document.user_id._bsontype, "Long");
  for (const time of ["created_at", "updated_at", "due_at", "paid_at", "maybe_sent_at"]) {
    assert.ok(document[time] instanceof Date, time);
  }
  assert.ok(document.history[0].at instanceof Date);
});

Deno.test("toDocument() rounds a time to be due up, and keeps it exactly beside", () => {
  const { due_at, due_at_exact } = PAYMENTS.toDocument(aPayment({ dueAt: 5.5 }));
  assert.deepEqual([due_at, due_at_exact], [new Date(6), 5.5]);
  const never = PAYMENTS.toDocument(aPayment({ dueAt: Number.MAX_SAFE_INTEGER }));
  assert.equal(never.due_at.toISOString(), "9999-12-31T23:59:59.999Z");
});

Deno.test("toDocument() uses the seed's names where the seed has the field", () => {
  const card = inBson(fullPayment());
  const phone = inBson({ ...fullPayment(), recipient: aPhone() });
  for (
    const name of [
      ...["konsol_id", "currency", "status", "payment_type", "user_id", "external_id"],
      ...["description", "callback_url", "metadata", "created_at", "updated_at", "paid_at"],
    ]
  ) assert.ok(name in card, name);
  assert.deepEqual([phone.payment_type, phone.bank, phone.phone_number], [
    "phone_payment",
    "Сбербанк",
    "+79123456789",
  ]);
});

Deno.test("toDocument() writes nothing for what is absent: an index would hold a null", () => {
  const document = PAYMENTS.toDocument(aPayment({ externalId: undefined, dueAt: undefined }));
  assert.ok(!("external_id" in document) && !("due_at" in document) && !("konsol_id" in document));
});
