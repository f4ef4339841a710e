// The body of an event: the payment as clients see it, but for its phone number, which leaves the house masked.

import type { WriteEvent } from "../../application/ports.ts";
import { maskedPhoneNumber } from "../../domain/phone_number.ts";
import { paymentView, timeView } from "./payment_view.ts";

export const writeEvent: WriteEvent = ({ id, type, createdAt }, payment) => {
  const { recipient } = payment;
  const masked = recipient.kind === "phone" &&
    { phone_number: maskedPhoneNumber(recipient.phoneNumber) };
  const data = { ...paymentView(payment), ...masked };
  return JSON.stringify({ id, type, created_at: timeView(createdAt), data });
};
