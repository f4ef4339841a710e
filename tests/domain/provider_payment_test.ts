// Laws of domain/provider_payment.ts.

import assert from "node:assert/strict";
import {
  CLOCK_SKEW_MS,
  differingFields,
  konsolExternalId,
  konsolMetadata,
  type ProviderPayment,
  reasonsNotOurs,
} from "../../domain/provider_payment.ts";
import {
  NOW,
  PHONE_REQUEST,
  queued,
  reportOf,
  submitted,
  submitting,
} from "../support/payment_states.ts";

const byCard = submitted();
const byPhone = submitted(PHONE_REQUEST);

/** Each correlating field with a report that differs in it alone. */
const DIFFERENCES: readonly (readonly [field: string, report: ProviderPayment])[] = [
  ["id", reportOf(byCard, { konsolId: "konsol_2" })],
  ["amount", reportOf(byCard, { amountMinor: byCard.amountMinor + 1 })],
  ["currency", reportOf(byCard, { currency: "USD" })],
  ["external_id", reportOf(byCard, { externalId: "order_125" })],
  ["metadata.payment_id", reportOf(byCard, { paymentId: "pay_2" })],
  ["payment_method", reportOf(byCard, { recipient: { kind: "phone" } })],
  ["card_number", reportOf(byCard, { recipient: { kind: "card", last4: "0000" } })],
  ["card_number", reportOf(byCard, { recipient: { last4: "0000" } })],
];

Deno.test("konsolExternalId() is the client's external_id, else our id", () => {
  assert.equal(konsolExternalId({ id: "pay_1", externalId: "order_124" }), "order_124");
  assert.equal(konsolExternalId({ id: "pay_1", externalId: undefined }), "pay_1");
});

Deno.test("konsolMetadata() adds our reference and the payment's type to the client's own", () => {
  assert.deepEqual(konsolMetadata(byPhone, { shelf: 7 }), {
    shelf: 7,
    payment_type: "phone_payment",
    payment_id: "pay_1",
  });
  assert.equal(konsolMetadata(byCard, undefined).payment_type, "card_payment");
});

Deno.test("konsolMetadata() lets no client's metadata stand for our reference", () => {
  const metadata = konsolMetadata(byCard, { payment_id: "pay_of_another", payment_type: "x" });
  assert.deepEqual(metadata, { payment_type: "card_payment", payment_id: "pay_1" });
});

Deno.test("differingFields() is empty for Konsol's faithful report, by card and by phone", () => {
  assert.deepEqual(differingFields(byCard, reportOf(byCard)), []);
  assert.deepEqual(differingFields(byPhone, reportOf(byPhone)), []);
});

Deno.test("differingFields() names each correlating field that differs, and it alone", () => {
  const named = DIFFERENCES.map(([, report]) => differingFields(byCard, report));
  assert.deepEqual(named, DIFFERENCES.map(([field]) => [field]));
});

Deno.test("differingFields() names another phone number and another way of paying", () => {
  const phone = reportOf(byPhone, { recipient: { phoneNumber: "+79000000000" } });
  const card = reportOf(byPhone, { recipient: { kind: "card", last4: "3456" } });
  assert.deepEqual(differingFields(byPhone, phone), ["phone_number"]);
  assert.deepEqual(differingFields(byPhone, card), ["payment_method"]);
});

Deno.test("differingFields() names all that differ at once", () => {
  const report = reportOf(byCard, { amountMinor: 1, currency: "USD", paymentId: "pay_2" });
  assert.deepEqual(differingFields(byCard, report), ["amount", "currency", "metadata.payment_id"]);
});

Deno.test("differingFields() takes what Konsol left out for neither agreement nor difference", () => {
  const bare = { konsolId: "konsol_1", status: undefined, statusText: "" };
  assert.deepEqual(differingFields(byCard, bare), []);
});

Deno.test("differingFields() compares no id while Konsol's is not known yet", () => {
  const payment = submitting();
  assert.deepEqual(differingFields(payment, reportOf(payment, { konsolId: "any" })), []);
});

Deno.test("differingFields() expects our id as external_id where the client gave none", () => {
  const payment = submitting({ externalId: undefined });
  assert.deepEqual(differingFields(payment, reportOf(payment, { externalId: "pay_1" })), []);
  assert.deepEqual(differingFields(payment, reportOf(payment, { externalId: "order_124" })), [
    "external_id",
  ]);
});

Deno.test("reasonsNotOurs() finds none against the payment that was sent", () => {
  assert.deepEqual(reasonsNotOurs(submitting(), reportOf(submitting())), []);
});

Deno.test("reasonsNotOurs() has a reason for every field that differs", () => {
  const reasons = DIFFERENCES.map(([, report]) => reasonsNotOurs(byCard, report));
  assert.deepEqual(reasons, DIFFERENCES.map(([field]) => [`${field} differs`]));
});

Deno.test("reasonsNotOurs() wants metadata.payment_id: external_id is not unique to us", () => {
  const report = reportOf(submitting(), { paymentId: undefined });
  assert.deepEqual(reasonsNotOurs(submitting(), report), ["metadata.payment_id is missing"]);
});

Deno.test("reasonsNotOurs() takes nothing for a payment that was never sent", () => {
  assert.deepEqual(reasonsNotOurs(queued(), reportOf(queued())), ["it was never sent"]);
});

Deno.test("reasonsNotOurs() refuses what is older than our first claim by more than the skew", () => {
  const at = (createdAt: number) => reasonsNotOurs(byCard, reportOf(byCard, { createdAt }));
  assert.deepEqual(at(NOW - CLOCK_SKEW_MS), []);
  assert.deepEqual(at(NOW - CLOCK_SKEW_MS - 1), ["it is older than our first attempt"]);
});

Deno.test("reasonsNotOurs() measures the age from the first claim, not from the latest", () => {
  const later = { ...byCard, attempt: 7, submissionSince: NOW + 10 * CLOCK_SKEW_MS };
  assert.deepEqual(reasonsNotOurs(later, reportOf(byCard, { createdAt: NOW })), []);
});

Deno.test("reasonsNotOurs() does without a time of creation where Konsol gives none", () => {
  assert.deepEqual(reasonsNotOurs(byCard, reportOf(byCard, { createdAt: undefined })), []);
});
